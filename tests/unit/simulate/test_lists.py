"""The fictitious watchlist: in the official format, repeatable, and good for every case that needs a list."""

from pathlib import Path

from tests.unit.simulate.streams import listed
from tidewaiter.matching.identifiers import is_uscc
from tidewaiter.simulate.lists import write_fictitious_list
from tidewaiter.simulate.planted.usable import Usable
from tidewaiter.watchlists.formats import read_all


def test_list_is_read_without_a_problem(tmp_path: Path) -> None:
    written = write_fictitious_list(tmp_path, seed=1)
    (reading,) = read_all((tmp_path,))
    assert len(reading.entries) == written > 500
    assert reading.problems == ()
    assert reading.counts["aliases_without_entry"] == reading.counts["addresses_without_entry"] == 0


def test_one_seed_gives_the_same_files(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        write_fictitious_list(tmp_path / folder, seed=1)
    for name in ("sdn.csv", "alt.csv", "add.csv"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_files_have_the_official_shape(tmp_path: Path) -> None:
    write_fictitious_list(tmp_path, seed=1)
    text = (tmp_path / "sdn.csv").read_bytes().decode("latin-1")
    first = text.split("\r\n")[0]
    assert first.startswith('900001,"')
    assert ",-0- ," in first


def test_list_is_good_for_every_kind_of_case() -> None:
    usable = Usable.of(listed())
    for found in (usable.placed, usable.scripted, usable.telephoned, usable.namesakes):
        assert len(found) >= 10


def test_drug_programmes_and_all_kinds_of_entries_occur() -> None:
    programs = {program for entry in listed() for program in entry.programs}
    assert {"SDNTK", "ILLICIT-DRUGS-EO14059"} <= programs
    assert {entry.kind for entry in listed()} >= {"person", "vessel"}


def test_social_credit_codes_have_their_check_character() -> None:
    codes = [one.value for entry in listed() for one in entry.identifiers if one.kind == "tax_id"]
    assert codes
    assert all(is_uscc(code) for code in codes)
