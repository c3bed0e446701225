"""A sighting: one declared parcel as it counts for one shipper, lane, address, text or heading of goods."""

from collections.abc import Iterator
from hashlib import blake2b
from typing import Annotated, Final, Literal, Protocol, get_args

from msgspec import Meta, Struct

from tidewaiter.domain.event import ParcelEvent
from tidewaiter.matching import habits

Kind = Literal["shipper", "lane", "address", "text", "goods"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

DAY_MS: Final = 86_400_000
MINUTE_MS: Final = 60_000
_NOBODY: Final = 0
# Days are kept in two bytes, from 1970 to 2149. What is told of another time is no day of anybody's habit.
_DAYS: Final = range(1 << 16)
# Values of four bytes; nothing honest is worth 43 million dollars a kilogram.
_MOST: Final = (1 << 32) - 1

# What a bundle may say: a number beyond has no room in the table.
_FourBytes = Annotated[int, Meta(ge=0, le=_MOST)]
_Day = Annotated[int, Meta(ge=0, lt=len(_DAYS))]
_Instant = Annotated[int, Meta(ge=0, lt=len(_DAYS) * DAY_MS)]


class Tokens(Protocol):
    """Names, addresses and texts leave this process only as tokens under a secret."""

    def token(self, kind: str, text: str) -> str: ...


class Measured(Struct, frozen=True, gc=False, array_like=True):
    """A parcel as it is counted. ``at_ms`` is event time, ``parcel`` carrier|hawb, ``hashed`` 32 bits of it.

    Values are 0 where they were not declared.
    """

    at_ms: _Instant
    parcel: str
    hashed: _FourBytes
    cents_per_kg: _FourBytes
    grams_per_unit: _FourBytes
    held: bool = False

    @property
    def day(self) -> int:
        """Days since 1970, in UTC."""
        return self.at_ms // DAY_MS

    @property
    def minute(self) -> int:
        """Minute of the day, in UTC."""
        return self.at_ms % DAY_MS // MINUTE_MS


class Sighting(Struct, frozen=True, gc=False, array_like=True):
    """``parcel`` counts for ``entity`` of ``kind`` (a token; of a lane and of goods as it is).

    ``party`` is a hash of whoever is on the other side, for counting distinct ones: a shipper's consignee,
    a lane's and a text's shipper, the name at an address. ``known_since`` is the day on which a text's
    shipper was first seen. ``text`` is that of a shipper's parcel, "" for none: who keeps the shipper passes
    it on, since only there it is known how new the shipper is.
    """

    kind: Kind
    entity: str
    parcel: Measured
    party: _FourBytes = _NOBODY
    known_since: _Day = 0
    text: str = ""


def hash_of(text: str) -> int:
    """32 well mixed bits: a carrier's numbers come in sequence."""
    return int.from_bytes(blake2b(text.encode(errors="surrogatepass"), digest_size=4).digest(), "little")


def sightings(event: ParcelEvent, tokens: Tokens, *, held: bool = False) -> Iterator[Sighting]:
    """What a declaration counts for, in about 60 us; nothing for other messages, or of no possible time.

    ``held`` says that the parcel was held: the same sightings once more, marked so. A text's sighting comes
    from whoever keeps the shipper, see `Sighting`.
    """
    if not event.has_declaration or not _is_countable(event):
        return
    keys = habits.party_keys(event)
    yield from habit_sightings(event, keys, tokens, held=held)
    measured = _measured(event, habits.goods_measures(event), held=held)
    for lane in lanes(event):
        yield Sighting("lane", lane, measured, _party(keys.shipper))


def habit_sightings(
    event: ParcelEvent, keys: habits.PartyKeys, tokens: Tokens, *, held: bool = False
) -> Iterator[Sighting]:
    """Those of a declaration that features are made of, all but its lanes'; ``keys`` are its parties'."""
    if not _is_countable(event):
        return
    goods = habits.goods_measures(event)
    parcel = _measured(event, goods, held=held)
    shipper, address, consignee = keys
    if shipper:
        text = habits.text_key(event)
        yield Sighting(
            "shipper",
            tokens.token("shipper", shipper),
            parcel,
            _party(consignee, address),
            text=tokens.token("text", text) if text else "",
        )
    if address:
        yield Sighting("address", tokens.token("address", address), parcel, _party(consignee))
    if goods is not None:
        yield Sighting("goods", goods.heading, parcel, _party(shipper))


def lanes(event: ParcelEvent) -> tuple[str, ...]:
    """Origin>port>HS chapter, once for each chapter of the goods; () without origin or port.

    The origin is where the goods were sent from, else the shipper's country.
    """
    origin = event.export_country or (event.shipper.country if event.shipper else "")
    if not origin or not event.first_us_port:
        return ()
    chapters = dict.fromkeys(item.hts10[:2] for item in event.items if item.hts10[:2].isdigit())
    return tuple(f"{origin}>{event.first_us_port}>{chapter}" for chapter in chapters)


def _is_countable(event: ParcelEvent) -> bool:
    # As an integer: a float would be compared with every day of the range.
    return int(event.event_time.timestamp() * 1000) // DAY_MS in _DAYS


def _measured(event: ParcelEvent, goods: habits.GoodsMeasures | None, *, held: bool) -> Measured:
    value, weight = event.in_usd, event.gross_weight_kg
    cents_per_kg = float(value * 100 / weight) if value and weight else None
    return Measured(
        int(event.event_time.timestamp() * 1000),
        event.key,
        hash_of(event.key),
        _whole(goods.cents_per_kg if goods else cents_per_kg),
        _whole(goods.grams_per_unit if goods else None),
        held,
    )


def _whole(value: float | None) -> int:
    return 0 if value is None else min(max(1, round(value)), _MOST)


def _party(*texts: str) -> int:
    told = "|".join(filter(None, texts))
    return hash_of(told) if told else _NOBODY
