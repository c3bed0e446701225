"""Any text at all, where an expression, a bundle or a suite is expected: read or refused, never a crash."""

import contextlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.unit.rules.bundles import FILES, ruleset
from tests.unit.rules.celexpressions import DECLARED, expressions
from tidewaiter.rules.cel.errors import CelError
from tidewaiter.rules.cel.program import program
from tidewaiter.rules.cel.textproto import TextprotoError, read_textproto
from tidewaiter.rules.errors import RuleError
from tidewaiter.rules.settings import read_settings
from tidewaiter.rules.yamlfile import read

SIGNS = st.text(alphabet="ab01.'\"`()[]{}<>=!&|?:,+-*/% \n\\rbux_ein", max_size=40)
NAMES = st.sampled_from(sorted(name.removesuffix(".yaml").replace("/", "__") for name in FILES))


@given(SIGNS | st.text(max_size=40))
@example("\\")
@example("'\\U00110000'")
@example("'\\ud800'")
@example("1e999 > 0.0")
@example("0x")
@example("a.b.`c`{d:1}")
def test_any_text_as_an_expression_is_compiled_or_refused(text: str) -> None:
    with contextlib.suppress(CelError):
        program(text, DECLARED)


@given(expressions("bool"), st.integers(0, 60), SIGNS)
def test_an_expression_with_something_changed_is_compiled_or_refused(
    source: str, place: int, text: str
) -> None:
    with contextlib.suppress(CelError):
        program(source[:place] + text + source[place + len(text) :], DECLARED)


@given(NAMES, st.integers(0, 600), st.text(alphabet=":-{}[]#&*!|>'\"\n abc012", max_size=6))
def test_a_bundle_with_something_changed_is_loaded_or_refused(name: str, place: int, text: str) -> None:
    whole = FILES[f"{name.replace('__', '/')}.yaml"]
    with contextlib.suppress(RuleError):
        ruleset(**{name: whole[:place] + text + whole[place + len(text) :]})


@given(st.text(alphabet="ab:{}<>[]\"'\\#,; 01\n", max_size=40))
@example("[")
@example("a: [")
def test_any_text_as_a_textproto_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(TextprotoError):
        read_textproto(text)


@pytest.mark.parametrize("nested", ["[" * 200_000, "- " * 200_000, "{a: " * 200_000, "? " * 200_000])
def test_yaml_of_any_depth_is_refused_where_it_is_too_deep(nested: str) -> None:
    with pytest.raises(RuleError, match=r"a\.yaml:1:\d+: nested deeper than 32 levels"):
        read(nested, "a.yaml")


def test_yaml_as_long_as_it_may_be_is_read() -> None:
    text = f"- {'x' * 5}\n" * 200_000
    assert len(read(text, "a.yaml").items()) == 200_000


@pytest.mark.parametrize(
    "number", ["1" * 5_000, "0x" + "f" * 5_000, "1" + ":1" * 900_000, "!!int '1" + "0" * 50 + "'"]
)
def test_yaml_with_a_number_of_any_length_is_refused_with_its_place(number: str) -> None:
    with pytest.raises(RuleError, match=r"a\.yaml:2:4: found a number of \d+ characters"):
        read(f"x:\n - {number}\n", "a.yaml")


@pytest.mark.parametrize("key", ["[a, b]", "{a: b}"])
def test_a_field_whose_name_is_no_text_is_refused(key: str) -> None:
    with pytest.raises(RuleError, match=r"a\.yaml:1:3: key: found .*, expected a name"):
        read(f"? {key}\n: c\n", "a.yaml").entries()


@pytest.mark.parametrize("limit", [".nan", ".inf", "-.inf", "9223372036854775808"])
def test_a_limit_that_no_value_can_be_compared_with_is_refused(limit: str) -> None:
    with pytest.raises(RuleError, match="expected a number"):
        read_settings(
            f"name: a\ntitle: A\nlimits: {{x: {limit}}}\nbands: [{{name: low, from: 0}}]\n", "a.yaml"
        )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a {" * 5_000, "nested deeper than 100 levels"),
        (r'a: "\ud800"', "is not a Unicode character"),
        (r'a: "\U00110000"', "is not a Unicode character"),
    ],
)
def test_a_textproto_that_says_nothing_possible_is_refused(text: str, reason: str) -> None:
    with pytest.raises(TextprotoError, match=reason):
        read_textproto(text)
