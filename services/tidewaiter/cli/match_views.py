"""How ``tidewaiter match`` shows what it found: tables for people, JSON and CSV for machines."""

import csv
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import typer
from rich.table import Table

from tidewaiter.cli.terminal import add_row, harmless, terminal
from tidewaiter.domain.hit import Hit
from tidewaiter.matching.evaluation import (
    Accuracy,
    ScoredPair,
    accuracy,
    at_every_threshold,
    by_group,
    errors,
    recall_at_precision,
)

Found = Iterator[tuple[str, tuple[Hit, ...]]]


def evaluation_figures(found: Sequence[ScoredPair], threshold: float) -> dict[str, Any]:
    """The figures of an evaluation, as printed for machines."""
    curve = at_every_threshold(found)
    here = accuracy(found, threshold)
    best = max(curve, key=lambda each: each.f1, default=here)
    return {
        **_figures(here),
        "best_f1": round(best.f1, 4),
        "best_threshold": best.threshold,
        "recall_at_precision_90": round(recall_at_precision(curve, 0.9), 4),
        "by_schema": _figures_by(by_group(found, lambda pair: pair.schema, threshold)),
        "by_category": _figures_by(by_group(found, lambda pair: pair.category, threshold)),
        "errors": [_error(each) for each in errors(found, threshold)],
    }


def _figures(here: Accuracy) -> dict[str, Any]:
    return {
        "threshold": here.threshold,
        "pairs": here.pairs,
        "matches": here.matches,
        "precision": round(here.precision, 4),
        "recall": round(here.recall, 4),
        "f1": round(here.f1, 4),
    }


def _figures_by(groups: Mapping[str, Accuracy]) -> dict[str, Any]:
    return {name: _figures(figures) for name, figures in groups.items()}


def _error(each: ScoredPair) -> dict[str, Any]:
    pair = each.pair
    names = {"name1": pair.name1, "name2": pair.name2}
    return {**names, "schema": pair.schema, "is_match": pair.is_match, "score": each.score}


def print_evaluation(figures: Mapping[str, Any]) -> None:
    """Print an evaluation: figures by group, then every error."""
    table = Table("", "pairs", "matches", "precision", "recall", "F1")
    for name, group in {"all": figures, **figures["by_schema"], **figures["by_category"]}.items():
        rates = (f"{group[rate]:.3f}" for rate in ("precision", "recall", "f1"))
        add_row(table, (name, str(group["pairs"]), str(group["matches"]), *rates))
    console = terminal(highlight=False)
    console.print(table)
    console.print(
        f"threshold {figures['threshold']}; best F1 {figures['best_f1']:.3f} at {figures['best_threshold']}; "
        f"recall {figures['recall_at_precision_90']:.3f} at precision 0.9; "
        f"{figures['pairs_per_second']:,} pairs/s"
    )
    for error in figures["errors"]:
        fault = "missed" if error["is_match"] else "wrongly matched"
        typer.echo(harmless(f"{fault} {error['score']:.3f}  {error['name1']}  |  {error['name2']}"))


def print_json(found: Found) -> None:
    """One object a name, as soon as it is screened."""
    for name, each in found:
        typer.echo(json.dumps({"name": name, "hits": [_as_object(hit) for hit in each]}, ensure_ascii=False))


def _as_object(hit: Hit) -> dict[str, Any]:
    return {
        "score": hit.score,
        "list": hit.list,
        "entry": hit.entry_id,
        "entry_name": hit.entry_name,
        "alias": hit.alias,
        "programs": list(hit.programs),
        "corroborated": list(hit.corroborated),
        "contradicted": list(hit.contradicted),
        "holds": hit.holds,
        "why": _why(hit),
    }


def _why(hit: Hit) -> str:
    """The words beside each other: "vladmir = vladimir (spelling 0.94)"."""
    return "; ".join(f"{t.query} = {t.entry} ({t.relation} {t.similarity:g})" for t in hit.tokens)


def print_csv(found: Found) -> None:
    """One line a hit."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(
        ("name", "score", "list", "entry", "alias", "corroborated", "contradicted", "holds", "why")
    )
    for name, each in found:
        for hit in each:
            beside = (" ".join(hit.corroborated), " ".join(hit.contradicted), str(hit.holds).lower())
            writer.writerow((name, hit.score, hit.list, hit.entry_id, hit.alias, *beside, _why(hit)))


def print_table(found: Found) -> None:
    """All hits in one table, and how many names have any."""
    table = Table("name", "score", "list", "entry", "alias", "for", "against", "holds", "why")
    names = matched = 0
    for name, each in found:
        names += 1
        matched += bool(each)
        for hit in each:
            beside = (", ".join(hit.corroborated), ", ".join(hit.contradicted), "yes" if hit.holds else "")
            add_row(table, (name, f"{hit.score:.3f}", hit.list, hit.entry_id, hit.alias, *beside, _why(hit)))
    console = terminal()
    console.print(table)
    console.print(f"{matched:,} of {names:,} names match")
