"""The files that a command writes appear whole or not at all."""

import os
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import cast

import pytest
import typer

from tidewaiter.cli.file_mode import _Outputs, _processed
from tidewaiter.cli.outputs import partial_of, refuse_overwriting, whole_files
from tidewaiter.screener.work import ScreeningWork
from tidewaiter.stream.outcome import Done, Outcome, Unavailable
from tidewaiter.stream.record import Outgoing, Record
from tidewaiter.wire.lines import numbered_lines
from tidewaiter.wire.topics import DECISIONS, HOLD_ORDERS

FULL = Path("/dev/full")


def outcome() -> Done:
    return Done((Outgoing(DECISIONS, b"FX|1", b"{}"), Outgoing(HOLD_ORDERS, b"FX|1", b"{}")))


def written(paths: Mapping[str, Path], text: bytes = b"{}", failure: BaseException | None = None) -> None:
    with whole_files(paths) as files:
        for file in files.values():
            file.write(text)
        if failure:
            raise failure


@pytest.mark.skipif(not FULL.exists(), reason="no /dev/full")
def test_what_does_not_fit_on_the_disk_at_the_end_leaves_all_files_as_they_were(tmp_path: Path) -> None:
    paths = {name: tmp_path / name for name in ("decisions", "holds")}
    paths["decisions"].write_text("those of before")
    partial_of(paths["holds"]).symlink_to(FULL)
    with pytest.raises(OSError, match="No space left"):
        written(paths)
    assert list(tmp_path.iterdir()) == [paths["decisions"]]
    assert paths["decisions"].read_text() == "those of before"


def test_an_output_that_cannot_be_opened_leaves_the_others_unwritten(tmp_path: Path) -> None:
    paths = {"decisions": tmp_path / "decisions", "holds": tmp_path / "nowhere" / "holds"}
    with pytest.raises(OSError, match="nowhere"):
        written(paths)
    assert list(tmp_path.iterdir()) == []


def test_what_is_interrupted_leaves_all_files_as_they_were(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        written({"holds": tmp_path / "holds"}, failure=KeyboardInterrupt())
    assert list(tmp_path.iterdir()) == []


def test_a_link_leads_to_the_new_file_as_it_did_to_the_old_one(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "folder" / "holds")
    written({"holds": link})
    assert link.is_symlink()
    assert (tmp_path / "folder" / "holds").read_bytes() == b"{}"


def test_the_account_says_which_answers_were_asked_for_nowhere() -> None:
    outputs = _Outputs({DECISIONS: BytesIO()})
    before = outputs.account()
    outputs.write([outcome(), outcome()])
    assert before == "decisions: 0"
    assert outputs.account() == "decisions: 2, hold orders: 2 (not written: --holds)"


class AwayAtFirst:
    """A work whose Redis does not answer in time, so that a batch is decided without it at last."""

    def __init__(self) -> None:
        self.waited: list[float] = []

    def process(self, _batch: Sequence[Record], waited_seconds: float) -> Unavailable | tuple[Outcome, ...]:
        self.waited.append(waited_seconds)
        return Unavailable("redis") if len(self.waited) == 1 else (outcome(),)


def test_a_batch_that_redis_did_not_answer_is_asked_again_once_and_then_decided() -> None:
    work = AwayAtFirst()
    assert _processed(cast(ScreeningWork, work), []) == (outcome(),)
    assert work.waited == [0.0, float("inf")]


def test_standard_output_is_written_to_and_stays_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    monkeypatch.chdir(tmp_path)
    written({"decisions": Path("-"), "holds": tmp_path / "holds"})
    with pytest.raises(KeyError):
        written({"decisions": Path("-")}, b"[]", KeyError())
    assert capfdbinary.readouterr().out == b"{}[]"
    assert [file.name for file in tmp_path.iterdir()] == ["holds"]


def test_links_that_lead_in_a_circle_are_no_folder_to_write_in(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    circle = tmp_path / "circle"
    circle.symlink_to(circle)
    refuse_overwriting([("--list", circle)], [("--out", tmp_path / "events")])  # reading it tells of it
    with pytest.raises(typer.Exit):
        refuse_overwriting([], [("--out", circle / "events")])
    assert "expected a file to write" in capsys.readouterr().err


def test_one_file_that_cannot_be_written_is_told_of_before_another_is_touched(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept, new, lost = tmp_path / "kept", tmp_path / "new", tmp_path / "lost"
    kept.write_text("{}\n")
    lost.symlink_to(tmp_path / "nowhere" / "lost")
    with pytest.raises(typer.Exit):
        refuse_overwriting([], [("--out", kept), ("--html", new), ("--labels", lost)])
    assert capsys.readouterr().err == f"tidewaiter: {lost.resolve()}: No such file or directory\n"
    assert kept.read_text() == "{}\n"
    assert sorted(tmp_path.iterdir()) == [kept, lost]


def test_a_pipe_to_write_to_is_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    refuse_overwriting([], [("--out", pipe)])
    assert pipe.is_fifo()


def test_the_mark_that_an_editor_begins_a_file_with_is_no_part_of_the_first_message(tmp_path: Path) -> None:
    lines = [b"\xef\xbb\xbf{}\r\n", b"\xef\xbb\xbf[]\n", b""]
    assert list(numbered_lines(lines)) == [(1, b"{}"), (2, b"\xef\xbb\xbf[]"), (3, b"")]
