"""The runner of the specification's own tests: what it reads, and what it makes of the published suites."""

import os
from pathlib import Path

import pytest

from tidewaiter.rules.cel.conformance import run_suite
from tidewaiter.rules.cel.textproto import TextprotoError, read_textproto

ROOT = Path(__file__).parents[3]
SUITES = Path(os.environ.get("TIDEWAITER_DATA", ROOT.parent / "shared" / "data")) / "cel"

SUITE = r"""
# proto-file: a comment
name: "trial"
section: <
  name: "one" description: 'in two ' "parts"
  test { name: "right" expr: "x + 1" value: { int64_value: 3 }
    type_env: { name: "x", ident: { type: { primitive: INT64 } } }
    bindings: { key: "x" value: { value: { int64_value: 2 } } } }
  test { name: "wrong_value" expr: "1 + 1" value { int64_value: 3 } }
  test { name: "wrong_kind" expr: "1u" value { int64_value: 1 } }
  test { name: "true_by_default" expr: "'\303\277' == '\xc3\xbf'" }
  test { name: "error" expr: "1 / 0" eval_error { errors { message: "division" } } }
  test { name: "no_error" expr: "1" eval_error { errors: [{ message: "any" }] } }
  test { name: "unchecked" expr: "f(1) || true" disable_check: true value { bool_value: true } }
  test { name: "typed" expr: "[1]" check_only: true
    typed_result { deduced_type { list_type { elem_type { primitive: STRING } } } } }
  test { name: "message" expr: "TestAllTypes{}.single_int64" container: "cel.expr.conformance.proto3" }
  test { name: "extension" expr: "math.greatest(1, 2) == 2" }
  test { name: "extension_of_a_name" expr: "sets.contains([1], [1])" }
  test { name: "optional" expr: "{'a': 1}.?a.hasValue()" }
  test { name: "two_variables" expr: "[1].all(i, v, v > i)" }
  test { name: "block" expr: "[1].map(cel.iterVar(0, 0), [2].map(cel.iterVar(1, 0), cel.iterVar(0, 0)))" }
  test { name: "formatted" expr: "x.format([1])"
    type_env { name: "x" ident { type { primitive: STRING } } } }
  test { name: "enum" expr: "GlobalEnum(-33)" eval_error { errors { message: "range" } } }
  test { name: "span" expr: "x.getSeconds()" value { int64_value: 2 }
    type_env { name: "x" ident { type { message_type: "google.protobuf.Duration" } } }
    bindings { key: "x" value { value { object_value {
      [type.googleapis.com/google.protobuf.Duration] { seconds: 2 nanos: 5 } } } } } }
  section { name: "inner" test { name: "deep" expr: "true" } }
>
"""


def test_a_suite_is_sorted_into_passed_failed_and_outside_with_reasons() -> None:
    suite = run_suite(SUITE, "trial.textproto")
    names = {
        kind: [result.name.removeprefix("one/") for found, result in suite.results() if found == kind]
        for kind in ("passed", "failed", "out_of_subset")
    }
    assert names == {
        "passed": ["right", "true_by_default", "error", "unchecked", "span", "inner/deep"],
        "failed": ["wrong_value", "wrong_kind", "no_error", "typed"],
        "out_of_subset": [
            *(
                "message",
                "extension",
                "extension_of_a_name",
                "optional",
                "two_variables",
                "block",
                "formatted",
                "enum",
            ),
        ],
    }
    assert suite.failed[0].reason == "expected 3, found 2"
    assert [result.reason for result in suite.outside] == [
        "needs protobuf messages",
        "needs an extension: math",
        "needs an extension: sets",
        "needs an extension: optional values",
        "needs an extension: two-variable comprehensions",
        "needs an extension: bindings",
        "needs an extension: strings",
        "needs protobuf messages",
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [("a {", "line 1: '}' is missing"), ("a:\n %", "line 2: unexpected '%'"), ("a: }", "expected a value")],
)
def test_text_that_is_no_textproto_is_refused_with_its_line(text: str, reason: str) -> None:
    with pytest.raises(TextprotoError, match=reason):
        read_textproto(text)


@pytest.mark.parametrize("name", ["basic", "comparisons", "fields", "lists", "logic", "macros"])
def test_the_published_suite_passes_but_for_what_needs_messages(name: str) -> None:
    file = SUITES / f"{name}.textproto"
    if not file.exists():
        pytest.skip(f"no {file}")
    suite = run_suite(file.read_text(), file.name)
    assert not suite.failed
    assert len(suite.passed) >= 30
    assert {result.reason for result in suite.outside} <= {"needs protobuf messages"}


def test_a_suite_may_have_no_test_yet() -> None:
    assert not any(run_suite('name: "unknowns" description: "None yet."', "unknowns.textproto").results())


@pytest.mark.parametrize(
    ("test", "reason"),
    [
        ("expr: '1' value { int64_value: one }", "int64_value: found 'one', expected a whole number"),
        ("expr: '1.0' value { double_value: one }", "double_value: found 'one', expected a number"),
        (r"expr: '\xff'", "expected text in UTF-8"),
        (
            "expr: 'x' type_env { name: 'x' ident { type { primitive: WORD } } }",
            "primitive: found 'WORD', expected one of BOOL",
        ),
    ],
)
def test_a_suite_with_what_no_suite_has_is_refused_in_one_line(test: str, reason: str) -> None:
    with pytest.raises(TextprotoError, match=reason):
        run_suite(f"section {{ test {{ {test} }} }}", "trial.textproto")


def test_a_double_may_be_written_as_a_float() -> None:
    suite = run_suite("section { test { expr: '1.5' value { double_value: 1.5f } } }", "trial.textproto")
    assert len(suite.passed) == 1


X = "type_env { name: 'x' ident { type { primitive: BOOL } } }"
NO_VALUE = "bindings { key: 'x' value { unknown { exprs: 1 } } }"


@pytest.mark.parametrize(
    "test",
    [
        f"expr: 'x' {X} eval_error {{ errors {{ message: 'no such attribute' }} }}",
        f"expr: 'x || true' {X} value {{ bool_value: true }}",
        f"expr: '[x].exists(y, y)' {X} any_eval_errors {{ errors {{ errors {{ message: 'no' }} }} }}",
        f"expr: 'x' {X} {NO_VALUE} unknown {{ exprs: 1 }}",
        f"expr: 'x && true' {X} {NO_VALUE} any_unknowns {{ unknowns {{ exprs: 1 }} }}",
        f"expr: 'x || true' {X} {NO_VALUE} value {{ bool_value: true }}",
        "expr: 'x' type_env { name: 'x' ident { type { primitive: BOOL } value { bool_value: true } } }",
        "expr: 'f(1)' type_env { name: 'f' function { overloads { params { primitive: INT64 } "
        "result_type { primitive: BOOL } } } } eval_error { errors { message: 'unbound' } }",
        "expr: '8' value { int64_value: 010 }",
        "expr: 'size() == 0 || true' disable_check: true value { bool_value: true }",
        "expr: 'int(1, 2)' disable_check: true eval_error { errors { message: 'no such overload' } }",
        "expr: '\"a\".endsWith()' disable_check: true eval_error { errors { message: 'no such overload' } }",
    ],
)
def test_what_has_no_value_is_an_error_or_unknown_and_no_crash(test: str) -> None:
    suite = run_suite(f"section {{ test {{ {test} }} }}", "trial.textproto")
    assert [one.reason for one in (*suite.failed, *suite.outside)] == []


@pytest.mark.parametrize(
    ("test", "reason"),
    [
        (f"expr: 'x' {X} value {{ bool_value: true }}", "expected True, found a variable without a value"),
        (f"expr: 'x || true' {X} unknown {{ exprs: 1 }}", "expected no value, found True"),
    ],
)
def test_a_value_where_none_is_expected_fails_and_the_other_way_round(test: str, reason: str) -> None:
    (failed,) = run_suite(f"section {{ test {{ {test} }} }}", "trial.textproto").failed
    assert failed.reason == reason


@pytest.mark.parametrize(
    "expr",
    ["[1].all(x, x > 0)", "[1].filter(x, true).size() == 1", "[1].map(x, true, x) == [1]", "has(dyn({}).a)"],
)
def test_macros_are_plain_calls_where_they_are_disabled(expr: str) -> None:
    text = f"section {{ test {{ expr: '{expr}' disable_macros: true disable_check: true eval_error {{}} }} }}"
    assert len(run_suite(text, "trial.textproto").passed) == 1
    text = "section { test { expr: '1 + 1 == 2 ? {1: [2]}[1] == [2] : false' disable_macros: true } }"
    assert len(run_suite(text, "trial.textproto").passed) == 1


def test_a_suite_may_begin_with_a_byte_order_mark() -> None:
    assert len(run_suite("\ufeffsection { test { expr: 'true' } }", "trial.textproto").passed) == 1


def test_an_expression_deeper_than_python_compiles_fails_alone() -> None:
    deep = "{1: " * 90 + "1" + "}" * 90
    text = f"section {{ test {{ expr: '{deep} == {{}}' }} test {{ expr: 'true' }} }}"
    suite = run_suite(text, "trial.textproto")
    assert [one.reason for one in suite.failed] == ["nested deeper than Python compiles"]
    assert len(suite.passed) == 1
