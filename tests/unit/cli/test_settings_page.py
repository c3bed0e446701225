"""The page of settings is current, says what each is for, and its defaults are accepted."""

import re
from pathlib import Path

import pytest

from tidewaiter.cli.settings_page import page
from tidewaiter.settings import PREFIX, Settings, load_settings

PAGE = Path(__file__).parents[3] / "docs/settings.md"
ROWS = [row.strip("| ").split(" | ") for row in page().splitlines() if row.startswith(f"| `{PREFIX}")]


def test_the_page_is_made_from_the_settings_of_now() -> None:
    assert PAGE.read_text() == page()


def test_every_setting_has_a_line_and_a_meaning() -> None:
    assert [name for name, *_ in ROWS] == [f"`{PREFIX}{name.upper()}`" for name in Settings.model_fields]
    assert all(re.fullmatch(r".+\.", meaning) for *_, meaning in ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_default_as_the_page_writes_it_is_what_holds_without_it(
    row: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    name, default = row[0].strip("`"), row[1]
    if default != "not shown":
        monkeypatch.setenv(name, default.strip("`"))
    assert load_settings() == Settings()
