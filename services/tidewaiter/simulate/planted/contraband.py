"""Goods to be found by text or number, presses and substances, and goods that only sound like them."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from tidewaiter.simulate import goods
from tidewaiter.simulate.declaration import Contents, Slot
from tidewaiter.simulate.origins import BY_COUNTRY
from tidewaiter.simulate.places import Fields
from tidewaiter.simulate.planted.draft import Case, Draft, Scene, Truth


class Offer(NamedTuple):
    """A text with the HTSUS number under which it is declared, US dollars and grams a piece."""

    text: str
    hts10: str
    dollars: int
    grams: int


_PRESSES: Final = (
    Offer("TDP 5 single punch tablet press machine, desktop", "8479899599", 690, 31_000),
    Offer("TDP 1.5 pill press, electric, 220 V", "8479899599", 520, 24_000),
    Offer("rotary tablet press, nine stations", "8479899599", 1_900, 62_000),
    Offer("manual pill press with handle, stainless steel", "8479899599", 140, 6_200),
    Offer("tablet machine for powder forming, TDP 0", "8479899599", 310, 17_000),
    Offer("capsule filling machine, semi automatic", "8422309191", 880, 28_000),
)
PRESS_PARTS: Final = (
    Offer("punch and die set, round 8 mm, hardened steel", "8207306095", 85, 640),
    Offer("die mold for TDP 5, letter M and 30", "8207306095", 78, 590),
    Offer("feeding hopper and drive wheel for tablet press", "8479909596", 96, 3_400),
)
_CAS: Final = (
    Offer("organic intermediate, white powder, CAS 125541-22-2, sample 100 g", "3824999397", 60, 140),
    Offer("99% purity CAS 79099-07-3 fine chemical, discreet packing", "3824999397", 75, 260),
    Offer("pigment additive cas no. 41979-39-9", "3204179086", 40, 1_050),
    Offer("cosmetic raw material (40064-34-4) 25 g", "3824999397", 35, 60),
    Offer("lab reagent cas:21409-26-7 research only", "3824999397", 120, 40),
)
_NAMED: Final = (
    Offer("carfentanil hydrochloride reference sample, 1 g", "3824999397", 90, 30),
    Offer("metonitazene powder 5 g", "3824999397", 110, 40),
    Offer("4-ANPP intermediate, crystalline", "3824999397", 140, 210),
    Offer("1-boc-4-piperidone, high purity powder", "3824999397", 130, 540),
    Offer("PMK methyl glycidate oil, one litre", "3824999397", 180, 1_150),
    Offer("fentanyl citrate powder, analytical grade", "3824999397", 95, 25),
)
_OBFUSCATED: Final = (
    Offer("bath crystals f e n t a n y l type A", "3307301000", 45, 120),
    Offer("hobby pigment f3nt4nyl blend, blue", "3204179086", 55, 90),
    Offer("fen\u200btanyl powder, plant food", "3824999397", 60, 110),
    Offer("芬太尼 粉末 10克", "3824999397", 70, 40),
    Offer("c-a-r-f-e-n-t-a-n-i-l sample for laboratory", "3824999397", 95, 30),
    Offer("fеntаnyl research powder", "3824999397", 85, 35),
)
_HEADINGS: Final = (
    Offer("heterocyclic compound, laboratory use, 50 g", "2933360000", 140, 90),
    Offer("piperidine derivative for synthesis, 100 g", "2933370000", 120, 150),
    Offer("organic compound, reference material", "2933340000", 90, 40),
)
_INNOCENT: Final = (
    Offer("fentanyl test strips, pack of 25, harm reduction", "3822190080", 24, 90),
    Offer("weekly pill organizer with fourteen compartments", "3924905650", 8, 160),
    Offer("hydraulic press for workshop, 6 ton bench type", "8462698060", 240, 21_000),
    Offer("aniline leather armchair cushion, brown", "9401910000", 85, 1_800),
    Offer("aniline leather wallet with coin pocket", "4202316000", 38, 120),
    Offer("naloxone hydrochloride nasal spray 4 mg, two doses", "3004909291", 45, 80),
    Offer("garlic press, stainless steel", "8205513030", 12, 310),
    Offer("french press coffee maker, glass, one litre", "7013492000", 28, 720),
)


def offered(offer: Offer, country: str) -> Fields:
    """The goods fields of a declaration that holds just that."""
    line = goods.special(offer.text, offer.hts10, offer.dollars * 100, offer.grams, BY_COUNTRY[country])
    return Contents.of((line,), BY_COUNTRY[country]).fields | {"entry_type": "11", "claim": "INFORMAL"}


def _goods_case(
    name: str, family: str, offers: Sequence[Offer], codes: tuple[str, ...], innocent: bool = False
) -> Case:
    truth = Truth(name, family, codes, must_hold=bool(codes), innocent=innocent)

    def make(scene: Scene, slots: Sequence[Slot]) -> Sequence[Draft]:
        index, shipper = scene.desk.stranger("CN")
        offer = offered(scene.chance.pick(offers), "CN")
        declared = scene.desk.declared(slots[0], index, shipper, scene.desk.consignee(), offer)
        return [Draft(declared, truth)]

    return Case(name, family, make)


CASES: Final = (
    _goods_case("pill-press", "equipment", _PRESSES, ("EQP-PRESS",)),
    _goods_case("cas-number", "narcotics", _CAS, ("NAR-SUBST", "NAR-CAS")),
    _goods_case("substance-named", "narcotics", _NAMED, ("NAR-SUBST",)),
    _goods_case("substance-obfuscated", "narcotics", _OBFUSCATED, ("NAR-SUBST",)),
    _goods_case("drug-heading", "narcotics", _HEADINGS, ("NAR-HS",)),
    _goods_case("innocent-goods", "narcotics", _INNOCENT, (), innocent=True),
)
