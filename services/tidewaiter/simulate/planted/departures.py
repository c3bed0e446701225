"""Cases that only a habit shows: a shipper's flood, a fall of its prices, one text from many new shippers."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from tidewaiter.simulate import people
from tidewaiter.simulate.chance import RANKS
from tidewaiter.simulate.declaration import Slot
from tidewaiter.simulate.goods import money
from tidewaiter.simulate.places import Fields
from tidewaiter.simulate.planted.contraband import Offer, offered
from tidewaiter.simulate.planted.draft import Case, Draft, Scene, Truth, group_of

FAMILY: Final = "habits"
# Of 1,500 parcels a day such a shipper sends one or two: its habit is known, and a flood stands out.
_SMALL_RANKS: Final = (30, 90)
_GREAT_RANKS: Final = (2, 6)
_FLOOD, _FALL, _SHIPPERS, _BURST = 60, 45, 12, 8
_CHEAPER: Final = 8
_NEW: Final = 1_000_000
_SPREAD_TEXT: Final = Offer("ceramic glaze powder, frosted white, for kiln firing", "3207200000", 24, 900)
_STARTED: Final = Offer("stainless steel tea strainer with long handle", "7323930080", 9, 150)
# The other bags and wallets of that heading weigh 50 g and more.
_LIGHT: Final = Offer("leather handbag with short strap, dark green", "4202219000", 38, 2)


def _flood(scene: Scene, slots: Sequence[Slot]) -> Sequence[Draft]:
    """A shipper that is known for a parcel or two a day sends sixty at once."""
    index = scene.chance.between(*_SMALL_RANKS)
    return [
        Draft(_ordinary_of(scene, slot, index), _truth("shipper-surge", "SHP-VEL", slots)) for slot in slots
    ]


def _fall(scene: Scene, slots: Sequence[Slot]) -> Sequence[Draft]:
    """A great shipper declares the goods that it always sends at an eighth of their worth."""
    index = scene.chance.between(*_GREAT_RANKS)
    truth = _truth("price-collapse", "VAL-LOW", slots)
    return [Draft(_cheaper(_ordinary_of(scene, slot, index)), truth) for slot in slots]


def _one_text(scene: Scene, slots: Sequence[Slot]) -> Sequence[Draft]:
    """Shippers that nobody knew describe their goods in the same words."""
    truth = _truth("text-across-shippers", "SHP-TEXT", slots)
    return [Draft(_offered(scene, slot, _stranger(scene), _SPREAD_TEXT), truth) for slot in slots]


def _one_door(scene: Scene, slots: Sequence[Slot]) -> Sequence[Draft]:
    """An address that was never sent to gets parcels from all sides."""
    truth = _truth("address-burst", "ADR-NEW", slots)
    consignee = people.consignee(8_000_000 + scene.chance.below(900_000))
    drafts = [_offered(scene, slot, _stranger(scene), _STARTED) for slot in slots]
    return [Draft(one | {"consignee": consignee}, truth) for one in drafts]


def _too_light(scene: Scene, slots: Sequence[Slot]) -> Sequence[Draft]:
    """Goods of a common heading at a weight that they cannot have."""
    declared = _offered(scene, slots[0], scene.chance.below(RANKS), _LIGHT)
    return [Draft(declared | {"gross_weight_kg": "0.004"}, _truth("weight-anomaly", "VAL-WT", slots))]


def _truth(case: str, code: str, slots: Sequence[Slot]) -> Truth:
    return Truth(case, FAMILY, (code,), group=group_of(slots))


def _stranger(scene: Scene) -> int:
    """The number of a shipper that ordinary traffic never has."""
    return _NEW + scene.chance.below(_NEW)


def _ordinary_of(scene: Scene, slot: Slot, index: int) -> Fields:
    desk, shipper = scene.desk, people.shipper(index)
    return desk.declared(slot, index, shipper, desk.consignee(), desk.informal(index, shipper))


def _offered(scene: Scene, slot: Slot, index: int, offer: Offer) -> Fields:
    shipper = people.shipper(index)
    goods = offered(offer, str(shipper["country"]))
    return scene.desk.declared(slot, index, shipper, scene.desk.consignee(), goods)


def _cheaper(declared: Fields) -> Fields:
    """All values a fraction of what they were; texts, pieces and weights as they were."""
    lowered = {name: _fraction(declared[name]) for name in ("declared_value", "value_usd")}
    items = declared["items"]
    lines = items if isinstance(items, list) else []
    return (
        declared | lowered | {"items": [one | {"unit_value": _fraction(one["unit_value"])} for one in lines]}
    )


def _fraction(amount: object) -> str:
    return money(max(1, int(Decimal(str(amount)) * 100 / _CHEAPER)))


CASES: Final = (
    Case("shipper-surge", FAMILY, _flood, size=_FLOOD),
    Case("price-collapse", FAMILY, _fall, size=_FALL),
    Case("text-across-shippers", FAMILY, _one_text, size=_SHIPPERS),
    Case("address-burst", FAMILY, _one_door, size=_BURST),
    Case("weight-anomaly", FAMILY, _too_light),
)
