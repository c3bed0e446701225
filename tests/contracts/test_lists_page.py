"""docs/lists.md: the columns of an own list are those that are read."""

import re
from pathlib import Path

from tidewaiter.watchlists.formats import own

PAGE = (Path(__file__).parents[2] / "docs/lists.md").read_text()


def test_each_column_of_an_own_list_is_documented_once() -> None:
    rows = re.findall(r"^\| (`[^|]*`) \|", PAGE, re.MULTILINE)
    columns = [column for row in rows for column in re.findall(r"`(\w+)`", row)]
    assert sorted(columns) == sorted(own.FIELDS)
