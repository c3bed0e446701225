"""``tidewaiter rules facts``: what rules may ask, as a table, as JSON, and as the page docs/facts.md."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from rich.console import Console

from tidewaiter.cli.rules_views import show_rows
from tidewaiter.rules.catalogue import Catalogue, Fact, Field, Record

_INTRODUCTION = """# Facts

The names that `when` and `holds_when` of a bundle may use beside its own `limits` and `sets`. How one is
written stands at the top of `services/tidewaiter/rules/ruleset.py`, of word lists in `wordlistfile.py` there.
An unknown name, or a use that does not fit its type, is refused with file, line, column and the nearest name.

A fact that **may be unknown** has no value while its source is out. A rule that needs it is then
unavailable, and the parcel is held by the rule that fails closed; `has(fact)` does not help, since it
cannot be told either. `has(fact)` is true when the value is not null, false, zero or empty.

This page is made by `tidewaiter rules facts --markdown > docs/facts.md`.
"""


def table(out: Console, catalogue: Catalogue) -> None:
    """The facts, then the fields of each record type."""
    show_rows(out, ("fact", "type", "unit", "", "source", "meaning"), map(_row, catalogue.values()))
    for record in catalogue.records.values():
        out.print()
        fields = ((one.name, one.type, one.unit, one.meaning) for one in record.fields)
        show_rows(out, (f"field of {record.name}", "type", "unit", "meaning"), fields)


def _row(fact: Fact) -> tuple[object, ...]:
    unknown = "may be unknown" if fact.may_be_unknown else ""
    return fact.name, fact.type, fact.unit, unknown, fact.source, fact.meaning


def as_json(catalogue: Catalogue) -> list[dict[str, Any]]:
    """One object a fact; a fact of a record type has its fields, too."""
    return [_fact_json(one, catalogue) for one in catalogue.values()]


def _fact_json(fact: Fact, catalogue: Catalogue) -> dict[str, Any]:
    found = {
        "name": fact.name,
        "type": str(fact.type),
        "unit": fact.unit,
        "may_be_unknown": fact.may_be_unknown,
        "source": fact.source,
        "meaning": fact.meaning,
    }
    record = _record_of(fact, catalogue)
    return found | {"fields": [_field_json(one) for one in record.fields]} if record else found


def _field_json(field: Field) -> dict[str, str]:
    return {"name": field.name, "type": str(field.type), "unit": field.unit, "meaning": field.meaning}


def _record_of(fact: Fact, catalogue: Catalogue) -> Record | None:
    element = fact.type.parameters[0] if fact.type.name == "list" else fact.type
    return catalogue.records.get(element.name)


def markdown(catalogue: Catalogue) -> str:
    """The page about the facts, by the first part of their names, with a newline at its end."""
    lines = [_INTRODUCTION]
    for subject, facts in _by_subject(catalogue):
        lines += [f"## {subject}", "", *_markdown_table(facts), ""]
    for record in catalogue.records.values():
        lines += [f"## Fields of {record.name}", "", *_field_table(record), ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def _by_subject(catalogue: Catalogue) -> Iterator[tuple[str, Sequence[Fact]]]:
    subjects = dict.fromkeys(name.partition(".")[0] for name in catalogue)
    for subject in subjects:
        yield subject, [fact for name, fact in catalogue.items() if name.partition(".")[0] == subject]


def _markdown_table(facts: Iterable[Fact]) -> Iterator[str]:
    yield "| fact | type | meaning | source |"
    yield "|---|---|---|---|"
    for one in facts:
        unit = f" ({one.unit})" if one.unit else ""
        unknown = "; **may be unknown**" if one.may_be_unknown else ""
        yield f"| `{one.name}` | {one.type} | {_cell(one.meaning + unit)}{unknown} | {_cell(one.source)} |"


def _field_table(record: Record) -> Iterator[str]:
    yield "| field | type | meaning |"
    yield "|---|---|---|"
    for one in record.fields:
        unit = f" ({one.unit})" if one.unit else ""
        yield f"| `{one.name}` | {one.type} | {_cell(one.meaning + unit)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("*", "\\*")
