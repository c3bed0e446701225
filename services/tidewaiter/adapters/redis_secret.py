"""Under which token secret Redis was written: under another nothing is found there, and nobody would notice.

Keys: ``tw:lists:secret`` a token under the secret of whoever first put lists there · ``tw:local:secret`` the
same of officers' entries and exceptions, which may come before any list; both gone once it is emptied.
"""

from typing import Final

import redis

from tidewaiter.adapters.tokens import Tokens

_LISTS: Final = "tw:lists:secret"
_OFFICERS: Final = "tw:local:secret"


class AnotherSecret(Exception):
    """Redis was written under another token secret than is set here; the message is one line."""


def claim_for_lists(client: redis.Redis, tokens: Tokens) -> None:
    """Take a Redis that nobody has written to for this secret. Raises AnotherSecret; redis-py's errors."""
    _claim(client, tokens, _LISTS)


def claim_for_officers(client: redis.Redis, tokens: Tokens) -> None:
    """The same for what officers enter, who may not write what is the lists'."""
    _claim(client, tokens, _OFFICERS)


def check(client: redis.Redis, tokens: Tokens) -> None:
    """Raises AnotherSecret, and redis-py's errors; a Redis that nobody has claimed is anybody's."""
    ours = (None, mark(tokens), mark(tokens).encode())
    for key, what in ((_LISTS, "lists in Redis were loaded"), (_OFFICERS, "officers' entries were made")):
        if client.get(key) not in ours:
            raise AnotherSecret(
                f"TIDEWAITER_TOKEN_SECRET: found another than {what} under, expected that one "
                "(to change it, empty Redis and load the lists again)"
            )


def mark(tokens: Tokens) -> str:
    """What tells a secret from another without telling it."""
    return tokens.token("secret", "")


def _claim(client: redis.Redis, tokens: Tokens, key: str) -> None:
    """Looked at before, or a wrong secret would leave its mark; and after, for who came at the same time."""
    check(client, tokens)
    client.set(key, mark(tokens), nx=True)
    check(client, tokens)
