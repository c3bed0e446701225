"""Where the files lie that the program reads as data: in the wheel, or in the folders of the repository."""

from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_REPOSITORY = _PACKAGE.parents[1]


@cache
def _located(in_wheel: str, in_repository: str) -> Path:
    """The installed copy where there is one, else the repository's.

    Raises FileNotFoundError with both places when neither exists, which is a broken installation.
    """
    places = (_PACKAGE / "_data" / in_wheel, _REPOSITORY / in_repository)
    for place in places:
        if place.exists():
            return place
    raise FileNotFoundError(f"{in_wheel}: found neither {places[0]} nor {places[1]}")


def schemas_directory() -> Path:
    """The published contracts, `<topic>.v<N>.schema.json`, their examples and `asyncapi.yaml`."""
    return _located("schemas", "schemas")


def rulesets_directory() -> Path:
    """The rule bundles, one folder each."""
    return _located("rulesets", "deploy/rulesets")


def policy_directory() -> Path:
    """The effective-dated policy calendars."""
    return _located("policy", "deploy/policy")


def topics_file() -> Path:
    """Partitions, retention and cleanup of every topic."""
    return _located("topics.yaml", "deploy/kafka/topics.yaml")


def acls_file() -> Path:
    """What each principal may do on Kafka."""
    return _located("acls.yaml", "deploy/kafka/acls.yaml")
