"""Tokens: the same for the same, different for the rest, and nothing of the text in them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidewaiter.adapters.tokens import TOKEN_LENGTH, Tokens

SECRET = b"a secret of 20 bytes"


def test_token_is_the_same_in_every_process_under_one_secret() -> None:
    assert Tokens(SECRET).token("phone", "+12175550100") == Tokens(SECRET).token("phone", "+12175550100")
    assert Tokens(SECRET).token("phone", "+12175550100") == "bvYpcFdPSw2vzk3V-0DaQg"


def test_token_differs_for_another_text_kind_or_secret() -> None:
    tokens = Tokens(SECRET)
    others = {
        tokens.token("phone", "12345678"),
        tokens.token("tax_id", "12345678"),
        tokens.token("phone", "12345679"),
        Tokens(b"another secret of 20").token("phone", "12345678"),
    }
    assert len(others) == 4


def test_token_does_not_confuse_the_end_of_the_kind_with_the_text() -> None:
    assert Tokens(SECRET).token("tax", "_id1") != Tokens(SECRET).token("tax_id", "1")


@given(st.text())
def test_token_is_22_characters_that_are_safe_in_a_key_for_any_text(text: str) -> None:
    token = Tokens(SECRET).token("address", text)
    assert len(token) == TOKEN_LENGTH
    assert re.fullmatch(r"[A-Za-z0-9_-]+", token)


def test_token_of_a_lone_surrogate_is_made_like_any_other() -> None:
    assert len(Tokens(SECRET).token("address", "\ud800")) == TOKEN_LENGTH


def test_secret_that_is_too_short_is_refused_with_both_numbers() -> None:
    with pytest.raises(ValueError, match="3 bytes, expected at least 16"):
        Tokens(b"abc")


def test_tokens_are_right_after_the_memory_of_them_was_emptied(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tidewaiter.adapters.tokens._KNOWN_MOST", 3)
    tokens = Tokens(SECRET)
    first = [tokens.token("name", str(number)) for number in range(10)]
    assert first == [tokens.token("name", str(number)) for number in range(10)]
    assert len(tokens.of_kind("name")) <= 3
