"""The law by date: the answers of the shipped calendar, and that there is always exactly one."""

import os
import re
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidewaiter.rules.errors import RuleError
from tidewaiter.rules.policy import Policy
from tidewaiter.rules.policyfile import CHANNELS, PolicyRow

ROOT = Path(__file__).parents[3]
FILE = ROOT / "deploy" / "policy" / "us-low-value.yaml"
TEXT = FILE.read_text()
POLICY = Policy.load(FILE)

ADMITTED = """
  - id: {id}
    title: low-value claim admitted
    effect: admits
    from: 2025-01-01
    to: 2025-02-01
    {more}
    threshold_usd: "{limit}"
    source: none
    confidence: none
"""

DAYS = st.dates(date(1950, 1, 1), date(2050, 1, 1))
ORIGINS = st.sampled_from(["CN", "HK", "DE", "cn", "", "??"])
ENTRY_TYPES = st.sampled_from(["", "01", "11", "13", "86"])


@pytest.mark.parametrize(
    ("day", "origin", "channel", "admitted", "row"),
    [
        (date(2016, 3, 9), "DE", "EXPRESS", True, "US-321-200"),
        (date(2016, 3, 10), "DE", "EXPRESS", True, "US-321-800"),
        (date(2025, 2, 6), "CN", "EXPRESS", False, "US-CN-FIRST"),
        (date(2025, 2, 7), "CN", "EXPRESS", True, "US-321-800"),
        (date(2025, 5, 1), "HK", "EXPRESS", True, "US-321-800"),
        (date(2025, 5, 2), "HK", "EXPRESS", False, "US-CN-NONPOST"),
        (date(2025, 5, 2), "HK", "POST", False, "US-CN-POST-120"),
        (date(2025, 8, 28), "DE", "EXPRESS", True, "US-321-800"),
        (date(2025, 8, 29), "DE", "EXPRESS", False, "US-GLOBAL-NONPOST"),
        (date(2026, 3, 1), "DE", "POST", False, "US-IEEPA-END"),
        (date(2027, 7, 1), "DE", "TRUCK", False, "US-GLOBAL-NONPOST"),
    ],
)
def test_policy_decides_the_claim_by_the_row_in_force(
    day: date, origin: str, channel: str, admitted: bool, row: str
) -> None:
    ruling = POLICY.on(day, origin, channel, "86")
    assert ruling.claim_admitted is admitted
    assert ruling.rows[0] == row


def test_policy_gives_no_threshold_to_a_claim_that_is_suspended() -> None:
    assert POLICY.on(date(2025, 5, 1), "CN", "EXPRESS", "86").threshold_usd == Decimal(800)
    assert POLICY.on(date(2025, 5, 3), "CN", "EXPRESS", "86").threshold_usd == 0
    assert POLICY.on(date(2025, 5, 3), "CN", "EXPRESS", "11").threshold_usd == Decimal(2500)
    assert POLICY.on(date(2025, 5, 3), "CN", "EXPRESS", "01").threshold_usd is None


def test_policy_limits_post_that_names_no_entry_type_when_the_claim_is_suspended() -> None:
    assert POLICY.on(date(2025, 8, 28), "DE", "POST", "").threshold_usd == Decimal(800)
    assert POLICY.on(date(2025, 8, 29), "DE", "POST", "").threshold_usd == Decimal(2500)
    assert POLICY.on(date(2025, 8, 29), "DE", "POST", "86").threshold_usd == 0
    assert POLICY.on(date(2025, 8, 29), "DE", "EXPRESS", "").threshold_usd == 0


def test_policy_ends_entry_type_86_with_its_test() -> None:
    assert POLICY.on(date(2025, 8, 28), "DE", "AIR", "86").entry_type_admitted
    assert not POLICY.on(date(2025, 8, 29), "DE", "AIR", "86").entry_type_admitted


def test_policy_cites_every_row_that_bears_on_the_parcel_and_no_other() -> None:
    post = POLICY.on(date(2025, 5, 3), "CN", "POST", "")
    assert post.rows == ("US-CN-POST-120", "US-GIFT")
    assert (post.duties, post.gift_limit_usd) == (("120 % ad valorem or $100 an item",), Decimal(100))
    informal = POLICY.on(date(2025, 5, 3), "CN", "EXPRESS", "11")
    assert informal.rows == ("US-CN-NONPOST", "US-GIFT")
    assert (informal.duties, informal.entry_type_admitted) == ((), True)
    claim = POLICY.on(date(2019, 10, 1), "DE", "EXPRESS", "86")
    assert claim.rows == ("US-321-800", "US-ET86", "US-GIFT")
    assert claim.mandatory == (*POLICY.calendar.mandatory, "items.hts10")


def test_policy_enforces_enhanced_acas_a_year_after_it_begins() -> None:
    before, after = (POLICY.on(date(2026, 11, day), "DE", "EXPRESS", "11") for day in (20, 21))
    assert "consignee.phone" in before.advised
    assert "consignee.phone" not in before.mandatory
    assert "consignee.phone" in after.mandatory
    vouched = "shipper.phone|shipper.account.known_consignor"
    assert (vouched in before.advised, vouched in after.mandatory) == (True, True)


@given(DAYS, ORIGINS, st.sampled_from(CHANNELS), ENTRY_TYPES)
def test_policy_answers_any_day_with_at_least_one_row_and_always_the_same(
    day: date, origin: str, channel: str, entry_type: str
) -> None:
    ruling = POLICY.on(day, origin, channel, entry_type)
    assert ruling.rows
    assert ruling == Policy(POLICY.calendar, "other").on(day, origin, channel, entry_type)
    claims = {row.effect for row in ruling.citations} & {"admits", "suspends"}
    assert claims in ({"admits"}, {"suspends"}, set())
    assert ruling.claim_admitted == (claims == {"admits"})


@given(DAYS, ORIGINS, st.sampled_from(CHANNELS))
def test_policy_changes_only_on_days_that_a_row_names(day: date, origin: str, channel: str) -> None:
    tomorrow = day + timedelta(days=1)
    named = {edge for row in POLICY.calendar.rows for edge in (row.first, row.end)}
    if tomorrow not in named:
        assert POLICY.on(day, origin, channel, "86") == POLICY.on(tomorrow, origin, channel, "86")


def test_policy_with_two_rows_that_admit_one_day_is_refused() -> None:
    doubled = TEXT.replace(
        'to: 2016-03-10\n    threshold_usd: "200"', 'to: 2016-03-11\n    threshold_usd: "200"'
    )
    with pytest.raises(RuleError, match="US-321-200 and US-321-800 both admit"):
        Policy.of(doubled, "policy.yaml")


def test_policy_with_two_rows_that_admit_one_entry_type_is_refused() -> None:
    of_type_86 = ADMITTED.format(id="US-86", more='entry_types: ["86"]', limit=2500)
    doubled = TEXT.replace("rows:\n", f"rows:\n{of_type_86}", 1)
    with pytest.raises(RuleError, match="US-86 and US-321-800 both admit"):
        Policy.of(doubled, "policy.yaml")


def test_policy_of_goods_of_several_origins_is_that_of_the_strictest() -> None:
    day = date(2025, 6, 1)
    assert POLICY.on(day, "VN,KR", "AIR", "86").claim_admitted
    assert POLICY.on(day, "VN,CN", "AIR", "86") == POLICY.on(day, "CN", "AIR", "86")


def test_policy_of_goods_of_several_origins_has_the_least_of_their_limits() -> None:
    of_korea = ADMITTED.format(id="US-KR", more="origins: [KR]", limit=100)
    rows = (
        TEXT[: TEXT.index("  - id: ")]
        + ADMITTED.format(id="US-VN", more="origins: [VN]", limit=800)
        + of_korea
    )
    ruling = Policy.of(rows, "policy.yaml").on(date(2025, 1, 1), "VN,KR", "AIR", "86")
    assert (ruling.threshold_usd, ruling.rows) == (Decimal(100), ("US-KR", "US-VN"))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("    effect: admits", "    effect: admit", "expected one of admits, suspends"),
        ("from: 2016-03-10", "from: soon", "from: found 'soon', expected a date"),
        ("to: 2016-03-10", "to: 1994-01-01", "expected a day after 1994-01-01"),
        ("id: US-ET86\n", "id: US-321-800\n", "is there twice"),
        ("person_day_key: consignee", "person_day_key: nobody", "expected one of shipper"),
        ('threshold_usd: "200"', "threshold_usd: 200", "threshold_usd: found '200', expected text"),
        ('threshold_usd: "200"', 'threshold_usd: "NaN"', "threshold_usd: found 'NaN', expected an amount"),
        ('threshold_usd: "200"', 'threshold_usd: "-1"', "threshold_usd: found '-1', expected an amount"),
        ('"11": "2500"', '"11": "Infinity"', "11: found 'Infinity', expected an amount"),
        ('threshold_usd: "200"', 'threshold_usd: "1e999999"', "expected an amount"),
        ('hs: ["2401"', 'hs: ["24.01"', "hs: found '24.01', expected the first digits"),
        ("  - consignee.name\n", "  - consignee.nmae\n", "mandatory: found 'consignee.nmae', expected an"),
        ("[items.hts10, items.qty]", "[items.hts10, item.qty]", "mandatory: found 'item.qty', expected an"),
        ('    threshold_usd: "800"\n', "", "threshold_usd: missing, expected the limit"),
        ("effect: duty\n", "effect: duty\n    jurisdiction: us\n", "jurisdiction: found 'us', expected two"),
        ("jurisdiction: US\n", "jurisdiction: USA\n", "expected two capitals"),
        ("jurisdiction: US\n", "jurisdiction: U\u0405\n", "expected two capitals"),
        ("channels: [POST]", "channels: [MAIL]", "expected one of EXPRESS"),
        ("agencies: [FDA]", "agencies: [fda]", "found 'fda', expected an agency in capitals"),
        ("agencies: [FDA]", "agencies: [FD\u0410]", "expected an agency in capitals"),
        ("agencies: [FDA]", "agencies: []", "expected at least one"),
        ("    agencies: [FDA]\n", "", "agencies: missing, expected what the row requires"),
        (
            "effect: allows",
            'effect: allows\n    threshold_usd: "800"',
            "in a row that does not admit the claim",
        ),
        ("origins: [CN, HK]", "origins: [cn, hk]", "origins: found 'cn', expected a country"),
        ('postal_limit_usd: "2500"\n', "", "postal_limit_usd"),
        ("channels: [POST]", "channels: []", "channels: found '\\[\\]', expected at least one"),
        ("origins: [CN, HK]", "origins: []", "origins: found '\\[\\]', expected at least one"),
        ('claim_entry_types: ["", "86"]', "claim_entry_types: []", "claim_entry_types: .* at least one"),
        ('hs: ["2401"', 'hs: ["２401"', "hs: found '２401', expected the first digits"),
        ('hs: ["2401", "2402", "2403", "2404"]', "hs: []", "hs: found '\\[\\]', expected at least one"),
        ('{"11": "2500"', '{"11 ": "2500"', "entry_limits_usd: found '11 ', expected an entry type"),
        ('claim_entry_types: ["", "86"]', 'claim_entry_types: ["", "086"]', "found '086', expected an entry"),
        ('    entry_types: ["86"]\n', "", "entry_types: missing, expected those that the row allows"),
        (
            'entry_types: ["11", "13"]',
            'entry_types: ["informal"]',
            "found 'informal', expected an entry type",
        ),
        ("id: US-ET86\n", f"id: {'X' * 101}\n", "id: 101 characters, expected at most 100"),
        ("account.known_consignor", "account.known", "advised: found 'shipper.email|shipper.account.known'"),
        ("origins: [CN, HK]", "origins: [CN, HKG]", "origins: found 'HKG', expected a country"),
    ],
)
def test_policy_with_a_wrong_field_is_refused_with_its_name(old: str, new: str, message: str) -> None:
    with pytest.raises(RuleError, match=message) as raised:
        Policy.of(TEXT.replace(old, new, 1), "policy.yaml")
    assert raised.value.line > 0


def test_policy_that_is_no_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "law.yaml"
    file.write_bytes(b"name: \xff")
    with pytest.raises(RuleError, match="not UTF-8 at byte 6"):
        Policy.load(file)


def test_policy_version_follows_the_content() -> None:
    assert Policy.of(TEXT, "a").version == POLICY.version
    assert Policy.of(TEXT + "\n# note\n", "a").version != POLICY.version


def test_policy_has_every_row_of_the_compiled_timeline() -> None:
    data = Path(os.environ.get("TIDEWAITER_DATA", ROOT.parent / "shared" / "data"))
    source = data / "derived" / "policy_timeline.json"
    if not source.exists():
        pytest.skip(f"no {source}")
    rows = {row["id"]: row for row in orjson.loads(source.read_bytes())}
    ours = {row.id: row for row in (*POLICY.calendar.rows, *POLICY.calendar.elsewhere)}
    assert ours.keys() == rows.keys()
    assert len(rows) == len(POLICY.calendar.rows) + len(POLICY.calendar.elsewhere)
    assert ours["US-321-800"].threshold_usd == rows["US-321-800"]["threshold_usd"]
    assert [row for row in rows.values() if _told(row) != _of_ours(ours[row["id"]])] == []


_CHANNELS = {
    "all": ("EXPRESS", "AIR", "POST", "TRUCK", "OCEAN"),
    "non_postal": ("EXPRESS", "AIR", "TRUCK", "OCEAN"),
    "postal": ("POST",),
    "air": ("EXPRESS", "AIR"),
}
# What the file says otherwise than the timeline, and why.
_OTHERWISE = {
    "US-EACAS": {"to": "2026-11-21"},  # the row of full enforcement takes over, and asks for more
    "US-IEEPA-END": {"source": "EO 14388; CSMS 67834313; CSMS 67845486"},  # the order that its text names
    "US-CN-FIRST": {"source": "EO 14195; EO 14200"},
}


def _told(row: Mapping[str, Any]) -> dict[str, object]:
    origins = () if row["origin"] == "*" else tuple(row["origin"].split(","))
    told = {
        "jurisdiction": row["jurisdiction"],
        "from": row["effective_from"],
        "to": row["effective_to"] or "",
        "channels": _CHANNELS[row["channel"]],
        "origins": origins,
        "source": row["source"],
        "certainty": _certainty(row["confidence"]),
    }
    return told | _OTHERWISE.get(row["id"], {})


def _of_ours(row: PolicyRow) -> dict[str, object]:
    return {
        "jurisdiction": row.jurisdiction,
        "from": row.first.isoformat(),
        "to": row.end.isoformat() if row.end else "",
        "channels": row.channels,
        "origins": row.origins,
        "source": row.source,
        "certainty": _certainty(row.confidence),
    }


def _certainty(confidence: str) -> str:
    """Of "high; start date approximate" the "high": what is added is put in other words."""
    return re.split(r"[;(]", confidence)[0].strip()
