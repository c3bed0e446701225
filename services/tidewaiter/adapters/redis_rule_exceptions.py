"""Exceptions from rules in Redis: in force from the next batch on, under tokens of the parties' keys.

Key: ``tw:rules:exceptions`` hash, "<party token>|<rule>" → RuleException. Any change raises
``tw:local:version``, which every answer to a worker names, so that workers read them again.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, cast

import msgspec
import redis

from tidewaiter.adapters import redis_secret
from tidewaiter.adapters.redis_local import VERSION
from tidewaiter.adapters.tokens import Tokens
from tidewaiter.domain.exception import RuleException
from tidewaiter.matching.identity import ExactKey

RULE_EXCEPTIONS: Final = "tw:rules:exceptions"
_PARTY: Final = "party"

_decode = msgspec.json.Decoder(RuleException).decode


class RememberedExceptions:
    """All exceptions in memory, asked for the parties of one parcel at a time; for the screener."""

    def __init__(self, tokens: Tokens, found: Iterable[tuple[str, RuleException]]) -> None:
        self._tokens = tokens
        self._by_party: dict[str, list[RuleException]] = {}
        for field, exception in found:
            self._by_party.setdefault(field.partition("|")[0], []).append(exception)

    def __len__(self) -> int:
        return len(self._by_party)

    def covering(self, person_keys: Sequence[ExactKey], now: datetime) -> Mapping[str, RuleException]:
        """See ``screener.excepting.RuleExceptions``."""
        moment = now.isoformat(timespec="seconds")
        tokens = [self._tokens.token(_PARTY, key) for key in person_keys]
        found = [one for token in tokens for one in self._by_party.get(token, ())]
        return {one.rule_id: one for one in found if one.stands(moment)}


class RedisRuleExceptions:
    """The exceptions on one Redis. Its calls block as long as the client lets them; redis.RedisError."""

    def __init__(self, client: redis.Redis, tokens: Tokens) -> None:
        self._client = client
        self._tokens = tokens

    def put(self, person_keys: Sequence[ExactKey], exception: RuleException) -> None:
        """Remember that whoever has one of the keys is excepted, in place of an earlier exception.

        Raises AnotherSecret: no party would be found to be excepted.
        """
        redis_secret.claim_for_officers(self._client, self._tokens)
        encoded = msgspec.json.encode(exception)
        fields = {self._field(key, exception.rule_id): encoded for key in person_keys}
        with self._client.pipeline(transaction=True) as together:
            together.hset(RULE_EXCEPTIONS, mapping=fields)  # type: ignore[arg-type]
            together.incr(VERSION)
            together.execute()

    def drop(self, person_keys: Sequence[ExactKey], rule_id: str) -> bool:
        """Forget the exceptions that one of the keys has, under all their keys; whether there was one.

        Raises AnotherSecret: none would be found.
        """
        redis_secret.check(self._client, self._tokens)
        fields = {self._field(key, rule_id) for key in person_keys}
        known = self._fields()
        numbers = {one.number for field, one in known if field in fields}
        return self._dropped([field for field, one in known if one.number in numbers])

    def drop_number(self, number: str) -> bool:
        """Forget the exception of that number; whether there was one."""
        return self._dropped([field for field, one in self._fields() if one.number == number])

    def drop_ended(self, now: datetime) -> bool:
        """Forget those that have ended, which except nobody any more; whether there was one."""
        moment = now.isoformat(timespec="seconds")
        return self._dropped([field for field, one in self._fields() if not one.stands(moment)])

    def all(self) -> tuple[RuleException, ...]:
        """All of them, each once, though it is kept under several keys of its party."""
        found = {one for _, one in self._fields()}
        return tuple(sorted(found, key=lambda one: (one.added, one.rule_id)))

    def loaded(self) -> RememberedExceptions:
        """All of them for a worker's memory."""
        return RememberedExceptions(self._tokens, self._fields())

    def _fields(self) -> list[tuple[str, RuleException]]:
        found = cast("dict[bytes, bytes]", self._client.hgetall(RULE_EXCEPTIONS))
        return [(field.decode(), _decode(raw)) for field, raw in found.items()]

    def _dropped(self, fields: Sequence[str]) -> bool:
        gone = int(self._client.hdel(RULE_EXCEPTIONS, *fields)) if fields else 0
        if gone:
            self._client.incr(VERSION)
        return gone > 0

    def _field(self, person_key: str, rule_id: str) -> str:
        return f"{self._tokens.token(_PARTY, person_key)}|{rule_id}"
