"""Expressions of every type over a few variables, for the property tests of the language."""

from hypothesis import strategies as st

from tidewaiter.rules.cel import syntax
from tidewaiter.rules.cel.check import Declarations
from tidewaiter.rules.cel.parse import Limits, parse
from tidewaiter.rules.cel.types import BOOL, DOUBLE, INT, STRING, CelType, list_of, map_of

VARIABLES: dict[str, CelType] = {
    "i": INT,
    "j": INT,
    "d": DOUBLE,
    "s": STRING,
    "t": STRING,
    "b": BOOL,
    "c": BOOL,
    "xs": list_of(INT),
    "ss": list_of(STRING),
    "m": map_of(STRING, INT),
}
DECLARED = Declarations(VARIABLES)

_EDGES = [0, 1, -1, 2, 3, 7, 100, 2**53, 2**63 - 1, -(2**63)]
INTS = st.sampled_from(_EDGES) | st.integers(-20, 20)
# Numbers that both implementations write and read alike, and that no sum rounds differently.
DOUBLES = st.sampled_from([0.0, 1.0, -1.5, 0.25, 2.5, 1e9, 1e300])
# ASCII only: the reference counts bytes in size(), CEL counts code points.
STRINGS = st.sampled_from(["", "a", "b", "ab", "abc", "A", "12", "x1"])

VALUES = st.fixed_dictionaries(
    {
        "i": INTS,
        "j": INTS,
        "d": DOUBLES,
        "s": STRINGS,
        "t": STRINGS,
        "b": st.booleans(),
        "c": st.booleans(),
        "xs": st.lists(INTS, max_size=3),
        "ss": st.lists(STRINGS, max_size=3),
        "m": st.dictionaries(st.sampled_from(["a", "b", "ab"]), INTS, max_size=2),
    }
)


def written(value: object) -> str:
    """The literal of a value, in parentheses where a sign would join what stands before it."""
    if isinstance(value, str):
        return f"'{value}'"
    plain = repr(value).replace("+", "")
    return f"({plain})" if plain.startswith("-") else plain


# What each type may be made of: a template, and the types of what goes into it.
_MADE: dict[str, list[tuple[str, ...]]] = {
    "int": [
        *((f"({{}} {sign} {{}})", "int", "int") for sign in "+-*/%"),
        ("(0 - {})", "int"),  # not -x: the reference wraps -(-2**63), where CEL has an overflow
        ("size({})", "string"),
        ("size({})", "ints"),
        ("({} ? {} : {})", "bool", "int", "int"),
        ("{}[0]", "ints"),
        ("{}[{}]", "ints", "int"),
        ("m[{}]", "string"),
        ("m.a",),
        ("int({})", "double"),
        ("int({})", "string"),
    ],
    "double": [("({} + {})", "double", "double"), ("(-{})", "double"), ("double({})", "int")],
    "string": [
        ("({} + {})", "string", "string"),
        ("string({})", "int"),
        ("({} ? {} : {})", "bool", "string", "string"),
        ("{}[1]", "strings"),
    ],
    "bool": [
        *(
            (f"({{}} {sign} {{}})", kind, kind)
            for kind in ("int", "double", "string")
            for sign in ("==", "!=", "<", "<=", ">", ">=")
        ),
        *[("({} && {})", "bool", "bool")] * 3,
        *[("({} || {})", "bool", "bool")] * 3,
        ("({} && {} && {})", "bool", "bool", "bool"),
        ("!{}", "bool"),
        ("({} ? {} : {})", "bool", "bool", "bool"),
        ("{}.startsWith({})", "string", "string"),
        ("{}.contains({})", "string", "string"),
        ("({} in {})", "int", "ints"),
        ("({} in {})", "string", "strings"),
        ("({} in m)", "string"),
        ("({} == {})", "ints", "ints"),
        ("{}.exists(e, e > {})", "ints", "int"),
        ("{}.exists(e, 6 / e == {} || {})", "ints", "int", "bool"),
        ("{}.all(e, 6 / e > {})", "ints", "int"),
        ("{}.exists(e, e.startsWith({}))", "strings", "string"),
        ("{}.exists_one(e, e > {})", "ints", "int"),
        ("({} < {})", "int", "double"),
        ("has(m.a)",),
    ],
    "ints": [
        ("{}.map(e, e + {})", "ints", "int"),
        ("{}.filter(e, e != {})", "ints", "int"),
        ("({} + {})", "ints", "ints"),
        ("[{}, {}]", "int", "int"),
    ],
    "strings": [("[{}, {}]", "string", "string")],
}
_LEAVES: dict[str, st.SearchStrategy[str]] = {
    "int": st.sampled_from(["i", "j"]) | INTS.map(written),
    "double": st.just("d") | DOUBLES.map(written),
    "string": st.sampled_from(["s", "t"]) | STRINGS.map(written),
    "bool": st.sampled_from(["b", "c", "true", "false"]),
    "ints": st.sampled_from(["xs", "[]", "[1, 2]"]),
    "strings": st.sampled_from(["ss", "['a', 'b']"]),
}
_LEAF_IN = 4


def expressions(kind: str) -> st.SearchStrategy[str]:
    """Text of an expression of this type, with macros in one another as deep as a rule may have them."""
    return _expressions(kind, 3).filter(_is_shallow)


def _is_shallow(text: str) -> bool:
    found = syntax.macros(parse(text, Limits(macros=9)))
    return all(depth <= Limits().macros for _, depth in found)


@st.composite
def _expressions(draw: st.DrawFn, kind: str, depth: int) -> str:
    if depth == 0 or draw(st.integers(1, _LEAF_IN)) == 1:
        return draw(_LEAVES[kind])
    template, *kinds = draw(st.sampled_from(_MADE[kind]))
    return template.format(*(draw(_expressions(one, depth - 1)) for one in kinds))
