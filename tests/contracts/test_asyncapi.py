"""The topics are the same in asyncapi.yaml, in what is deployed and in the code, and nothing is unused."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.contracts.published import asyncapi, deployed_topics
from tidewaiter.resources import schemas_directory
from tidewaiter.wire import topics
from tidewaiter.wire.topics import ALL, SCHEMAS


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if "$ref" in part:
            yield part["$ref"]
        part = list(part.values())
    if isinstance(part, list):
        for member in part:
            yield from references(member)


def resolved(document: Any, reference: str) -> Any:
    at = document
    for step in reference.removeprefix("#/").split("/"):
        at = at[step]
    return at


def schema_of(document: Any, channel: Any) -> str:
    (message,) = channel["messages"].values()
    payload = resolved(document, message["$ref"])["payload"]
    return str(payload["schema"]["$ref"]).removesuffix(".schema.json")


def test_the_topics_are_those_of_the_code() -> None:
    document = asyncapi()
    published = {
        channel["address"]: schema_of(document, channel) for channel in document["channels"].values()
    }
    assert published == dict(SCHEMAS)


def test_the_topics_are_those_that_are_deployed() -> None:
    assert deployed_topics() == sorted(ALL)


def test_the_topics_of_the_code_are_its_constants() -> None:
    constants = {value for name, value in vars(topics).items() if name.isupper() and isinstance(value, str)}
    assert constants == ALL


def test_a_channel_has_the_name_of_its_topic() -> None:
    assert all(name == channel["address"] for name, channel in asyncapi()["channels"].items())


def test_every_reference_leads_somewhere() -> None:
    document = asyncapi()
    for reference in references(document):
        if reference.startswith("#/"):
            assert resolved(document, reference)
        else:
            assert (schemas_directory() / reference).is_file()


def test_every_channel_is_sent_or_received() -> None:
    document = asyncapi()
    used = {operation["channel"]["$ref"] for operation in document["operations"].values()}
    assert used == {f"#/channels/{name}" for name in document["channels"]}


def test_every_component_is_used() -> None:
    document = asyncapi()
    used = set(references(document))
    for kind, components in document["components"].items():
        assert {f"#/components/{kind}/{name}" for name in components} <= used


def test_every_published_file_belongs_to_a_topic() -> None:
    folder = schemas_directory()
    schemas = {f"{name}.schema.json" for name in SCHEMAS.values()}
    assert {file.name for file in folder.iterdir()} == schemas | {"asyncapi.yaml", "examples"}
    assert {file.name for file in (folder / "examples").iterdir()} == set(SCHEMAS)
    kinds = {file.name for topic in (folder / "examples").iterdir() for file in Path(topic).iterdir()}
    assert kinds == {"valid", "invalid"}
