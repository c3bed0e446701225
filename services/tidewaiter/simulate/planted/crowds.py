"""Cases that no single parcel shows: split shipments, many names at one address, one telephone for many."""

from collections.abc import Callable, Sequence
from typing import Final

from tidewaiter.simulate import people
from tidewaiter.simulate.declaration import Slot
from tidewaiter.simulate.places import US_CITIES, Fields
from tidewaiter.simulate.planted.contraband import PRESS_PARTS, Offer, offered
from tidewaiter.simulate.planted.draft import Case, Draft, Scene, Truth, group_of

_SPLIT: Final = Offer("smartphone unlocked 256 GB, sealed box", "8517130000", 740, 420)
_THRESHOLD_DOLLARS: Final = 2_500
_ADDRESS: Final = ("addr_lines", "city", "region", "postal", "country")
# How many names one address has, or parties one telephone, when the case must be found at the latest.
_MANY_NAMES: Final = 30
_MANY_PARTIES: Final = 12


def _split(scene: Scene, slots: Sequence[Slot]) -> Sequence[Draft]:
    consignee, group = scene.desk.consignee(), group_of(slots)
    drafts = []
    for number, declared in enumerate(_to_one(scene, slots, consignee, [_SPLIT] * len(slots)), start=1):
        over = number * _SPLIT.dollars > _THRESHOLD_DOLLARS
        codes = ("ELG-AGG",) if over else ()
        drafts.append(Draft(declared, Truth("split-shipment", "eligibility", codes, over, group=group)))
    return drafts


def _press_parts(scene: Scene, slots: Sequence[Slot]) -> Sequence[Draft]:
    codes = ("EQP-PRESS", "EQP-SPLIT")
    truth = Truth("press-parts-split", "equipment", codes, must_hold=True, group=group_of(slots))
    declared = _to_one(scene, slots, scene.desk.consignee(), PRESS_PARTS)
    return [Draft(one, truth) for one in declared]


def _to_one(
    scene: Scene, slots: Sequence[Slot], consignee: Fields, offers: Sequence[Offer]
) -> Sequence[Fields]:
    """Parcels of one shipper to one consignee, all on the flight of the first."""
    index, shipper = scene.desk.stranger("CN")
    made = [
        scene.desk.declared(slot, index, shipper, consignee, offered(offer, "CN"))
        for slot, offer in zip(slots, offers, strict=True)
    ]
    flight = {name: made[0][name] for name in _FLIGHT}
    return [declared | flight for declared in made]


_FLIGHT: Final = (
    "mawb", "flight_no", "flight_date", "origin_airport", "first_us_port", "eta", "arrival_tz",
)  # fmt: skip


def _crowd(
    case: str, codes: tuple[str, ...], limit: int, shared: Callable[[Scene], Fields], must_hold: bool = True
) -> Callable[[Scene, Sequence[Slot]], Sequence[Draft]]:
    """Parcels to different people who share some fields; from the ``limit``-th on it must be found."""

    def make(scene: Scene, slots: Sequence[Slot]) -> Sequence[Draft]:
        same, group = shared(scene), group_of(slots)
        drafts = []
        for number, slot in enumerate(slots, start=1):
            found = number >= limit
            truth = Truth(case, "addresses", codes if found else (), found and must_hold, group=group)
            consignee = _stranger(scene) | same
            drafts.append(Draft(scene.ordinary(slot, consignee=consignee), truth))
        return drafts

    return make


def _stranger(scene: Scene) -> Fields:
    """A private person whom no other parcel knows."""
    index = 7_000_000 + scene.chance.below(800_000)
    first, initial, last = people.us_name(scene.chance.below(1 << 60))
    return people.consignee(index) | {"name": people.written(first, initial, last, 9)}


def _house(scene: Scene) -> Fields:
    consignee = people.consignee(scene.chance.below(1 << 22))
    return {name: consignee[name] for name in _ADDRESS}


def mailbox(scene: Scene) -> Fields:
    """A box at a commercial mail receiving agency."""
    city = scene.chance.pick(US_CITIES)
    line = f"{scene.chance.between(200, 9_800)} Commerce Blvd"
    return {
        "addr_lines": ["The UPS Store", line, f"PMB {scene.chance.between(101, 480)}"],
        "city": city.name,
        "region": city.state,
        "postal": f"{city.first_zip:05d}",
        "country": "US",
    }


def _phone(scene: Scene) -> Fields:
    return {"phone": people.consignee(scene.chance.below(1 << 22))["phone"]}


def _box_customer(scene: Scene, slots: Sequence[Slot]) -> Sequence[Draft]:
    truth = Truth("innocent-mailbox", "addresses", innocent=True)
    consignee = _stranger(scene) | mailbox(scene)
    return [Draft(scene.ordinary(slots[0], consignee=consignee), truth)]


SINGLES: Final = (Case("innocent-mailbox", "addresses", _box_customer),)
CASES: Final = (
    Case("split-shipment", "eligibility", _split, size=5),
    Case("press-parts-split", "equipment", _press_parts, size=len(PRESS_PARTS)),
    Case(
        "one-phone-many-consignees",
        "addresses",
        _crowd("one-phone-many-consignees", ("ADR-PHONE",), _MANY_PARTIES, _phone, must_hold=False),
        size=15,
    ),
    Case(
        "many-names-one-address",
        "addresses",
        _crowd("many-names-one-address", ("ADR-MANY",), _MANY_NAMES, _house),
        size=34,
    ),
    Case(
        "mail-center-cluster",
        "addresses",
        _crowd("mail-center-cluster", ("ADR-CMRA", "ADR-MANY"), 1, mailbox, must_hold=False),
        size=34,
    ),
)
