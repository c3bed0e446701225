"""Parties that are on a list, with what corroborates it; their addresses and telephones under other names."""

from collections.abc import Callable, Sequence
from typing import Final

from tidewaiter.domain.party import Address
from tidewaiter.simulate.declaration import Slot
from tidewaiter.simulate.places import Fields
from tidewaiter.simulate.planted.disguise import misspelt, transliterated, turned
from tidewaiter.simulate.planted.draft import Case, Draft, Scene, Truth
from tidewaiter.simulate.planted.usable import Placed

_DRUG_PROGRAMS: Final = frozenset({"SDNT", "SDNTK", "ILLICIT-DRUGS-EO14059"})
_FAMILY: Final = "watchlist"


def _fields(address: Address) -> Fields:
    parts: Fields = {
        "addr_lines": list(address.lines),
        "city": address.city,
        "region": address.region,
        "postal": address.postal,
        "country": address.country,
    }
    return {name: value for name, value in parts.items() if value}


def _shipped(scene: Scene, slot: Slot, country: str, changes: Fields) -> Fields:
    """A declaration whose shipper has those fields; it flies from that country if anything ordinary does."""
    index, shipper = scene.desk.stranger(country)
    declaration = scene.desk.declared(
        slot, index, shipper, scene.desk.consignee(), scene.desk.informal(index, shipper)
    )
    if "addr_lines" in changes:
        shipper = {name: value for name, value in shipper.items() if name not in ("region", "postal")}
    return declaration | {"shipper": shipper | changes}


def _party_case(
    name: str, needs: str, choices: Callable[[Scene], Sequence[Placed]], spell: Callable[[Scene, Placed], str]
) -> Case:
    def make(scene: Scene, slots: Sequence[Slot]) -> Sequence[Draft]:
        entry, address = placed = scene.chance.pick(choices(scene))
        code = "WL-SDN" if _DRUG_PROGRAMS.isdisjoint(entry.programs) else "WL-NARC"
        changes = {"name": spell(scene, placed), **_fields(address)}
        truth = Truth(name, _FAMILY, (code,), must_hold=True)
        return [Draft(_shipped(scene, slots[0], address.country, changes), truth)]

    return Case(name, _FAMILY, make, needs=needs)


def _other_name(scene: Scene, slots: Sequence[Slot]) -> Sequence[Draft]:
    _, address = scene.chance.pick(scene.listed.placed)
    truth = Truth("listed-address-other-name", _FAMILY, ("WL-ADDR",), must_hold=True)
    return [Draft(_shipped(scene, slots[0], address.country, _fields(address)), truth)]


def _hot_phone(scene: Scene, slots: Sequence[Slot]) -> Sequence[Draft]:
    phone = scene.chance.pick(scene.listed.telephoned)
    truth = Truth("hot-phone", _FAMILY, ("WL-ID",), must_hold=True)
    return [Draft(_shipped(scene, slots[0], phone.country, {"phone": f"+{phone.digits}"}), truth)]


def _namesake(scene: Scene, slots: Sequence[Slot]) -> Sequence[Draft]:
    entry = scene.chance.pick(scene.listed.namesakes)
    consignee = scene.desk.consignee() | {"name": turned(entry.name)}
    truth = Truth("innocent-namesake", _FAMILY, innocent=True)
    return [Draft(scene.ordinary(slots[0], consignee=consignee), truth)]


CASES: Final = (
    _party_case(
        "listed-misspelt",
        "placed",
        lambda scene: scene.listed.placed,
        lambda scene, placed: misspelt(placed.entry.name, scene.chance),
    ),
    _party_case(
        "listed-reordered",
        "placed",
        lambda scene: scene.listed.placed,
        lambda _, placed: turned(placed.entry.name),
    ),
    _party_case(
        "listed-transliterated",
        "scripted",
        lambda scene: scene.listed.scripted,
        lambda _, placed: transliterated(placed.entry.name, placed.address.country),
    ),
    Case("listed-address-other-name", _FAMILY, _other_name, needs="placed"),
    Case("hot-phone", _FAMILY, _hot_phone, needs="telephoned"),
    Case("innocent-namesake", _FAMILY, _namesake, needs="namesakes"),
)
