"""Decisions and their evidence as tables that a person reads."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from tidewaiter.cli.terminal import add_row, harmless
from tidewaiter.inspection.story import Chapter, Story

Document = Mapping[str, Any]


def story_page(story: Story) -> RenderableType:
    """A parcel's whole story."""
    return Group(*(chapter_panel(chapter) for chapter in story.chapters), _standing(story))


def chapter_panel(chapter: Chapter) -> Panel:
    """One message, the decision it got, and why."""
    parts: list[RenderableType] = [_message_line(chapter)]
    if chapter.dead_letter:
        parts.append(Text(harmless(f"dead letter: {chapter.dead_letter['reason']}"), "red"))
    if chapter.decision:
        parts.append(_decision_line(chapter.decision))
    if chapter.order:
        parts.extend(order_parts(chapter.order))
    return Panel(Group(*parts), title=chapter.source, title_align="left")


def order_parts(order: Document) -> Iterator[RenderableType]:
    """What an order says to an officer: holds, findings with values, list entries, versions."""
    if order["officer_reason"]:
        yield Text(harmless(order["officer_reason"]), "bold")
    if order["holds"]:
        yield _table(
            "open holds", ("code", "severity", "removable by", "rests on"), map(_hold_row, order["holds"])
        )
    if order["reasons"]:
        yield _table(
            "findings", ("rule", "what", "effect", "values seen"), map(_reason_row, order["reasons"])
        )
    if order.get("hits"):
        columns = ("party", "entry", "name matched", "score", "words", "for", "against", "holds")
        yield _table("names on lists", columns, map(_hit_row, order["hits"]))
    if order.get("identifiers"):
        yield _table(
            "listed identifiers", ("party", "kind", "entry"), map(_identifier_row, order["identifiers"])
        )
    lists = ", ".join(f"{name} {version[:8]}" for name, version in order["watchlist_versions"].items())
    yield Text(
        f"score {order['score']} ({order['score_band']}) · rules {order['rules_version']} · "
        f"policy {order['policy_version']}: {', '.join(order['policy_rows'])} · "
        f"lists generation {order['watchlist_generation']}: {lists}",
        "dim",
    )


def _message_line(chapter: Chapter) -> Text:
    message = chapter.message
    if not chapter.is_here:
        return Text("a message that its topic has no more, or under another key or partition", "yellow")
    if message is None:
        return Text("a message that cannot be read", "red")
    kind = message.get("event_type") or message.get("action_type") or "?"
    when = message.get("event_time") or message.get("action_time") or "?"
    return Text(harmless(f"{kind} at {when}  {'; '.join(_goods(message.get('items')))}".rstrip()))


def _goods(items: object) -> Iterator[str]:
    """What is declared, of a message that need not be as the schema wants it."""
    for item in items if isinstance(items, list) else ():
        if isinstance(item, dict):
            yield str(item.get("description", ""))


def _decision_line(decision: Document) -> Text:
    style = "red" if decision["decision"] == "HOLD" else "green"
    degraded = "  degraded" if decision["degraded"] else ""
    return Text(
        f"{decision['decision']}  {decision['public_reason']} ({decision['disposition']}){degraded}  "
        f"decided {decision['decided_at']}  id {decision['decision_id']}",
        style,
    )


def _standing(story: Story) -> RenderableType:
    last = story.last_decision
    if last is None:
        return Text(f"{story.key}: no decision yet", "yellow")
    open_holds = ", ".join(hold["code"] for hold in (story.open_order or {}).get("holds", ()))
    return Text(
        f"{story.key}: {last['decision']}" + (f", open holds {open_holds}" if open_holds else ""), "bold"
    )


def _table(title: str, columns: Iterable[str], rows: Iterable[tuple[str, ...]]) -> Table:
    table = Table(*columns, title=title, title_justify="left", show_edge=False, pad_edge=False)
    for row in rows:
        add_row(table, row)
    return table


def _hold_row(hold: Document) -> tuple[str, ...]:
    until = f"\nuntil {hold['expires_at']}" if hold.get("expires_at") else ""
    return hold["code"] + until, str(hold["severity"]), hold["removable_by"], "\n".join(hold["basis"])


def _reason_row(reason: Document) -> tuple[str, ...]:
    effect = (
        f"holds {reason['hold_code']}" if reason["holds"] else f"{reason['hold_code']} +{reason['weight']}"
    )
    if reason["unavailable"]:
        effect = "could not be checked"
    if reason.get("excepted"):
        effect = f"excepted: {reason['excepted']}"
    values = "\n".join(f"{seen['field']} = {seen['value_masked']}" for seen in reason["evidence"])
    return reason["rule_id"], reason["title"], effect, values


def _hit_row(hit: Document) -> tuple[str, ...]:
    words = "\n".join(
        f"{t['query']} ~ {t['entry']} ({t['relation']} {t['similarity']:.2f})" for t in hit["tokens"]
    )
    entry = f"{hit['list']}/{hit['entry_id']} {hit['entry_name']}\n{' '.join(hit['programs'])}"
    beside = (", ".join(hit["corroborated"]), ", ".join(hit["contradicted"]))
    verdict = f"excepted: {hit['excepted']}" if hit.get("excepted") else ("yes" if hit["holds"] else "no")
    return hit["role"], entry, hit["alias"], f"{hit['score']:.3f}", words, *beside, verdict


def _identifier_row(found: Document) -> tuple[str, ...]:
    return found["role"], found["kind"], f"{found['list']}/{found['entry_id']} {found['entry_name']}"
