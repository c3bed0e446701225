"""An ordinary declaration: everything that the law asks for, in order, within the thresholds."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from msgspec import Struct

from tidewaiter.simulate import goods, people
from tidewaiter.simulate.chance import RANKS, Chance
from tidewaiter.simulate.goods import GOODS, Line, kilograms, money
from tidewaiter.simulate.origins import BANK_HOURS, BY_COUNTRY, CARRIERS, Carrier, Origin, flight
from tidewaiter.simulate.places import Fields

# Consignees of one day: one parcel in five goes to somebody of the 300,000 regulars, the others to anybody.
_REGULARS: Final = 300_000
_EVERYBODY: Final = 5_000_000
_GIFT_LIMIT_CENTS: Final = 10_000
_IMPORTERS: Final = 400_000


class Slot(Struct, frozen=True, gc=False):
    """A parcel's place in the stream: its number there, the time, and the carrier's number for it."""

    position: int
    at: datetime
    seed: int

    def hawb(self, carrier: Carrier) -> str:
        """A house air waybill number of its own, in the carrier's shape."""
        serial = (self.position * 7_919 + self.seed * 104_729) % 1_000_000_000
        return f"{carrier.hawb_prefix}{serial:09d}"

    @property
    def bank(self) -> int:
        """The number of the bank of flights that the parcel makes, see ``origins.flight``."""
        return (self.at.toordinal() * 24 + self.at.hour) // BANK_HOURS


class Contents(NamedTuple):
    """The goods fields of a declaration (items, values, weights), and what it is worth in US cents."""

    fields: Fields
    us_cents: int

    @classmethod
    def of(cls, lines: Sequence[Line], origin: Origin) -> "Contents":
        """Sum the lines up; US cents are rounded half up."""
        amount = grams = 0
        for line in lines:
            amount += line.amount_cents
            grams += line.grams
        us_cents = (amount * origin.us_cents + 50) // 100
        fields: Fields = {
            "items": [line.item for line in lines],
            "gross_weight_kg": kilograms(grams * 108 // 100 + 60),
            "declared_value": money(amount),
            "currency": origin.currency,
            "value_usd": money(us_cents),
            "value_basis": "TRANSACTION",
            "description_raw": "; ".join([str(line.item["description"]) for line in lines]),
        }
        return cls(fields, us_cents)


def carrier_of(shipper_index: int) -> Carrier:
    """The carrier with which a shipper has its account."""
    return CARRIERS[(0, 1, 2, 0, 1, 2, 0, 1)[shipper_index % 8]]


class Desk:
    """Where declarations are made, from one seed: the ordinary ones, and parts for the planted ones."""

    def __init__(self, seed: int) -> None:
        self.chance = Chance(seed)
        self.seed = seed

    def ordinary(self, slot: Slot) -> Fields:
        """A declaration without anything to find in it."""
        chance = self.chance
        index = chance.rank()
        shipper = people.shipper(index)
        if chance.random() < 0.012:
            return self._formal(slot, index, shipper)
        return self.declared(slot, index, shipper, self.consignee(), self.informal(index, shipper))

    def informal(self, index: int, shipper: Fields) -> Fields:
        """Goods and entry of an informal declaration; small ones from private persons are gifts."""
        contents = self.contents(index, BY_COUNTRY[str(shipper["country"])])
        is_gift = people.is_private(shipper) and contents.us_cents < _GIFT_LIMIT_CENTS
        return contents.fields | {"entry_type": "11", "claim": "GIFT" if is_gift else "INFORMAL"}

    def _formal(self, slot: Slot, index: int, shipper: Fields) -> Fields:
        origin = BY_COUNTRY[str(shipper["country"])]
        dearest = max(self._assortment(index), key=lambda good: good.most_cents)
        pieces = 260_000 // dearest.most_cents + self.chance.between(2, 20)
        dear = dearest._replace(least_cents=dearest.most_cents, most_pieces=1)
        one = goods.line(1, dear, origin, self.chance)
        item = one.item | {"qty": str(pieces), "net_weight_kg": kilograms(one.grams * pieces)}
        contents = Contents.of((Line(item, one.amount_cents * pieces, one.grams * pieces),), origin)
        buyer = people.importer(self.chance.below(_IMPORTERS))
        number = f"{self.chance.between(10, 98)}-{self.chance.between(1_000_000, 9_999_998)}00"
        entry: Fields = {"entry_type": "01", "claim": "FORMAL", "ior_number": number}
        return self.declared(slot, index, shipper, buyer, contents.fields | entry)

    def declared(
        self, slot: Slot, index: int, shipper: Fields, consignee: Fields, goods_and_entry: Fields
    ) -> Fields:
        """A whole declaration around the goods; ``index`` is the shipper's number."""
        carrier = carrier_of(index)
        serial = (slot.position * 31 + slot.seed) % 100_000_000
        return {
            "source_carrier": carrier.code,
            "hawb": slot.hawb(carrier),
            **self.flight(slot, carrier, str(shipper["country"])),
            "entry_number": f"{carrier.code}{serial:08d}",
            "channel": "EXPRESS",
            "shipper": shipper,
            "consignee": consignee,
            "pieces": 1,
            **goods_and_entry,
            "ship_from_location": f"{shipper['city']}, {shipper['country']}",
            "security_screening": "SCREENED",
        }

    def flight(self, slot: Slot, carrier: Carrier, country: str) -> Fields:
        """The flight that the parcel makes from that country, by the carrier's busier hubs more often."""
        airports = BY_COUNTRY[country].airports
        airport = airports[self.chance.below(len(airports))]
        draw = self.chance.random()
        port_number = int(draw * draw * len(carrier.ports))
        return flight(carrier.number, airport, port_number, slot.bank)

    def contents(self, index: int, origin: Origin) -> Contents:
        """One to three lines out of the shipper's assortment."""
        draw = self.chance.random()
        count = 1 if draw < 0.7 else 2 if draw < 0.92 else 3
        assortment = self._assortment(index)
        return Contents.of(
            [goods.line(n, self.chance.pick(assortment), origin, self.chance) for n in range(1, count + 1)],
            origin,
        )

    def _assortment(self, index: int) -> Sequence[goods.Good]:
        first = index * 37 % (len(GOODS) - 8)
        return GOODS[first : first + 8]

    def consignee(self) -> Fields:
        """Somebody: a regular in one of five cases."""
        chance = self.chance
        return people.consignee(chance.below(_REGULARS if chance.random() < 0.2 else _EVERYBODY))

    def stranger(self, country: str) -> tuple[int, Fields]:
        """The number and fields of a shipper in that country, or in any when it ships nothing."""
        index = self.chance.below(RANKS)
        origin = BY_COUNTRY.get(country)
        return (index, people.shipper_of(index, origin)) if origin else (index, people.shipper(index))
