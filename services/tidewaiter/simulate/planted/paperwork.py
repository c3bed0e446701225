"""Declarations that are wrong as papers: vague, incomplete, badly numbered, resent, or of a dead claim."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final

from tidewaiter.simulate.declaration import Slot
from tidewaiter.simulate.goods import money
from tidewaiter.simulate.places import US_CITIES, Fields
from tidewaiter.simulate.planted.draft import Case, Draft, Scene, Truth, group_of, party

Changed = Callable[[Scene, Sequence[Slot]], Fields]
_FAMILY: Final = "documents"
# Texts that Transport Canada's PACT guide (v1.9, 6.2) names as not acceptable, and others of their kind.
_VAGUE: Final = (
    "Accessories", "Gifts", "Parts", "Merchandise", "Sample", "Personal effects", "Miscellaneous products",
    "Goods", "Freight all kinds", "123456", "......", "Others",
)  # fmt: skip
_NAMES: Final = ("TBD", "Unknown", "N/A", "XXXX")


def _vague(scene: Scene, slots: Sequence[Slot]) -> Fields:
    declaration = scene.ordinary(slots[0])
    text = scene.chance.pick(_VAGUE)
    items = declaration["items"]
    first = items[0] if isinstance(items, list) else {}
    return declaration | {"description_raw": text, "items": [first | {"description": text}]}


def _bad_number(scene: Scene, slots: Sequence[Slot]) -> Fields:
    declaration = scene.ordinary(slots[0])
    kind = scene.chance.below(3)
    if kind == 0:
        right = str(declaration["mawb"])
        return declaration | {"mawb": right[:-1] + str((int(right[-1]) + 1) % 7)}
    if kind == 1:
        # The digits 00000000 have the check digit 5, so that no other of these can be right.
        return declaration | {"s10": f"LZ00000000{scene.chance.pick('012346789')}CN"}
    return declaration | {"consignee": _elsewhere(scene, party(declaration, "consignee"))}


def _elsewhere(scene: Scene, consignee: Fields) -> Fields:
    """The consignee with the ZIP code of another state."""
    far = [city for city in US_CITIES if city.state != consignee["region"]]
    return consignee | {"postal": f"{scene.chance.pick(far).first_zip:05d}"}


def _missing(scene: Scene, slots: Sequence[Slot]) -> Fields:
    kind = scene.chance.below(4)
    if kind == 0:
        return scene.ordinary(slots[0], gross_weight_kg=None)
    role, lost = (("consignee", "addr_lines"), ("shipper", "name"), ("consignee", "name"))[kind - 1]
    declaration = scene.ordinary(slots[0])
    left = {name: value for name, value in party(declaration, role).items() if name != lost}
    return declaration | {role: left}


def _placeholder(scene: Scene, slots: Sequence[Slot]) -> Fields:
    declaration = scene.ordinary(slots[0])
    consignee = party(declaration, "consignee")
    kind = scene.chance.below(3)
    if kind == 0:
        return declaration | {"consignee": consignee | {"name": scene.chance.pick(_NAMES)}}
    if kind == 1:
        return declaration | {"consignee": consignee | {"phone": "0000000000"}}
    return declaration | {"shipper": party(declaration, "shipper") | consignee}


def _dead_claim(scene: Scene, slots: Sequence[Slot]) -> Fields:
    return scene.ordinary(slots[0]) | {"entry_type": "86", "claim": "SEC321"}


def _resent(scene: Scene, slots: Sequence[Slot]) -> Sequence[Draft]:
    first = scene.ordinary(slots[0])
    lowered = {name: money(int(Decimal(str(first[name])) * 20)) for name in ("declared_value", "value_usd")}
    group = group_of(slots)
    truth = Truth("conflicting-resend", _FAMILY, group=group)
    found = Truth("conflicting-resend", _FAMILY, ("DOC-DUP",), must_hold=True, group=group)
    return [Draft(first, truth, resend=Draft(first | lowered, found))]


def _one(name: str, family: str, code: str, change: Changed) -> Case:
    truth = Truth(name, family, (code,), must_hold=True)

    def make(scene: Scene, slots: Sequence[Slot]) -> Sequence[Draft]:
        return [Draft(change(scene, slots), truth)]

    return Case(name, family, make)


CASES: Final = (
    _one("vague-text", _FAMILY, "DOC-DESC", _vague),
    _one("bad-identifier", _FAMILY, "DOC-IDFMT", _bad_number),
    _one("missing-mandatory", _FAMILY, "DOC-MISS", _missing),
    _one("placeholder-party", _FAMILY, "DOC-PARTY", _placeholder),
    _one("suspended-claim", "eligibility", "ELG-SUSP", _dead_claim),
    Case("conflicting-resend", _FAMILY, _resent),
)
