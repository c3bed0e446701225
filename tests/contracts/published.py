"""The published files, as the tests of the contracts read them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from tidewaiter.resources import schemas_directory, topics_file
from tidewaiter.wire.schema import Schema
from tidewaiter.wire.topics import SCHEMAS

TOPICS = tuple(sorted(SCHEMAS))


def examples(kind: str) -> list[tuple[str, Path]]:
    """Topic and file of every example that is ``valid`` or ``invalid``."""
    return [
        (topic, file)
        for topic in TOPICS
        for file in sorted((schemas_directory() / "examples" / topic / kind).glob("*.json"))
    ]


def name_of(example: object) -> str | None:
    """A readable test id: the file's name without the ending."""
    return example.stem if isinstance(example, Path) else None


def asyncapi() -> Any:
    return yaml.safe_load((schemas_directory() / "asyncapi.yaml").read_text())


def deployed_topics() -> list[str]:
    return sorted(topic["name"] for topic in yaml.safe_load(topics_file().read_text())["topics"])


def subschemas(schema: Schema) -> Iterator[Schema]:
    """The schema and everything in it that is an object: subschemas, and the maps that hold them."""
    yield schema
    for member in schema.values():
        for part in member if isinstance(member, list) else [member]:
            if isinstance(part, dict):
                yield from subschemas(part)
