"""Files of word lists: mistakes in one are refused, each with its place."""

import pytest

from tests.unit.rules.bundles import SUBSTANCES, ruleset
from tidewaiter.rules.errors import RuleError


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("term: fentanyl", "term: '...'", "has no letters or digits"),
        ("name: substances", "name: other", "expected the name of the file"),
        ('cas: ["437-38-7"]', "cas: [437]", "found '437', expected text"),
        ("from: 2026-03-10", "from: then", "expected a date"),
        ("{term: fentanyl,", "{term: fentanyl, signs: [K粉],", "other signs than Chinese"),
        ("{term: fentanyl,", "{term: anyl, ending: true,", "'anyl' is not one word of 6 letters or more"),
        ("{term: fentanyl,", "{term: x fentanyl, ending: true,", "'x fentanyl' is not one word of 6"),
        ("innocents: [", 'innocents: ["pure {term} shirt", ', "words on both sides of {term}"),
        ("innocents: [", 'innocents: ["{term}", ', "words on both sides of {term}, or none"),
        ("innocents: [", 'innocents: ["tests {terms} for", ', "words on both sides of {term}, or none"),
        ("innocents: [", "innocents_like: others\ninnocents: [", "no list 'others'"),
    ],
)
def test_word_list_with_a_mistake_is_refused(old: str, new: str, message: str) -> None:
    with pytest.raises(RuleError, match=message):
        ruleset(wordlists__substances=SUBSTANCES.replace(old, new))
