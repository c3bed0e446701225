"""The files that the program reads as data are found in the repository, and a broken installation says so."""

import pytest

from tidewaiter import resources


def test_the_folders_are_those_of_the_repository() -> None:
    assert (resources.schemas_directory() / "asyncapi.yaml").is_file()
    assert resources.topics_file().name == "topics.yaml"
    assert resources.rulesets_directory().name == "rulesets"
    assert resources.policy_directory().name == "policy"


def test_a_missing_folder_is_named_with_both_places() -> None:
    with pytest.raises(
        FileNotFoundError, match=r"nowhere: found neither .*_data/nowhere nor .*deploy/nowhere"
    ):
        resources._located("nowhere", "deploy/nowhere")
