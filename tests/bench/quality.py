"""``python -m tests.bench.quality``: the simulator's week under the default ruleset, into docs/quality.md."""

import argparse
import os
import platform
import tempfile
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from msgspec import structs

from tests.bench.listed import every_party
from tests.bench.quality_page import Measured, quality_page
from tests.bench.week import DAYS, Week, label_of, record_of
from tidewaiter.backtest.bench import Bench, bench_of
from tidewaiter.backtest.histories import keys_of
from tidewaiter.backtest.replay import cores, replayed
from tidewaiter.backtest.shard import Account
from tidewaiter.backtest.truth import Label, joined
from tidewaiter.cli.progress import bars
from tidewaiter.domain.watchlist import Entry
from tidewaiter.resources import policy_directory, rulesets_directory
from tidewaiter.rules.policy import Policy
from tidewaiter.rules.ruleset import Ruleset
from tidewaiter.settings import DEVELOPMENT_SECRET
from tidewaiter.simulate.lists import write_fictitious_list
from tidewaiter.simulate.message import Message
from tidewaiter.watchlists.formats import read_all

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "docs" / "quality.md"
OFAC = Path(os.environ.get("TIDEWAITER_DATA", ROOT.parent / "shared" / "data")) / "watchlists" / "ofac-older"


def lists() -> tuple[tuple[Entry, ...], str]:
    """The entries to plant from and to screen against, and what they are."""
    if OFAC.is_dir():
        entries = entries_of(OFAC)
        return entries, f"OFAC's SDN list, {len(entries):,} entries, which is also what is screened against"
    with tempfile.TemporaryDirectory() as directory:
        write_fictitious_list(Path(directory), seed=1)
        entries = entries_of(Path(directory))
    return entries, f"a fictitious list of {len(entries):,} entries, which is also what is screened against"


def entries_of(path: Path) -> tuple[Entry, ...]:
    return tuple(entry for reading in read_all((path,)) for entry in reading.entries)


def labelled(messages: Iterable[Message]) -> dict[str, Label]:
    """The truth by parcel."""
    labels: dict[str, Label] = {}
    for label in filter(None, map(label_of, messages)):
        known = labels.get(label.key)
        labels[label.key] = joined(known, label) if known else label
    return labels


def replay(messages: Sequence[Message], bench: Bench) -> Account:
    """What the ruleset makes of the messages, which it gets without their labels."""
    records = [record_of(message, offset) for offset, message in enumerate(messages)]
    keys = keys_of(records)
    with bars() as progress:
        task = progress.add_task("replaying", total=keys.records)
        return replayed(records, bench, keys, cores(), lambda count: progress.advance(task, count))


def main() -> None:
    """Simulate, replay, write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parcels", type=int, default=105_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=PAGE)
    asked = parser.parse_args()
    entries, source = lists()
    messages = list(Week(asked.seed, asked.parcels, entries).messages())
    labels = labelled(messages)
    ruleset = Ruleset.load(rulesets_directory() / "default")
    policy = Policy.load(policy_directory() / "us-low-value.yaml")
    bench = bench_of((ruleset,), entries, policy, DEVELOPMENT_SECRET.encode())
    started = time.monotonic()
    account = replay(messages, structs.replace(bench, followed=frozenset(labels)))
    measured = Measured(
        days=DAYS,
        parcels=account.tallies[0].parcels.total(),
        records=len(messages),
        seconds=time.monotonic() - started,
        processes=cores(),
        source=source,
        machine=f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        day=f"{datetime.now(UTC):%Y-%m-%d}",
    )
    page = quality_page(account, labels, ruleset, measured) + every_party(entries)
    asked.out.write_text(page, encoding="utf-8")
    print(f"wrote {asked.out}")


if __name__ == "__main__":
    main()
