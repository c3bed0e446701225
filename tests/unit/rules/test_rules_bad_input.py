"""Any text at all, where an expression, a bundle or a suite is expected: read or refused, never a crash."""

import contextlib

from hypothesis import example, given
from hypothesis import strategies as st

from tests.unit.rules.bundles import FILES, ruleset
from tests.unit.rules.celexpressions import DECLARED, expressions
from tidewaiter.rules.cel.errors import CelError
from tidewaiter.rules.cel.program import program
from tidewaiter.rules.cel.textproto import TextprotoError, read_textproto
from tidewaiter.rules.errors import RuleError

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
