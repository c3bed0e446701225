"""Under which token secret Redis was written: under another nothing is found there, and nobody would notice.

Key: ``tw:lists:secret`` a token under the secret of whoever first put lists there; gone once it is emptied.
"""

from typing import Final

import redis

from tidewaiter.adapters.tokens import Tokens

_SECRET: Final = "tw:lists:secret"


class AnotherSecret(Exception):
    """Redis was written under another token secret than is set here; the message is one line."""


def claim(client: redis.Redis, tokens: Tokens) -> None:
    """Take a Redis that nobody has written to for this secret. Raises AnotherSecret; redis-py's errors."""
    client.set(_SECRET, mark(tokens), nx=True)
    check(client, tokens)


def check(client: redis.Redis, tokens: Tokens) -> None:
    """Raises AnotherSecret, and redis-py's errors; a Redis that nobody has claimed is anybody's."""
    known = client.get(_SECRET)
    if known is not None and known not in (mark(tokens), mark(tokens).encode()):
        raise AnotherSecret(
            "TIDEWAITER_TOKEN_SECRET: found another than lists in Redis were loaded under, expected that one "
            "(to change it, empty Redis and load the lists again)"
        )


def mark(tokens: Tokens) -> str:
    """What tells a secret from another without telling it."""
    return tokens.token("secret", "")
