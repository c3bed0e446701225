"""Generations, live entries and exceptions on a real Redis: atomic, readable, under tokens alone."""

import zlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from weakref import ref

import pytest
from msgspec import structs
from pydantic import SecretStr
from redis import Redis

from tests.rules import few_rules, put_in_force
from tidewaiter.adapters.redis_lists import RedisLists, WorkerReport, load_generation
from tidewaiter.adapters.redis_local import RedisLocal, load_local
from tidewaiter.adapters.tokens import Tokens
from tidewaiter.cli.shelf import NotPublished, Shelf
from tidewaiter.domain.generation import Generation, LocalEntry, Removal, Rollback, SourceVersion
from tidewaiter.domain.party import Address, Party
from tidewaiter.domain.watchlist import IDENTIFIER_KINDS, Entry, EntryName, Identifier
from tidewaiter.matching.identity import person_keys
from tidewaiter.matching.listed import ListedIdentifiers
from tidewaiter.screener.names import ListedNames
from tidewaiter.settings import Settings
from tidewaiter.watchlists import generations
from tidewaiter.watchlists.formats import Reading
from tidewaiter.watchlists.generations import GenerationUnknown, load, rollback
from tidewaiter.watchlists.local import Warrant, known_different, local_entry

pytestmark = pytest.mark.redis
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SECRET = "a secret of the tests"
TOKENS = Tokens(SECRET.encode())
REMOVAL = Removal("another number", "officer 7", "2026-11-24T10:00:00+00:00")
WARRANT = Warrant("seizure 4711", "officer", NOW, "2026-12-31")


def entry(number: int, source: str = "ofac-sdn") -> Entry:
    return Entry(
        source,
        str(number),
        "organization",
        (EntryName(f"Pier {number} Chemical"),),
        (Address((f"{number} Main St",), "Reno", "NV", "89501", "US"),),
        (Identifier("phone", f"+1775322{number:04}"),),
        ("SDNTK",),
    )


def reading(count: int, source: str = "ofac-sdn") -> Reading:
    return Reading(
        source, tuple(entry(number, source) for number in range(1, count + 1)), count, {}, (), "c" * 64
    )


def test_generation_reads_back_as_it_was_loaded(client: Redis) -> None:
    store = RedisLists(client, TOKENS)
    loaded = load(store, [reading(2_345), reading(7, "un-sc")], "officer", at=NOW)
    found = load_generation(client, loaded.generation.number)
    assert found is not None
    assert found.entries == reading(2_345).entries + reading(7, "un-sc").entries
    assert found.meta["un-sc"].loaded_by == "officer"
    assert store.current() == 1


def test_entries_that_did_not_change_are_those_already_known(client: Redis) -> None:
    store = RedisLists(client, TOKENS)
    load(store, [reading(30)], "officer", at=NOW)
    known = load_generation(client, 1)
    assert known is not None
    renamed = [structs.replace(one, names=(EntryName("Quay Chemical"),)) for one in known.entries[5:]]
    load(store, [structs.replace(reading(30), entries=(*known.entries[:5], *renamed))], "", at=NOW)
    found = load_generation(client, 2, known)
    assert found is not None
    assert found.entries == (*known.entries[:5], *renamed)
    are_known = [one is other for one, other in zip(found.entries, known.entries, strict=True)]
    assert are_known == [True] * 5 + [False] * 25


def test_only_chunks_in_which_something_changed_are_others_the_next_day(client: Redis) -> None:
    """What lies in the others is not read again, wherever in the list an entry came, changed or went."""
    store, today = RedisLists(client, TOKENS), reading(3_000).entries
    load(store, [structs.replace(reading(3_000), entries=today)], "officer", at=NOW)
    tomorrow = [*today[:2], *today[3:], entry(3_001)]
    tomorrow[900] = structs.replace(tomorrow[900], names=(EntryName("Quay Chemical"),))
    load(store, [structs.replace(reading(3_000), entries=tuple(tomorrow))], "officer", at=NOW)
    earlier = load_generation(client, 1)
    assert earlier is not None
    later = load_generation(client, 2, earlier)
    assert later is not None
    assert later.entries == tuple(tomorrow)
    assert len(later.chunks) > 20
    assert len(later.chunks.keys() - earlier.chunks.keys()) == 3
    were_known = {id(one) for one in earlier.entries}
    assert [one for one in later.entries if id(one) not in were_known] == [tomorrow[900], entry(3_001)]


def test_identifiers_are_kept_under_tokens_and_merged_over_sources(client: Redis) -> None:
    load(RedisLists(client, TOKENS), [reading(9), reading(9, "un-sc")], "officer", at=NOW)
    raw = client.hget("tw:lists:ids:1:phone", TOKENS.token("phone", "+17753220003"))
    assert raw == b'[["ofac-sdn","3","Pier 3 Chemical",["SDNTK"]],["un-sc","3","Pier 3 Chemical",["SDNTK"]]]'
    assert client.hexists("tw:lists:ids:1:address", TOKENS.token("address", "US|89501|3|mainst"))
    assert not any(b"775322" in key for key in client.hkeys("tw:lists:ids:1:phone"))


def identifiers_in_force(client: Redis) -> Mapping[str, Mapping[bytes | str, bytes | str]]:
    number = RedisLists(client, TOKENS).current()
    return {kind: client.hgetall(f"tw:lists:ids:{number}:{kind}") for kind in IDENTIFIER_KINDS}


def test_identifiers_after_days_of_changes_are_those_of_a_first_load(client: Redis) -> None:
    store, first = RedisLists(client, TOKENS), reading(30).entries
    renamed = structs.replace(first[3], names=(EntryName("Quay Chemical"),))
    moved = structs.replace(first[4], addresses=first[5].addresses, identifiers=first[6].identifiers)
    last = (*first[1:3], renamed, moved, *first[5:], entry(31))
    for entries in (first, (*first[2:], first[2]), last):
        load(store, [structs.replace(reading(1), entries=entries), reading(9, "un-sc")], "", at=NOW)
    found = identifiers_in_force(client)
    client.flushdb()
    load(store, [structs.replace(reading(1), entries=last), reading(9, "un-sc")], "", at=NOW)
    assert found == identifiers_in_force(client)


def loses_a_kind(client: Redis) -> None:
    client.delete("tw:lists:ids:1:phone")


def loses_a_token(client: Redis) -> None:
    client.hdel("tw:lists:ids:1:phone", TOKENS.token("phone", "+17753220007"))


def loses_the_number_of_tokens(client: Redis) -> None:
    client.hdel("tw:lists:ids:1:phone", "")


def has_a_number_of_tokens_that_is_none(client: Redis) -> None:
    client.hset("tw:lists:ids:1:phone", "", "many")


def loses_entries(client: Redis) -> None:
    (key,) = client.keys("tw:lists:entries:*")
    client.ltrim(key, 1, -1)


LOSSES = (
    loses_a_kind,
    loses_a_token,
    loses_the_number_of_tokens,
    has_a_number_of_tokens_that_is_none,
    loses_entries,
)


@pytest.mark.parametrize("loses", LOSSES)
def test_identifiers_are_whole_with_the_next_list_whatever_was_lost(
    client: Redis, loses: Callable[[Redis], None]
) -> None:
    store = RedisLists(client, TOKENS)
    load(store, [reading(300)], "", at=NOW)
    loses(client)
    moved = tuple(structs.replace(one, identifiers=()) for one in reading(300).entries[:20])
    tomorrow = structs.replace(reading(300), entries=(*moved, *reading(300).entries[20:]))
    load(store, [tomorrow], "", at=NOW)
    found = identifiers_in_force(client)
    client.flushdb()
    load(store, [tomorrow], "", at=NOW)
    assert found == identifiers_in_force(client)


@pytest.mark.parametrize("loses", LOSSES)
def test_the_same_list_loaded_again_brings_back_what_was_lost(
    client: Redis, loses: Callable[[Redis], None]
) -> None:
    store = RedisLists(client, TOKENS)
    load(store, [reading(300)], "", at=NOW)
    expected = identifiers_in_force(client)
    loses(client)
    assert load(store, [reading(300)], "", at=NOW).is_new
    assert identifiers_in_force(client) == expected
    assert_in_force_and_whole(client, reading(300))
    assert not load(store, [reading(300)], "", at=NOW).is_new


@pytest.mark.parametrize("written", [0, 4, 10])
def test_identifiers_are_whole_though_redis_loses_them_while_they_are_written(
    client: Redis, monkeypatch: pytest.MonkeyPatch, written: int
) -> None:
    """As one does that comes back without its last second, or another server in its place; a client that
    tries again does not see it."""
    moved = tuple(structs.replace(one, identifiers=()) for one in reading(30).entries[:2])
    tomorrow = structs.replace(reading(30), entries=(*moved, *reading(30).entries[2:]))
    load(RedisLists(client, TOKENS), [tomorrow], "", at=NOW)
    expected = identifiers_in_force(client)
    client.flushdb()
    load(RedisLists(client, TOKENS), [reading(30)], "", at=NOW)
    left, hset = [written], client.hset

    def lose_what_was_written(key: str, *args: Any, **kwargs: Any) -> int:
        if not left[0] and key.startswith("tw:lists:ids:2:"):
            client.unlink(*[f"tw:lists:ids:2:{kind}" for kind in IDENTIFIER_KINDS])
        left[0] -= 1
        return hset(key, *args, **kwargs)

    monkeypatch.setattr(client, "hset", lose_what_was_written)
    load(RedisLists(client, TOKENS), [tomorrow], "", at=NOW)
    assert identifiers_in_force(client) == expected


def test_old_generations_go_with_all_their_keys(client: Redis) -> None:
    store = RedisLists(client, TOKENS)
    for count in range(10, 18):
        load(store, [reading(count), reading(3, "un-sc")], "officer", at=NOW)
    assert store.numbers() == (4, 5, 6, 7, 8)
    keys = [str(key) for key in client.keys("tw:lists:*")]
    assert not any(":3:" in key or key.endswith(":3'") for key in keys)
    assert sum("entries:ofac-sdn" in key for key in keys) == 5
    assert sum("entries:un-sc" in key for key in keys) == 1


def test_switch_is_refused_when_another_loader_was_first(client: Redis) -> None:
    store = RedisLists(client, TOKENS)
    load(store, [reading(10)], "officer", at=NOW)
    assert not store.switch(9, replaced=0)
    assert store.current() == 1
    load(store, [reading(11)], "officer", at=NOW)
    assert store.rollbacks() == ()
    assert rollback(store, WARRANT).number == store.current() == 1
    assert store.rollbacks() == (Rollback(2, 1, "seizure 4711", "officer", NOW.isoformat()),)


def test_load_that_dies_before_the_switch_leaves_the_old_generation(client: Redis) -> None:
    store = RedisLists(client, TOKENS)
    load(store, [reading(10)], "officer", at=NOW)
    store.put_entries("ofac-sdn", "half", reading(11).entries)
    store.reserve_number()
    found = load_generation(client, store.current())
    assert found is not None
    assert len(found.entries) == 10


class Dying(RedisLists):
    """A loader that is stopped once its identifiers are written."""

    def _completed(self, generation: Generation) -> bool:
        raise KeyboardInterrupt


def test_what_a_loader_wrote_that_died_goes_with_the_next_list(client: Redis) -> None:
    load(RedisLists(client, TOKENS), [reading(10)], "officer", at=NOW)
    with pytest.raises(KeyboardInterrupt):
        load(Dying(client, TOKENS), [reading(11)], "officer", at=NOW)
    assert client.keys("tw:lists:ids:2:*")
    load(RedisLists(client, TOKENS), [reading(12)], "officer", at=NOW)
    assert client.keys("tw:lists:ids:2:*") == []


def test_two_loaders_of_the_same_file_at_once_both_find_it_whole(
    client: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, push = reading(2_500), client.rpush

    def push_beside_another(key: str, *values: bytes) -> object:
        monkeypatch.setattr(client, "rpush", push)
        pushed = push(key, *values)
        other = RedisLists(client, TOKENS)
        assert load(other, [read], "other", at=NOW).is_new
        return pushed

    monkeypatch.setattr(client, "rpush", push_beside_another)
    loaded = load(RedisLists(client, TOKENS), [read], "x", at=NOW)
    assert not loaded.is_new
    kept = load_generation(client, loaded.generation.number)
    assert kept is not None
    assert kept.entries == read.entries


class Interrupted(RedisLists):
    """A loader that lets others go first, once each, at the steps that ``before`` or ``after`` name."""

    def __init__(self, client: Redis, **others: Callable[[], object]) -> None:
        super().__init__(client, TOKENS)
        self._others = others

    def _lets_go_first(self, step: str) -> None:
        other = self._others.pop(step, None)
        if other is not None:
            other()

    def has_identifiers(self, number: int) -> bool:
        found = super().has_identifiers(number)
        if found:
            self._lets_go_first("after_identifiers_were_whole")
        return found

    def put_generation(
        self, generation: Generation, identifiers: ListedIdentifiers, gone: ListedIdentifiers, earlier: int
    ) -> bool:
        self._lets_go_first("before_put_generation")
        return super().put_generation(generation, identifiers, gone, earlier)

    def switch(self, number: int, replaced: int, rollback: Rollback | None = None) -> bool:
        self._lets_go_first("before_switch")
        return super().switch(number, replaced, rollback)

    def numbers(self) -> tuple[int, ...]:
        found = super().numbers()
        self._lets_go_first("after_numbers")
        return found

    def current(self) -> int:
        found = super().current()
        self._lets_go_first("after_current")
        return found


def six_generations(client: Redis) -> None:
    """The first, a list of 10 entries, is more than are retained: whoever loads last has yet to drop it."""
    store = RedisLists(client, TOKENS)
    for count in range(10, 15):
        load(store, [reading(count)], "officer", at=NOW)
    store.put_entries("ofac-sdn", "fifteenth", reading(15).entries)
    sources = {"ofac-sdn": SourceVersion("fifteenth", 15, "", NOW.isoformat(), "officer")}
    assert store.put_generation(Generation(store.reserve_number(), sources), {}, {}, 0)
    assert store.switch(6, replaced=5)


def assert_in_force_and_whole(client: Redis, read: Reading) -> None:
    found = load_generation(client, RedisLists(client, TOKENS).current())
    assert found is not None
    assert found.entries == read.entries


def test_a_loader_puts_anew_what_another_has_dropped_before_its_generation_was_there(client: Redis) -> None:
    six_generations(client)

    def others_drop_the_first() -> None:
        RedisLists(client, TOKENS).discard([1])

    loader = Interrupted(client, before_put_generation=others_drop_the_first)
    load(loader, [reading(10)], "officer", at=NOW, max_shrink=1)
    assert_in_force_and_whole(client, reading(10))


def test_a_loader_works_out_anew_what_is_lost_of_what_it_would_carry(client: Redis) -> None:
    load(RedisLists(client, TOKENS), [reading(10)], "", at=NOW)
    load(Interrupted(client, before_put_generation=lambda: loses_a_token(client)), [reading(11)], "", at=NOW)
    found = identifiers_in_force(client)
    client.flushdb()
    load(RedisLists(client, TOKENS), [reading(11)], "", at=NOW)
    assert found == identifiers_in_force(client)


def test_a_generation_whose_identifiers_go_as_it_is_completed_is_put_anew(client: Redis) -> None:
    loader = Interrupted(client, after_identifiers_were_whole=lambda: loses_a_kind(client))
    load(loader, [reading(10)], "", at=NOW)
    assert client.hlen(f"tw:lists:ids:{loader.current()}:phone") == 1 + 10


def test_what_another_loader_puts_in_force_while_one_drops_keeps_its_entries(client: Redis) -> None:
    six_generations(client)

    def another_loads_the_first_again() -> None:
        load(RedisLists(client, TOKENS), [reading(10)], "another", at=NOW, max_shrink=1)

    Interrupted(client, after_numbers=another_loads_the_first_again).discard([1])
    assert_in_force_and_whole(client, reading(10))
    assert load_generation(client, 1) is None


def test_a_generation_that_is_rolled_back_to_while_another_drops_it_stays(client: Redis) -> None:
    six_generations(client)
    Interrupted(client, after_current=lambda: rollback(RedisLists(client, TOKENS), WARRANT, 1)).discard([1])
    assert_in_force_and_whole(client, reading(10))


def test_a_generation_that_was_dropped_is_not_rolled_back_to(client: Redis) -> None:
    six_generations(client)
    officer = Interrupted(client, before_switch=lambda: RedisLists(client, TOKENS).discard([1]))
    with pytest.raises(GenerationUnknown, match="1 no longer kept"):
        rollback(officer, WARRANT, 1)
    assert (officer.current(), officer.rollbacks()) == (6, ())


def test_a_list_that_is_confirmed_as_redis_is_emptied_is_loaded(client: Redis) -> None:
    """Else a generation would be there that has one source of all, and is taken for whole."""
    load(RedisLists(client, TOKENS), [reading(10), reading(3, "un-sc")], "officer", at=NOW)

    class Emptied(RedisLists):
        def touch(self, number: int, source: str, version: SourceVersion) -> bool:
            client.flushall()
            return super().touch(number, source, version)

    loaded = load(Emptied(client, TOKENS), [reading(10)], "officer", at=NOW)
    assert loaded.is_new
    assert set(loaded.generation.sources) == {"ofac-sdn"}
    assert_in_force_and_whole(client, reading(10))


def test_lost_entries_are_there_again_once_their_list_is_loaded_again(client: Redis) -> None:
    store = RedisLists(client, TOKENS)
    version = load(store, [reading(10)], "officer", at=NOW).generation.sources["ofac-sdn"].version
    client.delete(f"tw:lists:entries:ofac-sdn:{version}")
    assert load(store, [reading(10)], "officer", at=NOW).is_new
    assert_in_force_and_whole(client, reading(10))


def test_generation_with_lost_entries_is_not_taken_for_whole(client: Redis) -> None:
    store = RedisLists(client, TOKENS)
    version = load(store, [reading(10)], "officer", at=NOW).generation.sources["ofac-sdn"].version
    client.delete(f"tw:lists:entries:ofac-sdn:{version}")
    assert load_generation(client, 1) is None
    assert load_generation(client, 2) is None


def test_counter_that_was_lost_goes_on_after_the_number_in_force(client: Redis) -> None:
    store = RedisLists(client, TOKENS)
    client.set("tw:lists:current", 41)
    assert store.reserve_number() == 42


def test_neither_lists_nor_live_entries_walk_the_keys_of_parcels(client: Redis) -> None:
    six_generations(client)
    client.config_resetstat()
    load(RedisLists(client, TOKENS), [reading(16)], "officer", at=NOW)
    assert RedisLists(client, TOKENS).numbers() == (3, 4, 5, 6, 7)
    assert [client.exists(f"tw:lists:ids:{number}:phone") for number in (2, 3, 7)] == [0, 1, 1]
    local = RedisLocal(client, TOKENS)
    local.put_entry(LocalEntry("phone", "", "hot-1", "", "", "officer", NOW.isoformat()), ["+17753220003"])
    assert [entry.entry_id for entry in local.local_entries()] == ["hot-1"]
    assert local.drop_entry_id("hot-1")
    assert "cmdstat_scan" not in client.info("commandstats")


def test_workers_are_shown_with_their_generation(client: Redis) -> None:
    store = RedisLists(client, TOKENS)
    store.report_worker("w-0", WorkerReport(3, "2026-11-24T12:00:00+00:00"))
    assert store.workers()["w-0"].generation == 3


def test_workers_learn_that_a_list_was_fetched_again_and_has_not_changed(client: Redis, redis: str) -> None:
    store, later = RedisLists(client, TOKENS), NOW + timedelta(hours=50)
    load(store, [reading(3)], "officer", at=NOW)
    put_in_force(client, few_rules())
    shelf = Shelf(Settings(redis_url=redis, token_secret=SecretStr(SECRET)))
    before = shelf.current()
    assert not load(store, [reading(3)], "officer", at=later).is_new
    after = shelf.current()
    assert (before.generation, before.confirmed) == (after.generation, after.confirmed - 1)
    assert shelf.load(after).loaded_at == {"ofac-sdn": later}


@pytest.mark.parametrize(
    "kept", [b"cut off", *map(zlib.compress, (b"{}", b'{"new.yaml": "rulez: []"}', b"[" * 100_000))]
)
def test_a_ruleset_that_this_release_cannot_read_is_waited_for_to_be_replaced(
    client: Redis, redis: str, kept: bytes
) -> None:
    """It was published by a later one, say: a worker that ended would be started again and again."""
    load(RedisLists(client, TOKENS), [reading(3)], "officer", at=NOW)
    put_in_force(client, few_rules())
    shelf = Shelf(Settings(redis_url=redis, token_secret=SecretStr(SECRET)))
    wanted = shelf.current()
    published = client.getset(f"tw:rules:bundle:{wanted.rules_version}", kept)
    assert isinstance(published, bytes)
    with pytest.raises(NotPublished, match="not to be read by this release: "):
        shelf.load(wanted)
    client.set(f"tw:rules:bundle:{wanted.rules_version}", published)
    assert shelf.load(wanted).ruleset.version == wanted.rules_version


def test_former_lists_are_let_go_once_the_newer_are_in_force(client: Redis, redis: str) -> None:
    store = RedisLists(client, TOKENS)
    put_in_force(client, few_rules())
    shelf = Shelf(Settings(redis_url=redis, token_secret=SecretStr(SECRET)))
    load(store, [reading(30)], "officer", at=NOW)
    names = shelf.load(shelf.current()).names
    assert isinstance(names, ListedNames)
    index = ref(names.index)
    load(store, [reading(31)], "officer", at=NOW)
    shelf.load(shelf.current())
    del names
    shelf.let_go_of_former(in_force=1)
    assert index() is not None
    shelf.let_go_of_former(in_force=2)
    assert index() is None


@pytest.mark.parametrize("said", ["yesterday", "2026-11-30T10:00:00"])
def test_lists_that_were_last_seen_at_no_time_are_waited_for_to_be_replaced(
    client: Redis, redis: str, said: str
) -> None:
    put_in_force(client, few_rules())
    store = RedisLists(client, TOKENS)
    load(store, [reading(3)], "officer", at=NOW)
    found = store.generation(1)
    assert found is not None
    for source, version in found.sources.items():
        store.touch(1, source, structs.replace(version, checked_at=said))
    shelf = Shelf(Settings(redis_url=redis, token_secret=SecretStr(SECRET)))
    with pytest.raises(NotPublished, match="not to be read by this release: "):
        shelf.load(shelf.current())


def test_a_worker_takes_up_no_lists_in_the_form_of_another_release(
    client: Redis, redis: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would look their identifiers up under others than they are kept by, and release whom they hold."""
    put_in_force(client, few_rules())
    shelf = Shelf(Settings(redis_url=redis, token_secret=SecretStr(SECRET)))
    with monkeypatch.context() as earlier:
        earlier.setattr(generations, "NORMAL_FORM", 1)
        load(RedisLists(client, TOKENS), [reading(30)], "officer", at=NOW)
    with pytest.raises(NotPublished, match="generation 1 is kept in the form of another release: run"):
        shelf.load(shelf.current())
    load(RedisLists(client, TOKENS), [reading(30)], "officer", at=NOW)
    assert shelf.load(shelf.current()).wanted.generation == 2


def test_live_entry_is_kept_without_its_identifier_and_raises_the_version(client: Redis) -> None:
    store = RedisLocal(client, TOKENS)
    made, normal = local_entry("phone", "+1 775 322 0000", WARRANT)
    store.put_entry(made, normal)
    assert load_local(client, TOKENS).version == 1
    raw = client.hget("tw:local:ids:phone", TOKENS.token("phone", "+17753220000"))
    assert isinstance(raw, bytes)
    assert b"seizure 4711" in raw
    assert b"775" not in raw
    assert [each.entry_id for each in store.local_entries()] == [made.entry_id]
    assert store.drop_entry("phone", normal, REMOVAL)
    assert not store.drop_entry("phone", normal, REMOVAL)
    assert load_local(client, TOKENS).version == 2


def test_an_address_that_may_be_read_otherwise_is_one_entry_and_removed_by_either_reading(
    client: Redis,
) -> None:
    store = RedisLocal(client, TOKENS)
    made, normals = local_entry("address", "12 Hezuo Rd, Haidian District, Beijing, CN", WARRANT)
    assert len(normals) == 2
    store.put_entry(made, normals)
    kept = client.hgetall("tw:local:ids:address")
    assert {TOKENS.token("address", normal).encode() for normal in normals} == kept.keys()
    assert [each.entry_id for each in store.local_entries()] == [made.entry_id]
    assert store.drop_entry("address", normals[1:], REMOVAL)
    assert not client.exists("tw:local:ids:address")


def test_named_live_entry_is_held_in_memory_and_dropped_by_number(client: Redis) -> None:
    store = RedisLocal(client, TOKENS)
    made, normal = local_entry("name", "Ines Harbor", WARRANT)
    store.put_entry(made, normal)
    assert load_local(client, TOKENS).names == (made,)
    assert store.drop_entry_id(made.entry_id)
    assert load_local(client, TOKENS).names == ()


def test_exception_covers_its_party_alone(client: Redis) -> None:
    store = RedisLocal(client, TOKENS)
    party = Party("Ines Harbor", ("12 Main St",), "Reno", "NV", "89501", "US", "775 322 0000")
    known, keys = known_different((party,), entry(1), WARRANT)
    store.put_exception(keys, known)
    found = load_local(client, TOKENS).known_different
    other = Party("Ines Harbor", ("9 Elm St",), "Boston", "MA", "02139", "US")
    assert found.covering(keys[1:], entry(1), NOW) == known
    assert found.covering(person_keys(other), entry(1), NOW) is None
    assert found.covering(keys, entry(2), NOW) is None
    assert store.exceptions() == (known,)
    assert store.drop_exception(keys[1:], "ofac-sdn", "1")  # found again by the phone alone
    assert load_local(client, TOKENS).known_different.covering(keys, entry(1), NOW) is None
