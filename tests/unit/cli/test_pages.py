"""Pages show what others wrote as they wrote it, whatever it looks like."""

import json
from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from tidewaiter.cli.pages import story_page
from tidewaiter.cli.terminal import harmless, terminal
from tidewaiter.inspection.story import Chapter, Story

KEY = "FX|[/x]"
EXAMPLES = Path(__file__).parents[3] / "schemas" / "examples"


def shown(story: Story) -> str:
    out = StringIO()
    terminal(file=out, width=200).print(story_page(story))
    return out.getvalue()


def order(description: str) -> dict[str, object]:
    reason = {
        "rule_id": "D01", "title": "Vague [/b]", "hold_code": "DOC-DESC", "holds": True,
        "weight": 0, "unavailable": False,
        "evidence": [{"field": "text.words", "value_masked": description}],
    }  # fmt: skip
    return {
        "officer_reason": "", "holds": [], "reasons": [reason], "watchlist_versions": {}, "score": 0,
        "score_band": "low", "rules_version": "1", "policy_version": "1", "policy_rows": [],
        "watchlist_generation": 1,
    }  # fmt: skip


def test_goods_that_look_like_markup_are_shown_as_they_are() -> None:
    message = {"event_type": "CREATE", "items": [{"description": "[red]toys[/blue]"}]}
    page = shown(Story(KEY, (Chapter("parcel-events/0/1", message, None, order("[/x] :us:")),), None))
    assert all(words in page for words in ("[red]toys[/blue]", "Vague [/b]", "[/x] :us:", KEY))


def test_the_end_of_a_manual_hold_is_shown() -> None:
    hold = {"code": "MAN-OFF", "severity": 4, "removable_by": "OFFICER", "basis": ["R03:a1"]}
    ended = {**order("toys"), "holds": [{**hold, "expires_at": "2026-11-24T13:00:00Z"}, hold]}
    page = shown(Story(KEY, (Chapter("officer-actions/0/1", {}, None, ended),), None))
    assert page.count("until 2026-11-24T13:00:00Z") == 1


def test_a_message_that_is_not_as_the_schema_wants_it_is_shown() -> None:
    message = {"event_type": "CREATE", "items": ["toys", None, {"description": 7}]}
    dead = {"reason": "items/0: found text"}
    page = shown(Story(KEY, (Chapter("parcel-events/0/1", message, None, None, dead),), None))
    assert "CREATE at ?  7" in page
    assert "items/0: found text" in page


def test_nothing_that_a_terminal_obeys_comes_through() -> None:
    message = {"event_type": "CREATE", "items": [{"description": "toys\x1b]0;owned\x07\u202e"}]}
    page = shown(Story(KEY, (Chapter("parcel-events/0/1", message, None, order("\x1b[2J")),), None))
    assert not {"\x1b", "\x07", "\u202e"} & set(page)
    assert r"toys\x1b]0;owned\x07\u202e" in page


def test_harmless_keeps_every_script_and_space() -> None:
    text = "Иван 王伟 é\u3000x\u00a0y\tz\n"
    assert harmless(text) == text


def example(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((EXAMPLES / f"{name}.json").read_bytes())
    return document


def test_a_held_parcel_is_shown_with_all_that_it_is_held_for() -> None:
    held = example("parcel-decisions/valid/hold-because-a-source-was-out")
    opened = example("hold-orders/valid/open")
    told = Chapter("a/0/1", {"action_type": "EXAM_RESULT", "action_time": "noon"}, held, opened)
    page = shown(Story(KEY, (told,), opened, held))
    for words in (
        "EXAM_RESULT at noon",
        "HOLD  SCREENING_PENDING (SYS)  degraded  decided 2026",
        "WL-NARC: W01 Listed party",
        "a/0/1",
        "WL-NARC │ 5        │ OFFICER      │ W01:",
        "removable by ┃ rests on",
        "for     ┃ against ┃ holds",
        "holds WL-NARC │ hit.score = 0.97",
        "ADR-CMRA +45",
        "rosa ~ rosa (exact 1.00) │ address │         │ yes",
        "consignee │ phone │ fictitious-sdn/90017",
        "score 45 (review)",
        "HOLD, open holds WL-NARC",
    ):
        assert words in page


def test_a_parcel_that_is_free_is_shown_so_and_what_is_not_there_is_said() -> None:
    free = example("parcel-decisions/valid/release")
    gone, unread = Chapter("p/0/1", None, is_here=False), Chapter("p/0/2", None)
    page = shown(Story(KEY, (gone, unread, Chapter("p/0/3", {}, free)), None, free))
    assert (
        page.count("a message that its topic has no more") == page.count("a message that cannot be read") == 1
    )
    assert not any(words in page for words in ("degraded", "open holds"))
    assert page.endswith(f"{KEY}: RELEASE\n")


@pytest.mark.parametrize(
    ("changes", "effect"),
    [
        ({"unavailable": True}, "could not be checked"),
        ({"excepted": "known"}, "excepted: known"),
    ],
    ids=("unavailable", "excepted"),
)
def test_a_finding_that_does_not_hold_says_why(changes: Mapping[str, object], effect: str) -> None:
    opened = example("hold-orders/valid/open")
    opened["reasons"] = [{**opened["reasons"][0], **changes}]
    opened["hits"] = [{**opened["hits"][0], "holds": False, **changes}]
    page = shown(Story(KEY, (Chapter("p/0/1", {"event_time": "noon"}, None, opened),), None))
    assert f"{opened['reasons'][0]['rule_id']}  │" in page
    assert "? at noon" in page
    assert f"│ {effect} " in page
    assert ("│ excepted: known" if "excepted" in changes else "│ no ") in page
