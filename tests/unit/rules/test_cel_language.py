"""The language by examples: values, errors and types that the specification fixes."""

from types import SimpleNamespace
from typing import Any

import pytest

from tidewaiter.rules.cel.check import Declarations, check
from tidewaiter.rules.cel.conformance_values import same
from tidewaiter.rules.cel.errors import CelError, EvaluationError
from tidewaiter.rules.cel.functions import STANDARD, Overload
from tidewaiter.rules.cel.parse import Limits, parse
from tidewaiter.rules.cel.program import program
from tidewaiter.rules.cel.types import DOUBLE, DYN, INT, STRING, CelType, list_of, map_of
from tidewaiter.rules.cel.values import Duration, Timestamp, TypeName, UInt

DECLARED = Declarations(
    variables={
        "consignee.country": STRING,
        "value_usd": DOUBLE,
        "items": list_of(map_of(STRING, DYN)),
        "hits": list_of(CelType("hit")),
        "limits.many": INT,
        "sets.drugs": list_of(STRING),
    },
    constants={"limits.many": 3, "sets.drugs": ("293333", "293334")},
    records={"hit": {"score": DOUBLE, "list": STRING}},
)
FACTS = SimpleNamespace(
    consignee__country="US",
    value_usd=799.5,
    items=({"hts6": "293333", "qty": 2.0}, {"hts6": "610910"}),
    hits=(SimpleNamespace(score=0.9, list="ofac-sdn", kin=()),),
)


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("-7 / 2", -3),
        ("-7 % 3", -1),
        ("7u - 2u", UInt(5)),
        ("0.0 / 0.0 == 0.0 / 0.0", False),
        ("-1.0 / 0.0", float("-inf")),
        ("2.0 * 8.988466e307", float("inf")),
        ("dyn(1) == 1u && dyn(1u) == 1.0", True),
        ("{1: 'a', true: 'b'}[dyn(1.0)]", "a"),
        ("{1: 'a', true: 'b'}[true]", "b"),
        ("[1, 2] == [1.0, 2u]", True),
        ("dyn(true) == 1", False),
        ("dyn([true]) == [1]", False),
        ("dyn({'a': true}) == {'a': 1}", False),
        ("7.0 / 2.0 + 1.0 / value_usd * value_usd", 4.5),
        ("'Straße'.contains('aß') && size('Straße') == 6", True),
        ("'hubba'.matches('ubb') && !'hubba'.matches('^ubb$')", True),
        ("matches('aXb', 'a.b')", True),
        ("'ÀB'.lowerAscii() + 'àb'.upperAscii()", "ÀbàB"),
        (r"'\a\b\f\v\?\`\U0010FFFF\uD7FF\uE000'", "\a\b\f\v?`\U0010ffff\ud7ff\ue000"),
        ("r'\\d' + '\\u00e9\\x41\\101'", "\\déAA"),
        ("b'\\xff\\303' + b'a'", b"\xff\xc3a"),
        ("'''a\n'b''' + \"\"\"c\"\"\"", "a\n'bc"),
        ("int(-7.9) + int('12') + int(3u)", 8),
        ("uint('7')", UInt(7)),
        ("double('-1e3')", -1000.0),
        ("string(-0.0045) + string(true) + string(7u)", "-0.0045true7"),
        ("string(1e300) + ' ' + string(2.0)", "1e+300 2"),
        ("bool('true') && bool(true) && !bool('f')", True),
        ("bytes(b'a') + bytes('é')", b"a\xc3\xa9"),
        ("double(3) + double(2u) + double(0.5)", 5.5),
        ("int(timestamp('1969-12-31T23:59:58.5Z')) + int(4)", 2),
        ("uint(7u) + uint(2) + uint(1.9)", UInt(10)),
        ("timestamp(timestamp(5)) == timestamp('1970-01-01T00:00:05Z')", True),
        ("duration(duration('2s')) == duration('2000ms')", True),
        ("string('a') + string(b'b') + string(1.5) + string(duration('1m'))", "ab1.560s"),
        ("string(b'\\303\\277')", "ÿ"),
        ("''' \r\n\t '''", " \r\n\t "),
        ("bR' \\000 '", b" \\000 "),
        ("{'for': 1}.for + {'as': 2} . as", 3),
        ("[ // one\n1\f]\r[0]", 1),
        ("-" * 32 + "19", 19),
        ("type(1) == int && type([]) == list && type(type(1)) == type", True),
        ("type(timestamp(0)) == google.protobuf.Timestamp", True),
        ("type({})", TypeName("map")),
        ("[type(true), type(1u), type(1.5)] == [bool, uint, double]", True),
        ("[type('a'), type(b'a')] == [string, bytes]", True),
        ("type(null) == null_type && type(duration('1s')) == google.protobuf.Duration", True),
        ("timestamp('2009-02-13T23:31:30Z').getDayOfYear('US/Central')", 43),
        ("timestamp('2009-02-13T23:31:30Z').getHours('02:00')", 1),
        ("timestamp('2009-02-13T23:31:30Z').getDate('Australia/Sydney')", 14),
        ("timestamp('2009-02-13T23:31:30Z').getDayOfWeek()", 5),
        ("timestamp('2009-02-13T23:31:20.123456789Z').getMilliseconds()", 123),
        ("string(timestamp('9999-12-31T23:59:59.999999999Z'))", "9999-12-31T23:59:59.999999999Z"),
        ("timestamp('2009-02-13T23:00:00+01:00')", Timestamp(1_234_562_400 * 10**9)),
        ("duration('1h1.5s') + duration('-1ms')", Duration(3_601_499_000_000)),
        ("string(duration('-90.5s'))", "-90.5s"),
        ("timestamp('2009-02-13T23:31:30Z').getMonth()", 1),
        ("timestamp('2009-02-13T23:31:30Z').getDayOfMonth()", 12),
        ("timestamp('2009-02-13T23:31:30Z').getSeconds()", 30),
        ("timestamp(0).getMinutes('-05:45')", 15),
        ("timestamp('0001-01-01T00:00:00Z')", Timestamp(-62_135_596_800 * 10**9)),
        ("duration('3730s').getMinutes()", 62),
        ("duration('-7261.5s').getHours() + duration('-61.5s').getSeconds()", -63),
        ("duration('1.5h').getHours() + duration('-1.234s').getMilliseconds()", -233),
        ("duration('1.5us') == duration('1500ns') && duration('1µs') == duration('1μs')", True),
        ("duration('+5s') + duration('.5s') + duration('1.s') + duration('0')", Duration(6_500_000_000)),
        ("duration('-9223372036854775808ns')", Duration(-(2**63))),
        ("timestamp('2009-02-13T23:31:00Z') - timestamp('2009-02-13T23:29:00Z') == duration('2m')", True),
        ("[3, 1].map(x, x * 2)", (6, 2)),
        ("[3, 1].map(x, x > 1, x * 2)", (6,)),
        ("{'b': 1, 'a': 2}.filter(k, k == 'a')", ("a",)),
        ("[1, 2].exists_one(x, x > 1) && ![1, 2].existsOne(x, x > 0)", True),
        ("[0, 2].exists(x, 4 / x == 2)", True),
        ("[0, 3].all(x, 4 / x == 2)", False),
        ("[[1, 2], [3]].exists(r, r.exists(x, x == 3))", True),
        ("[1, 2].map(a, [2, 3].filter(b, b > a))", ((2, 3), (3,))),
        ("has({'a': 1}.a) && !has({'a': 1}.b)", True),
        ("{'content-type': 1}.`content-type`", 1),
        ("true ? 1 : 1 / 0", 1),
        ("null == null && dyn(1) != null", True),
        ("[1,].size() + {'a': 1,}.size() // with a comment", 2),
        ("1 < 1.5 && 2u > 1", True),
        ("value_usd > 500 && consignee.country in ['US', 'PR']", True),
        ("items.exists(i, i.hts6 in sets.drugs)", True),
        ("items[0].qty < limits.many", True),
        ("hits.exists(h, h.score > 0.8 && h.list.startsWith('ofac'))", True),
        ("has(consignee.country) && has(items[0].qty) && !has(items[1].qty)", True),
        ("has(hits[0].score) && !has(dyn(hits)[0].kin)", True),
        (".consignee.country", "US"),
    ],
)
def test_an_expression_has_the_value_that_cel_gives_it(source: str, wanted: Any) -> None:
    made = program(source, DECLARED)
    assert same(made.value(FACTS), wanted)
    assert same(made.exact(FACTS), wanted)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("9223372036854775807 + 1", "overflow"),
        ("-(-9223372036854775807 - 1)", "overflow"),
        ("0u - 1u", "overflow"),
        ("-9223372036854775807 * 2", "overflow"),
        ("1 / 0", "division by zero"),
        ("1 % 0", "modulus by zero"),
        ("(-9223372036854775807 - 1) % -1", "overflow"),
        ("int(1e99)", "overflow"),
        ("int(9223372036854775807.0)", "overflow"),
        ("uint(-1)", "overflow"),
        ("int('x')", "int: 'x'"),
        ("int(' 1')", "int: ' 1'"),
        ("int(-9223372036854775808.0)", "range error"),  # what rounds to it may be less
        ("int(value_usd / 0.0)", "range error"),
        ("uint(18446744073709551616.0)", "overflow"),
        ("int(dyn([1])) == 1", r"no such overload: int\(tuple\)"),
        ("uint(dyn([1])) == 1u", "no such overload: uint"),
        ("double(dyn(true))", "no such overload: double"),
        ("string(dyn(null))", "no such overload: string"),
        ("bytes(dyn(1))", "no such overload: bytes"),
        ("timestamp(dyn(1.5))", "timestamp: 1.5"),
        ("duration(dyn(60))", "no such overload: duration"),
        ("type(hits[0]) == int", "no such overload: type"),
        ("uint('+1')", r"uint: '\+1'"),
        ("double('1_0')", "double: '1_0'"),
        ("bool('TrUe')", "bool"),
        ("string(b'\\xff')", "UTF-8"),
        ("[1][1]", "index 1"),
        ("[1][dyn('a')]", "index 'a'"),
        ("{'a': 1}.b", "no such key: 'b'"),
        ("{'a': 1, 'a': 2}", "repeated key"),
        ("{dyn(1.5): 1}", "unsupported key"),
        ("dyn('a') + 1", "no such overload"),
        ("dyn('a') < 1", "no such overload"),
        ("!dyn(1)", "no such overload"),
        ("dyn(1) && true", "no such overload"),
        ("size(dyn(1)) == 1", "no such overload: size"),
        ("dyn(['a']).contains('a')", "no such overload: contains"),
        ("dyn(b'a').endsWith(dyn(b'a'))", "no such overload: endsWith"),
        ("'a'.matches(dyn(null))", "no such overload: matches"),
        ("dyn(1).upperAscii() == ''", "no such overload: upperAscii"),
        ("dyn(1).exists(x, true)", "no such overload: range"),
        # What Python's own objects have is no field of theirs here.
        ("dyn('a').upper", "no such field: 'upper'"),
        ("dyn(1u).real", "no such field: 'real'"),
        ("dyn([1]).count", "no such field: 'count'"),
        ("dyn(timestamp(0)).nanos", "no such field: 'nanos'"),
        ("dyn(int).name", "no such field: 'name'"),
        ("[2, 0].exists_one(x, 4 / x == 2)", "division"),
        ("timestamp('0000-01-01T00:00:00Z')", "0000"),
        ("timestamp('2026-02-30T00:00:00Z')", "day"),
        ("timestamp('9999-12-31T23:59:59Z') + duration('1s')", "range"),
        ("timestamp('9999-12-31T00:00:00Z') - timestamp('0001-01-01T00:00:00Z')", "range"),
        ("duration('320000000000s')", "range"),
        ("timestamp('0001-01-01T00:00:00Z') - duration('1ns')", "range"),
        ("timestamp('yesterday')", "not a timestamp"),
        ("duration('1 day')", "not a duration"),
        ("duration('')", "not a duration"),
        ("duration('1h1')", "not a duration"),
        ("timestamp(0).getHours('../UTC')", "not a time zone"),
        ("timestamp(0).getHours('24:00')", "not a time zone"),
        ("dyn(duration('1s')).getMonth()", "no such overload: getMonth"),
        (f"int('{'9' * 5_000}')", "a number of 5000 digits"),
        (f"uint('{'9' * 5_000}')", "a number of 5000 digits"),
        (f"duration(dyn('1.{'9' * 5_000}s'))", "no duration"),
        ("timestamp(0).getHours('Nowhere/Town')", "not a time zone"),
        ("items[1].qty", "no such key: 'qty'"),
        ("'a'.matches(dyn('('))", "malformed pattern"),
    ],
)
def test_an_expression_is_an_error_where_cel_says_so(source: str, reason: str) -> None:
    with pytest.raises(EvaluationError, match=reason):
        program(source, DECLARED).value(FACTS)


@pytest.mark.parametrize(
    ("source", "line", "column", "message"),
    [
        (
            "consignee.contry == 'US'",
            1,
            1,
            "unknown name 'consignee.contry'; did you mean 'consignee.country'?",
        ),
        ("value_usd >\n  valu_usd", 2, 3, "unknown name 'valu_usd'; did you mean 'value_usd'?"),
        ("consignee.country.startWith('U')", 1, 19, "did you mean 'startsWith'?"),
        ("consignee.country > 3", 1, 19, r"'>' does not apply to \(string, int\)"),
        ("value_usd == 3", 1, 11, r"'==' does not apply to \(double, int\)"),
        ("true ? 1 : 'a'", 1, 1, r"'\?:' needs a bool and two values of one type, not \(bool, int, string\)"),
        ("value_usd == null", 1, 11, r"'==' does not apply to \(double, null_type\)"),
        ("[null] == ['a']", 1, 8, r"'==' does not apply to"),
        ("items == null", 1, 7, r"'==' does not apply to"),
        ("value_usd && true", 1, 1, "'&&' needs a bool here, not double"),
        ("items.exists(i, i.hts6)", 1, 1, ""),
        ("hits[0].scor > 1.0", 1, 9, "hit has no field 'scor'; did you mean 'score'?"),
        ("consignee.country.name", 1, 19, "string has no fields"),
        ("value_usd.exists(x, true)", 1, 11, "ranges over a list or a map, not double"),
        ("1 +", 1, 4, "ends too early"),
        ("a = b", 1, 3, "equality is written =="),
        ("true and false", 1, 6, "that is written &&"),
        ("'abc", 1, 1, "not closed"),
        (r'"C:\"', 1, 1, "not closed"),
        # Looked at in two ways each, these would take an hour.
        ('"' + r"\x01 " * 40, 1, 1, "not closed"),
        ("'" + r"\x01 " * 40, 1, 1, "not closed"),
        ('b"' + r"\x01 " * 40, 1, 2, "not closed"),
        ("r'''" + "\r" * 60, 1, 4, "not closed"),
        ("for", 1, 1, "reserved word"),
        ("in", 1, 1, "'in' is a reserved word"),
        ("consignee.true", 1, 11, "'true' is a reserved word"),
        ("1e400 > 1.0", 1, 1, "1e400 does not fit into double"),
        (f"0x{'f' * 5000} > 1", 1, 1, "0xffffffffffffffffff… does not fit into 64 bits"),
        (f"{'9' * 5000}u > 1u", 1, 1, "does not fit into 64 bits"),
        ("has(value_usd)", 1, 1, "has"),
        ("items.all(1, true)", 1, 11, "must be a simple name"),
        ("9223372036854775808 > 1", 1, 1, "does not fit into int"),
        ("'\\q'", 1, 1, "unknown escape"),
        (r"'\U00110000'", 1, 1, "is not a Unicode character"),
        (r"'\udfff'", 1, 1, "is not a Unicode character"),
        (r"b'\u0041'", 1, 1, "is not allowed in bytes"),
        (r"b'\U00000041'", 1, 1, "is not allowed in bytes"),
        ("Parcel{a: 1}", 1, 1, "no message type 'Parcel'"),
    ],
)
def test_a_mistake_is_refused_at_its_place_with_the_nearest_known_name(
    source: str, line: int, column: int, message: str
) -> None:
    if not message:
        assert check(parse(source), source, DECLARED).type.name == "bool"
        return
    with pytest.raises(CelError, match=message) as raised:
        program(source, DECLARED)
    assert (raised.value.line, raised.value.column) == (line, column)
    assert raised.value.shown().splitlines()[-1].index("^") == column + 1


@pytest.mark.parametrize("opening", ["(", "[", "!", "-", "{'a':", "true?", "size("])
def test_a_flood_of_nesting_is_refused_and_does_not_crash(opening: str) -> None:
    with pytest.raises(CelError):
        parse(opening * 1500)


def test_an_expression_over_its_limits_is_refused_with_the_limit() -> None:
    with pytest.raises(CelError, match="nested deeper than 60"):
        parse("!" * 100 + "true")
    with pytest.raises(CelError, match="more than 1500 operations"):
        parse("[" + "1," * 1600 + "1]")
    with pytest.raises(CelError, match="macros nested deeper than 2"):
        parse("a.all(x, b.all(y, c.all(z, true)))")
    parse("a.map(x, x).map(y, y).filter(z, z.exists(w, w))")
    with pytest.raises(CelError, match="more than 8192"):
        parse("true ||" * 2000)
    with pytest.raises(EvaluationError, match="more than 1000 characters"):
        program("'a'.matches(p)", Declarations({"p": DYN})).value(SimpleNamespace(p="a" * 1001))


@pytest.mark.parametrize("depth", [12, 32])
@pytest.mark.parametrize(
    ("opening", "inner", "closing"),
    [
        ("(", "1", ")"),
        ("[", "1", "]"),
        ("{1:", "1", "}"),
        ("int(", "1", ")"),
        ("true ? 1 : (", "1", ")"),
        ("1 + (", "1", ")"),
        ("true && (false || ", "true", ")"),
        ("[1].map(x, ", "1", ")"),
    ],
)
def test_nesting_that_the_specification_asks_for_compiles(
    opening: str, inner: str, closing: str, depth: int
) -> None:
    source = opening * depth + inner + closing * depth
    program(source, limits=Limits(depth=150, macros=32)).value(SimpleNamespace())


def test_long_chains_compile() -> None:
    assert program(" || ".join(["false"] * 200 + ["true"])).value(SimpleNamespace()) is True
    assert program(" + ".join(["1"] * 40)).value(SimpleNamespace()) == 40


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("[[], [[]], [[[]]]]", "list(list(list(list(dyn))))"),
        ("[[[[]]], [], [[]]]", "list(list(list(list(dyn))))"),
        ("([].map(x, x))[0].foo", "dyn"),
        ("[1, 'a']", "list(dyn)"),
        ("[duration('0s'), null]", "list(google.protobuf.Duration)"),
        ("[null, timestamp(0)]", "list(google.protobuf.Timestamp)"),
        ("[null, 'a']", "list(dyn)"),
        ("true ? 1 : dyn(1)", "dyn"),
        ("{'a': [1]}", "map(string, list(int))"),
        ("('foo' + 'bar').startsWith('foo')", "bool"),
        ("dyn(1) + dyn(2)", "dyn"),
        ("type(1)", "type(int)"),
    ],
)
def test_an_expression_has_the_type_that_the_checker_deduces(source: str, kind: str) -> None:
    assert str(check(parse(source), source, Declarations()).type) == kind


def test_type_parameters_become_dyn_where_dyn_was_given_for_them() -> None:
    t, u = CelType("$T"), CelType("$U")
    functions = {
        "pair": (Overload((t, u), CelType("pair", (t, u))),),
        "same": (Overload((CelType("pair", (t, t)),), t),),
    }
    declared = Declarations(functions={**STANDARD, **functions})
    for source, kind in {
        "[pair(1, 2u), pair(dyn(1), dyn(2u))][0]": "pair(dyn, dyn)",
        "pair(1, 'a')": "pair(int, string)",
        "same(pair(dyn(1), 2u))": "dyn",
        "same(pair(1u, 2u))": "uint",
    }.items():
        assert str(check(parse(source), source, declared).type) == kind, source
    with pytest.raises(CelError, match="'same' does not apply"):
        check(parse("same(pair(1, 2u))"), "same(pair(1, 2u))", declared)


def test_a_list_mixed_through_dyn_does_not_fool_the_fast_code() -> None:
    source = "([1] + dyn(mixed))[1] == 1 || ([1] + dyn(mixed)).exists(x, x == 1 && size(string(x)) == 4)"
    made = program(source, Declarations({"mixed": DYN}))
    assert made.value(SimpleNamespace(mixed=(True,))) is False
