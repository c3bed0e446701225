"""The page of a backtest as an analyst sees it: in a browser, with what carriers wrote in it."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

from tests.browser import browser, has_browser, logged
from tests.endtoend.commands import invoked, surroundings
from tests.unit.backtest.weeks import messages
from tidewaiter.resources import rulesets_directory

pytestmark = pytest.mark.browser
MARKUP = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
WIDE, NARROW = 1200, 380


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the command leaves of a history in which every description ends in markup."""
    directory = tmp_path_factory.mktemp("backtest")
    history, rules = directory / "history.ndjson", directory / "looser"
    history.write_bytes(b"\n".join(_with_markup(message.value) for message in messages()))
    default = rulesets_directory() / "default"
    _copy_without_one_hold(default, rules)
    written = ("--html", str(directory / "page.html"), "--json", str(directory / "report.json"))
    command = ("backtest", "--history", str(history), "--rules", str(default), "--against", str(rules))
    result = invoked(*command, *written, "--capacity", "20", environment=surroundings())
    assert result.exit_code == 0, result.output
    return directory


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    if not has_browser():
        pytest.skip("the page is read in Chromium: chromium and chromedriver are needed")
    with browser(tmp_path_factory.mktemp("profile")) as reader:
        yield reader


@pytest.fixture
def page(reader: Chrome, report: Path) -> Chrome:
    """The page, opened anew in a wide window; what was logged before is gone."""
    reader.set_window_size(WIDE, 900)
    reader.get("about:blank")
    logged(reader, "browser")
    logged(reader, "performance")
    reader.get((report / "page.html").as_uri())
    return reader


def _with_markup(value: bytes) -> bytes:
    try:
        event = orjson.loads(value)
    except orjson.JSONDecodeError:
        return value.replace(b"\n", b" ")
    for item in event.get("items", ()):
        item["description"] += " " + MARKUP
    return orjson.dumps(event)


def _copy_without_one_hold(default: Path, rules: Path) -> None:
    """The default ruleset, but for a limit that more parcels of one contact may pass."""
    shutil.copytree(default, rules)
    main = rules / "ruleset.yaml"
    main.write_text(main.read_text().replace("contact_parties_hold: 12", "contact_parties_hold: 900"))


def test_page_asks_the_network_for_nothing_and_no_rule_of_its_own_is_broken(page: Chrome) -> None:
    assert logged(page, "browser") == []
    asked = [one["params"]["request"]["url"] for one in _events(page, "Network.requestWillBeSent")]
    assert asked == [page.current_url]


def test_what_carriers_wrote_is_text(page: Chrome) -> None:
    assert page.title.startswith("Backtest of default")
    assert page.find_elements(By.CSS_SELECTOR, "script, img") == []
    assert MARKUP.partition(" ")[0] in page.page_source.replace("&lt;", "<").replace("&gt;", ">")


def test_a_parcel_opens_at_a_click_and_says_why_it_is_held(page: Chrome) -> None:
    newly = page.find_element(By.XPATH, "//h3[contains(., 'newly held')]/following-sibling::details[1]")
    parcel = newly.find_element(By.CSS_SELECTOR, "details")
    assert not parcel.is_displayed()
    _click(newly)
    assert parcel.is_displayed()
    reason = parcel.find_element(By.TAG_NAME, "table")
    assert not reason.is_displayed()
    _click(parcel)
    assert reason.is_displayed()
    assert "A03" in reason.text


def test_bars_are_as_high_as_their_counts(page: Chrome, report: Path) -> None:
    told = json.loads((report / "report.json").read_bytes())
    plot = page.find_element(By.CSS_SELECTOR, "svg[aria-label='parcels held a day']")
    for side in ("candidate", "against"):
        bars = plot.find_elements(By.CSS_SELECTOR, f"rect.{side}")
        heights = [bar.rect["height"] for bar in bars]
        counts = told[side]["held"]
        assert len(heights) == len(counts)
        tallest, most = max(heights), max(counts)
        for height, count in zip(heights, counts, strict=True):
            assert height == pytest.approx(tallest * count / most, abs=1.5)


def test_nothing_sticks_out_of_a_telephone(page: Chrome) -> None:
    telephone = {"width": NARROW, "height": 800, "deviceScaleFactor": 2, "mobile": True}
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", telephone)
    page.refresh()
    for details in page.find_elements(By.CSS_SELECTOR, "body > details"):
        _click(details)
    widths = page.execute_script(
        "const page = document.documentElement; return [page.clientWidth, page.scrollWidth]"
    )
    page.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert widths == [NARROW, NARROW]


def _click(details: WebElement) -> None:
    details.find_element(By.TAG_NAME, "summary").click()


def _events(page: Chrome, method: str) -> list[dict[str, Any]]:
    messages = [json.loads(line["message"])["message"] for line in logged(page, "performance")]
    return [one for one in messages if one["method"] == method]
