"""What was planted and what was found: each case by its own measure."""

from dataclasses import dataclass

from tidewaiter.inspection.quality import CaseScore, quality


@dataclass(frozen=True)
class Truth:
    case: str
    expected_codes: tuple[str, ...] = ()
    must_hold: bool = False
    innocent: bool = False
    group: str = ""


LISTED = Truth("listed", ("WL-NARC", "WL-SDN"), must_hold=True)
STRIPS = Truth("test-strips", innocent=True)


def crowd(number: int) -> Truth:
    return Truth("crowd", ("ADR-MANY",), must_hold=True, group=f"crowd-{number}")


def score(truths: dict[str, Truth], held: dict[str, frozenset[str]]) -> CaseScore:
    (found,) = quality(truths, held, truths).cases
    return found


def test_a_planted_parcel_is_found_under_any_expected_code() -> None:
    found = score({"a": LISTED, "b": LISTED}, {"a": frozenset({"WL-SDN", "DOC-MISS"})})
    assert (found.due, found.found, found.missed, found.wrongly_held) == (2, 1, ("b",), ())


def test_a_planted_parcel_held_for_something_else_is_missed() -> None:
    assert score({"a": LISTED}, {"a": frozenset({"DOC-MISS"})}).missed == ("a",)


def test_a_crowd_is_due_once_and_found_by_any_member() -> None:
    found = score({key: crowd(1) for key in "abc"}, {"c": frozenset({"ADR-MANY"})})
    assert (found.parcels, found.due, found.found) == (3, 1, 1)
    assert score({"a": crowd(1), "b": crowd(2)}, {"a": frozenset({"ADR-MANY"})}).missed == ("crowd-2",)


def test_an_innocent_parcel_is_wrongly_held_under_any_code() -> None:
    found = score({"a": STRIPS, "b": STRIPS}, {"a": frozenset({"NAR-DRUG"})})
    assert (found.innocent, found.due, found.wrongly_held) == (True, 0, ("a",))


def test_ordinary_parcels_that_were_held_are_counted() -> None:
    found = quality({"a": LISTED}, {"a": frozenset({"WL-SDN"}), "x": frozenset({"DOC-MISS"})}, "axyz")
    assert (found.ordinary, found.ordinary_held, found.due, found.found) == (3, 1, 1, 1)


def test_ordinary_parcels_that_were_cancelled_are_counted_apart() -> None:
    held = {"a": frozenset({"DOC-MISS"}), "x": frozenset({"DOC-MISS"}), "y": frozenset({"RND-CTRL"})}
    found = quality({"a": LISTED}, held, "axyz", cancelled={"a", "x"})
    assert (found.ordinary, found.ordinary_held, found.cancelled_held) == (2, 1, 1)
