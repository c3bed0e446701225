"""A small bundle over a small catalogue, for the tests of the machinery."""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from tidewaiter.rules.bundle import Bundle
from tidewaiter.rules.catalogue import Catalogue, Fact, attribute
from tidewaiter.rules.cel.types import DOUBLE, DYN, INT, STRING, list_of, map_of
from tidewaiter.rules.ruleset import Ruleset

CATALOGUE = Catalogue(
    (
        Fact("parcel.value_usd", DOUBLE, "declared value", "parcel-events", "USD"),
        Fact("parcel.port", STRING, "first US port", "parcel-events"),
        Fact("items", list_of(map_of(STRING, DYN)), "each item", "parcel-events"),
        Fact("text.terms", map_of(STRING, list_of(STRING)), "terms by list", "parcel-events"),
        Fact("windows.names", INT, "names at one address", "windows", may_be_unknown=True),
    )
)
ORDINARY: Mapping[str, object] = {
    "parcel.value_usd": 48.0,
    "parcel.port": "2095",
    "items": ({"hts6": "610910", "qty": 1.0},),
    "text.terms": {},
    "windows.names": 1,
}

MAIN = """
name: trial
title: A trial
limits: {many: 8, rich: 700.5}
sets: {drug_headings: ["293333", "293334"]}
bands:
  - {name: low, from: 0}
  - {name: high, from: 70, holds: true, severity: 3, removable_by: OFFICER}
"""
NARCOTICS = """
family: narcotics
rules:
  - id: N03
    title: Declared HS in a drug heading
    rationale: None else declares them
    source: domain.md S12
    when: items.exists(i, i.hts6 in sets.drug_headings)
    action: {hold: NAR-HS, severity: 4, removable_by: OFFICER, disposition: "1A"}
    effective: {from: 2026-01-01, to: 2027-01-01}
    cases:
      - {name: drug heading, fires: true, facts: {items: [{hts6: "293334"}]}}
      - {name: the year before, fires: false, on: 2025-12-31, facts: {items: [{hts6: "293334"}]}}
  - id: N01
    title: Substance named
    rationale: It says so
    source: domain.md S12
    when: size(text.terms.substances) > 0
    action: {hold: NAR-SUBST, severity: 5, removable_by: OFFICER}
    cases:
      - {name: named, fires: true, facts: {text.terms: {substances: [fentanyl]}}}
      - {name: not named, fires: false}
"""
ADDRESS = """
family: address
rules:
  - id: A02
    title: Many names
    rationale: Drops
    source: domain.md S1
    when: >-
      windows.names >= limits.many
      || parcel.value_usd > limits.rich
    action: {score: ADR-MANY, weight: 20, holds_when: windows.names > 20, severity: 2, removable_by: OFFICER}
    mode: shadow
    cases:
      - {name: many, fires: true, holds: false, facts: {windows.names: 9}}
      - {name: very many, fires: true, holds: true, facts: {windows.names: 40}}
      - {name: rich, fires: true, unknown: [windows.names], facts: {parcel.value_usd: 800}}
      - {name: windows out, fires: unknown, unknown: [windows.names]}
      - {name: few, fires: false}
"""
SUBSTANCES = """
name: substances
title: Substances
source: domain.md S12
terms:
  - {term: fentanyl, variants: [fentanil, 芬太尼], cas: ["437-38-7"], hs: ["293333"]}
  - {term: 4-ANPP, variants: [ANPP]}
  - {term: propionyl chloride, from: 2026-03-10}
innocents: [fentanyl test strip, anpp city]
"""

FILES = {
    "ruleset.yaml": MAIN,
    "narcotics.yaml": NARCOTICS,
    "address.yaml": ADDRESS,
    "wordlists/substances.yaml": SUBSTANCES,
}


def ruleset(**changes: str) -> Ruleset:
    """The bundle with some files' text changed; a name's "__" stands for "/", and ".yaml" is added."""
    changed = {f"{name.replace('__', '/')}.yaml": text for name, text in changes.items()}
    return Ruleset.of(Bundle({**FILES, **changed}), CATALOGUE)


def facts(**changes: Any) -> SimpleNamespace:
    """The ordinary facts with some changed, by attribute."""
    terms = {"substances": ()}
    plain = {attribute(name): value for name, value in ORDINARY.items()}
    return SimpleNamespace(**{**plain, "text__terms": terms, **changes})
