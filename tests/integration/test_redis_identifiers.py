"""Identifiers and versions as the lists' loader and the officers leave them in Redis."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import redis as redis_py

from tests.endtoend.commands import invoked, surroundings
from tidewaiter.adapters.redis_evidence import RedisEvidence
from tidewaiter.adapters.tokens import Tokens
from tidewaiter.domain.lookup import Gathered, Listing, Lookup
from tidewaiter.domain.watchlist import IDENTIFIER_KINDS, IdentifierKind
from tidewaiter.stream.outcome import Unavailable

TOKENS = Tokens(b"a secret for the tests")
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
PHONE = "+8613800138000"
LISTED = Listing("ofac-sdn", "12", "ACME PRESS", ("SDNTK", "ILLICIT-DRUGS-EO14059"))


@pytest.fixture
def source(redis: str, client: "redis_py.Redis") -> Iterator[RedisEvidence]:
    evidence = RedisEvidence(redis, TOKENS, now=lambda: NOW)
    yield evidence
    evidence.close()


def publish(client: "redis_py.Redis", generation: int, text: str, *listings: Listing) -> None:
    client.hset(f"tw:lists:gen:{generation}", "ofac-sdn", "{}")
    rows = [[each.list, each.entry_id, each.entry_name, list(each.programs)] for each in listings]
    for kind in IDENTIFIER_KINDS:
        client.hset(f"tw:lists:ids:{generation}:{kind}", "", 0)
    kept: dict[str, str | int] = {TOKENS.token("phone", text): json.dumps(rows), "": 1}
    client.hset(f"tw:lists:ids:{generation}:phone", mapping=kept)  # type: ignore[arg-type]
    client.set("tw:lists:current", generation)


def enter(client: "redis_py.Redis", kind: IdentifierKind, text: str, until: str | None) -> None:
    entry = {
        "entry_id": "L7",
        "name": "hot phone",
        "reason": "seizure",
        "author": "officer 9",
        "until": until,
    }
    client.hset(f"tw:local:ids:{kind}", TOKENS.token(kind, text), json.dumps(entry))


def found(
    source: RedisEvidence, generation: int, *identifiers: tuple[IdentifierKind, str]
) -> tuple[tuple[Listing, ...], ...]:
    answer = source.gather([Lookup("UPS|1", 1, "digest", "look", (), identifiers)], generation)
    assert isinstance(answer, Gathered), answer
    return answer.answers[0].identifiers


def test_identifier_on_the_list_is_found_in_its_place_among_those_asked(
    client: "redis_py.Redis", source: RedisEvidence
) -> None:
    publish(client, 4, PHONE, LISTED)
    answers = found(source, 4, ("email", PHONE), ("phone", "+1"), ("phone", PHONE), ("phone", PHONE))
    assert answers == ((), (), (LISTED,), (LISTED,))


@pytest.mark.parametrize("place", [0, 999, 1000, 2400])
def test_identifier_is_found_in_its_place_among_thousands(
    client: "redis_py.Redis", source: RedisEvidence, place: int
) -> None:
    publish(client, 4, PHONE, LISTED)
    asked: list[tuple[IdentifierKind, str]] = [("phone", f"+1{number}") for number in range(2400)]
    asked.insert(place, ("phone", PHONE))
    answers = found(source, 4, *asked)
    assert [at for at, listings in enumerate(answers) if listings] == [place]


def test_each_lookup_of_a_batch_gets_its_own_identifiers(
    client: "redis_py.Redis", source: RedisEvidence
) -> None:
    publish(client, 4, PHONE, LISTED)
    batch = [
        Lookup(str(n), 1, "d", "look", (), (("phone", PHONE if n % 3 == 0 else "+1"),)) for n in range(1500)
    ]
    answer = source.gather(batch, 4)
    assert isinstance(answer, Gathered)
    assert [bool(each.identifiers[0]) for each in answer.answers] == [n % 3 == 0 for n in range(1500)]


def test_identifiers_are_those_of_the_generation_asked_for_and_not_of_the_current_one(
    client: "redis_py.Redis", source: RedisEvidence
) -> None:
    publish(client, 4, PHONE, LISTED)
    publish(client, 5, "+1")
    assert found(source, 4, ("phone", PHONE)) == ((LISTED,),)
    assert found(source, 5, ("phone", PHONE)) == ((),)


def test_generation_that_is_gone_is_told_and_not_taken_for_an_empty_list(
    client: "redis_py.Redis", source: RedisEvidence
) -> None:
    publish(client, 5, PHONE, LISTED)
    gone, present = source.gather([], 4), source.gather([], 5)
    assert isinstance(gone, Gathered)
    assert isinstance(present, Gathered)
    assert (gone.has_identifiers, present.has_identifiers) == (False, True)


@pytest.mark.parametrize("kind", IDENTIFIER_KINDS)
def test_identifiers_that_are_gone_are_told_and_not_taken_for_none(
    client: "redis_py.Redis", source: RedisEvidence, kind: IdentifierKind
) -> None:
    publish(client, 4, PHONE, LISTED)
    there = source.gather([], 4)
    client.delete(f"tw:lists:ids:4:{kind}")
    gone = source.gather([], 4)
    assert isinstance(there, Gathered)
    assert isinstance(gone, Gathered)
    assert (there.has_identifiers, gone.has_identifiers) == (True, False)


@pytest.mark.parametrize("key", ["tw:lists:current", "tw:lists:confirmed", "tw:local:version"])
@pytest.mark.parametrize("value", ["one", "1.5", "9" * 5_000], ids=["word", "fraction", "endless"])
def test_a_version_that_is_no_number_is_unavailable(
    client: "redis_py.Redis", source: RedisEvidence, key: str, value: str
) -> None:
    client.set(key, value)
    assert isinstance(source.gather([], 0), Unavailable)


def test_current_versions_are_in_every_answer(client: "redis_py.Redis", source: RedisEvidence) -> None:
    empty = source.gather([], 0)
    client.mset({"tw:lists:current": 7, "tw:rules:current": "abc", "tw:local:version": 3})
    full = source.gather([], 0)
    assert isinstance(empty, Gathered)
    assert isinstance(full, Gathered)
    assert (empty.generation, empty.rules_version, empty.local_version) == (0, "", 0)
    assert (full.generation, full.rules_version, full.local_version) == (7, "abc", 3)


@pytest.mark.parametrize(
    ("until", "in_force"),
    [
        (None, True),
        ("2026-03-01T12:00:01Z", True),
        ("2026-03-01T12:00:00+00:00", False),
        ("2026-03-01T13:30:00+02:00", False),
        ("2026-03-01T12:00:01", True),
    ],
)
def test_officers_entry_is_in_force_until_its_time(
    client: "redis_py.Redis", source: RedisEvidence, until: str | None, in_force: bool
) -> None:
    enter(client, "email", "x@example.com", until)
    expected = (Listing("local", "L7", "hot phone", is_local=True),) if in_force else ()
    assert found(source, 0, ("email", "x@example.com")) == (expected,)


def test_list_entry_and_officers_entry_are_both_given(
    client: "redis_py.Redis", source: RedisEvidence
) -> None:
    publish(client, 4, PHONE, LISTED, LISTED)
    enter(client, "phone", PHONE, None)
    local = Listing("local", "L7", "hot phone", is_local=True)
    assert found(source, 4, ("phone", PHONE)) == ((LISTED, LISTED, local),)


@pytest.mark.parametrize("kept", [b"{broken", b'{"entry_id": "\xff"}'])
def test_entry_that_cannot_be_read_is_unavailable_and_not_passed_over(
    client: "redis_py.Redis", source: RedisEvidence, kept: bytes
) -> None:
    client.hset("tw:local:ids:phone", TOKENS.token("phone", PHONE), kept)
    answer = source.gather([Lookup("UPS|1", 1, "digest", "look", (), (("phone", PHONE),))], 0)
    assert isinstance(answer, Unavailable)


def test_the_doctor_says_that_identifiers_are_gone(redis: str, client: "redis_py.Redis") -> None:
    def seen() -> dict[str, str]:
        doctor = invoked("doctor", "--json", environment=surroundings(redis_url=redis))
        return {one["what"]: one["seen"] for one in json.loads(doctor.stdout)}

    publish(client, 7, PHONE, LISTED)
    assert "watchlists' identifiers" not in seen()
    client.delete("tw:lists:ids:7:email")
    assert seen()["watchlists' identifiers"].startswith(
        "generation 7: not all are there, every parcel is held"
    )
    client.set("tw:lists:current", "seven")
    assert "seven" in seen()["Redis"]
