"""Words of a name that are one: servants with their masters ("Abd al Rahman"), stems with suffixes."""

from tidewaiter.matching.names_forms import tells_a_firm
from tidewaiter.matching.names_vocabulary import compound_parts

_SERVANT = compound_parts("servant")
_ARTICLE = compound_parts("article")
_SUFFIX = compound_parts("suffix")
_CAMEL = compound_parts("camel")
_FATHER = frozenset({"abu", "abou", "abo", "abi"})
COMPOUNDING = _SERVANT | _SUFFIX | _CAMEL
"""The words that are joined to another; a name without one has nothing to join."""


def joined(tokens: list[str], abjad: bool) -> list[str]:
    """The words of a name, folded, with those of its compounds as one; ``abjad``: written without vowels."""
    return _joined_servants(_joined_suffixes(_joined_abubakr(tokens)), abjad)


def _joined_abubakr(tokens: list[str]) -> list[str]:
    joined: list[str] = []
    for token in tokens:
        if token in _CAMEL and joined and joined[-1] in _FATHER:
            joined[-1] = "abubakr"
        else:
            joined.append(token)
    return joined


def _joined_suffixes(tokens: list[str]) -> list[str]:
    joined: list[str] = []
    for token in tokens:
        if token in _SUFFIX and joined and joined[-1] not in _SERVANT:
            article = joined.pop() if joined[-1] in _ARTICLE and len(joined) > 1 and len(token) < 5 else ""
            stem = joined.pop() if joined and joined[-1] not in _SERVANT else ""
            token = stem + article + token
        joined.append(token)
    return joined


def _joined_servants(tokens: list[str], abjad: bool) -> list[str]:
    """Servants with their masters, who are no firm's form and nothing that a firm does: Abdul Company."""

    def is_master(token: str) -> bool:
        return abjad or not tells_a_firm(token)

    joined: list[str] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        at += 1
        if token in _SERVANT:
            if at + 1 < len(tokens) and tokens[at] in _ARTICLE:
                at += 1
            if at < len(tokens) and is_master(tokens[at]):
                token = "abdul" + ("lah" if tokens[at] in ("allah", "llah") else tokens[at])
                at += 1
            elif joined and joined[-1] not in _ARTICLE and is_master(joined[-1]):
                # Surname first, "SAMAD ABDUL": nobody is called "servant of" alone.
                token = "abdul" + joined.pop()
        joined.append(token)
    return joined
