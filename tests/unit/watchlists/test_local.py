"""Officers' entries: what could never match is refused, and nothing outlives its end."""

from datetime import UTC, datetime

import msgspec
import pytest

from tidewaiter.domain.party import Party
from tidewaiter.domain.watchlist import Entry, EntryName, IdentifierKind
from tidewaiter.matching.identity import contacts_of, identity_of, person_keys
from tidewaiter.watchlists.local import (
    LocalRefused,
    Warrant,
    end_of,
    known_different,
    local_entry,
    parties_of,
    run_out,
)

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
WARRANT = Warrant("seizure 4711", "officer", NOW, "2026-12-31")
PARTY = Party(
    "Ines Harbor",
    ("12 Main St Apt 3",),
    "Reno",
    "NV",
    "89501",
    "US",
    "775 322 0000",
    "i@pier.example",
    "12-3456789",
)


def contacts(party: Party) -> tuple[tuple[IdentifierKind, str], ...]:
    """What of a party is looked up."""
    return tuple(contacts_of(party, identity_of(party)))


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("phone", "+1 (775) 322-0000"),
        ("email", "I+x@Pier.example"),
        ("website", "https://www.pier.example/shop"),
        ("tax_id", "12 345 6789"),
        ("address", "12 Main Street, Reno, NV, 89501, US"),
        ("address", "12 Main Street, Reno, NV, 89501"),
        ("address", "12 Main Street, Reno, NV 89501"),
        ("address", "12 Main Street, Reno NV 89501-1234, USA"),
        ("address", "12 Main Street; Reno; Nevada; 89501; United States"),
    ],
)
def test_local_entry_is_kept_under_what_the_party_is_looked_up_by(kind: str, value: str) -> None:
    entry, (normal,) = local_entry(kind, value, WARRANT, country="US")
    assert (kind, normal) in contacts(PARTY)
    assert (entry.until, entry.author, entry.reason) == (
        "2026-12-31T23:59:59+00:00",
        "officer",
        "seizure 4711",
    )


@pytest.mark.parametrize("value", ["2001:DB8::0:7", " 2001:db8:0:0:0:0:0:7 "])
def test_an_ip_address_is_kept_under_what_a_party_is_looked_up_by(value: str) -> None:
    _, (normal,) = local_entry("ip", value, WARRANT)
    assert ("ip", normal) in contacts(msgspec.structs.replace(PARTY, ip="2001:0DB8::7"))


@pytest.mark.parametrize(
    ("line", "address"),
    [
        ("12 Hezuo Rd, Haidian District, Beijing, CN", ("Beijing", "", "", "CN")),
        ("12 Hezuo Rd, Beijing, China", ("Beijing", "Beijing", "100080", "CN")),
        ("12 Hezuo Rd, Shijiazhuang, Hebei, China", ("Shijiazhuang", "Hebei", "", "CN")),
        ("12 Hezuo Rd, Sheung Wan, Hong Kong", ("Hong Kong", "", "", "HK")),
        ("12 Hezuo Rd, Los Angeles, CA 90001", ("Los Angeles", "CA", "90001", "US")),
        ("12 Hezuo Rd, Toronto, ON, M5V 2T6, CA", ("Toronto", "ON", "M5V 2T6", "CA")),
        ("12 Hezuo Rd, 10115 Berlin, DE", ("Berlin", "", "10115", "DE")),
        ("12 Hezuo Rd, London SW1A 2AA, UK", ("London", "", "SW1A 2AA", "GB")),
    ],
)
def test_an_address_in_one_line_is_found_at_the_door_that_it_names(
    line: str, address: tuple[str, str, str, str]
) -> None:
    _, normals = local_entry("address", line, WARRANT)
    party = Party("Ines Harbor", ("12 Hezuo Road",), *address)
    assert not {("address", normal) for normal in normals}.isdisjoint(contacts(party))


def test_same_identifier_is_the_same_entry() -> None:
    first, _ = local_entry("phone", "+1 775 322 0000", WARRANT)
    again, _ = local_entry("phone", "775-322-0000", WARRANT, country="us")
    assert first.entry_id == again.entry_id


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("John A. Smith", "John B. Smith"),
        ("Zara Khan", "Sara Khan"),
        ("Velmora Trading LLC", "Velmora Trading Inc"),
        ("李伟", "李威"),
    ],
)
def test_names_that_are_matched_apart_are_entries_of_their_own(first: str, second: str) -> None:
    entries = [local_entry("name", name, WARRANT)[0] for name in (first, second)]
    assert len({entry.entry_id for entry in entries}) == 2


def test_a_name_is_one_entry_whatever_its_case_and_blanks() -> None:
    entries = [local_entry("name", name, WARRANT)[0] for name in ("Ines  Harbor", "INES HARBOR ")]
    assert len({entry.entry_id for entry in entries}) == 1


def test_an_entry_is_shown_by_its_name_and_no_identifier_by_itself() -> None:
    assert local_entry("name", "Ines Harbor", WARRANT)[0].name == "Ines Harbor"
    assert local_entry("phone", "+1 (775) 322-0000", WARRANT)[0].name == "phone entered 2026-11-24"


@pytest.mark.parametrize(
    ("until", "end"),
    [
        ("2026-12-31", "2026-12-31T23:59:59+00:00"),
        ("2026-12-31T10:00:00", "2026-12-31T10:00:00+00:00"),
        ("2026-12-31T10:00:00+02:00", "2026-12-31T08:00:00+00:00"),
        ("", None),
    ],
)
def test_an_entry_ends_with_its_last_day_or_at_its_last_moment(until: str, end: str | None) -> None:
    assert end_of(until, NOW) == end


def test_named_entry_is_matched_like_a_list_entry() -> None:
    entry, _ = local_entry("name", "Ines Harbor", WARRANT)
    assert entry.as_entry.list == "local"
    assert entry.as_entry.name == "Ines Harbor"


@pytest.mark.parametrize(
    ("kind", "value", "reason"),
    [
        ("phone", "12", "phone: '12', expected a number"),
        ("email", "nobody", "email: 'nobody', expected an address"),
        ("website", "gmail.com", "expected a host that is not shared by many"),
        ("address", "Reno", "expected street with number"),
        ("address", "Roble 14, Culiacan, Sinaloa, 80000", "expected street with number"),
        ("address", "12 Main St, Reno, NV, US", "expected street with number"),
        ("ip", "10.0.4", "ip: '10.0.4', expected an IP address"),
        ("name", "!!!", "expected a name"),
        ("name", "a" * 2_001, "name: 2001 signs, expected at most 2000"),
        ("colour", "red", "expected one of name, phone"),
    ],
)
def test_entry_that_would_never_match_is_refused(kind: str, value: str, reason: str) -> None:
    with pytest.raises(LocalRefused, match=reason):
        local_entry(kind, value, WARRANT)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"reason": " "}, "reason: empty"),
        ({"reason": "x" * 2_001}, "reason: 2001 signs, expected at most 2000"),
        ({"author": ""}, "author: empty"),
        ({"until": "2026-11-23"}, "expected a time to come"),
        ({"until": "soon"}, "expected a date as"),
        ({"until": "9999-12-31T23:59:59-05:00"}, "expected a date as"),
    ],
)
def test_warrant_without_reason_author_or_future_is_refused(change: dict[str, str], reason: str) -> None:
    with pytest.raises(LocalRefused, match=reason):
        local_entry("phone", "+17753220000", msgspec.structs.replace(WARRANT, **change))


def test_entry_runs_out_at_its_end() -> None:
    entry, _ = local_entry("phone", "+17753220000", WARRANT)
    forever, _ = local_entry("phone", "+17753220001", msgspec.structs.replace(WARRANT, until=""))
    assert run_out([entry, forever], NOW) == ()
    assert run_out([entry, forever], datetime(2027, 1, 1, tzinfo=UTC)) == (entry,)


@pytest.mark.parametrize("until", ["2026-12-31", "20261231", "2026-W53-4"])
def test_a_last_day_is_in_force_to_its_end_however_it_is_written(until: str) -> None:
    assert end_of(until, NOW) == "2026-12-31T23:59:59+00:00"


def test_a_party_is_excepted_at_its_door_however_its_address_is_written() -> None:
    listed = Entry("ofac-sdn", "1", "person", (EntryName("Ines Harbor"),))
    described = parties_of("Ines Harbor", "12 Main St, Reno, NV 89501", "", "", "")
    _, keys = known_different(described, listed, WARRANT)
    assert set(keys) & set(person_keys(PARTY))


def test_a_party_that_writes_two_names_as_one_is_excepted_under_each() -> None:
    listed = Entry("ofac-sdn", "1", "person", (EntryName("Ines Harbor"),))
    described = parties_of("Ines Harbor DBA Velmora Trading", "12 Main St, Reno, NV 89501", "", "", "")
    _, keys = known_different(described, listed, WARRANT)
    for name in ("Ines Harbor DBA Velmora Trading", "Ines Harbor", "Velmora Trading"):
        assert set(keys) & set(person_keys(msgspec.structs.replace(PARTY, name=name)))


def test_exception_ends_when_the_entry_changes_or_time_is_over() -> None:
    listed = Entry("un-sc", "CDi.900", "person", (EntryName("HARBOR Ines"),))
    known, keys = known_different((PARTY,), listed, WARRANT)
    assert len(keys) == 3
    assert known.covers(listed, "2026-12-01T00:00:00+00:00")
    assert not known.covers(listed, "2027-01-01T00:00:00+00:00")
    assert not known.covers(msgspec.structs.replace(listed, programs=("DRC",)), "2026-12-01T00:00:00+00:00")


def test_exception_for_a_bare_name_is_refused() -> None:
    listed = Entry("un-sc", "CDi.900", "person", (EntryName("HARBOR Ines"),))
    with pytest.raises(LocalRefused, match="name alone"):
        known_different((Party("Ines Harbor"),), listed, WARRANT)
