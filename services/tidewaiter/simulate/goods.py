"""What is in the parcels: goods with HTSUS numbers, and lines of goods with values and weights."""

from typing import Final, NamedTuple

from tidewaiter.simulate.chance import Chance
from tidewaiter.simulate.origins import Origin
from tidewaiter.simulate.places import Fields
from tidewaiter.simulate.vocabulary import table, words

_COLOURS: Final = words("colours")
_SIZES: Final = ("XS", "S", "M", "L", "XL", "XXL")
_MODEL_LETTERS: Final = "BCDFGHJKLNQRSVWXZ"
_VARIANTS: Final = 48
# Chapters and headings that the Food and Drug Administration regulates whole, with its programme codes.
_FDA: Final = dict.fromkeys(("04", "07", "08", "09", "17", "18", "19", "20", "21", "22"), "FOO") | {
    "30": "DRU",
    "33": "COS",
    **dict.fromkeys(("3822", "9018", "9019", "9020", "9021", "9022"), "DEV"),
}


class Good(NamedTuple):
    """A kind of goods: texts, HTSUS number, US cents and grams a piece, most pieces in a parcel."""

    texts: tuple[str, ...]
    hts10: str
    least_cents: int
    most_cents: int
    least_grams: int
    most_grams: int
    most_pieces: int


class Line(NamedTuple):
    """One line of goods with what it weighs and costs in all (in the origin's currency)."""

    item: Fields
    amount_cents: int
    grams: int


def _texts(pattern: str, hts10: str, chance: Chance) -> tuple[str, ...]:
    def text() -> str:
        letters = chance.pick(_MODEL_LETTERS) + chance.pick(_MODEL_LETTERS)
        size = str(chance.between(36, 45)) if hts10.startswith("64") else chance.pick(_SIZES)
        return pattern.format(
            c=chance.pick(_COLOURS), s=size, m=f"{letters}-{chance.between(100, 989)}", n=chance.between(2, 9)
        )

    return tuple(dict.fromkeys(text() for _ in range(_VARIANTS)))


def _goods() -> tuple[Good, ...]:
    chance = Chance(2_026)
    return tuple(
        Good(
            _texts(text, hts, chance), hts, int(low) * 100, int(high) * 100, int(light), int(heavy), int(most)
        )
        for text, hts, low, high, light, heavy, most in table("goods")
    )


GOODS: Final = _goods()


def money(cents: int) -> str:
    """A decimal string of hundredths."""
    return f"{cents // 100}.{cents % 100:02d}"


def kilograms(grams: int) -> str:
    """A decimal string of kilograms."""
    return f"{grams // 1000}.{grams % 1000:03d}"


def line(number: int, good: Good, origin: Origin, chance: Chance) -> Line:
    """A line of that kind of goods, with chance's text, pieces, value and weight."""
    draw = chance.random
    pieces = 1 + int(draw() * good.most_pieces)
    us_cents = good.least_cents + int(draw() * (good.most_cents - good.least_cents + 1))
    cents = us_cents * 100 // origin.us_cents
    grams = (good.least_grams + int(draw() * (good.most_grams - good.least_grams + 1))) * pieces
    item: Fields = {
        "line": number,
        "description": good.texts[int(draw() * len(good.texts))],
        "hts10": good.hts10,
        "qty": str(pieces),
        "uom": "PCS",
        "unit_value": money(cents),
        "currency": origin.currency,
        "net_weight_kg": kilograms(grams),
        "origin_country": "CN" if origin.country == "HK" else origin.country,
    }
    program = _FDA.get(good.hts10[:2]) or _FDA.get(good.hts10[:4])
    if program:
        item["pga"] = [{"agency": "FDA", "program": program, "data_present": True}]
    return Line(item, cents * pieces, grams)


def special(description: str, hts10: str, cents: int, grams: int, origin: Origin) -> Line:
    """A line with exactly that text and number, one piece: what planted cases carry."""
    good = Good((description,), hts10, cents, cents, grams, grams, 1)
    return line(1, good, origin, Chance(0))
