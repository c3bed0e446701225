"""Identifiers: a right number passes, a wrong digit is named with what was expected."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidewaiter.matching import identifiers

RIGHT = {
    "s10": ("RR123456785CN", identifiers.s10_problem),
    "mawb": ("023-12345675", identifiers.mawb_problem),
    "cas": ("437-38-7", identifiers.cas_problem),
    "uscc": ("91350100M000100Y43", identifiers.uscc_problem),
    "hts": ("9503.00.00.73", identifiers.hts_problem),
}


@pytest.mark.parametrize("kind", ["s10", "mawb", "cas", "uscc", "hts"])
def test_right_number_has_no_problem(kind: str) -> None:
    value, problem = RIGHT[kind]
    assert problem(value) is None


@pytest.mark.parametrize("value", ["9503000073", "9503 00 00 73", "9503-00-0073", " 9503.00.0073 "])
def test_tariff_number_may_be_parted_at_its_levels(value: str) -> None:
    assert identifiers.hts_problem(value) is None


@pytest.mark.parametrize(
    ("problem", "value", "reason"),
    [
        (identifiers.s10_problem, "RR123456784CN", "check digit is 4, expected 5"),
        (identifiers.s10_problem, "RR12345678CN", "expected 2 letters, 9 digits"),
        (identifiers.mawb_problem, "023-12345674", "check digit is 4, expected 5"),
        (identifiers.mawb_problem, "23-1", "expected a 3-digit airline prefix"),
        (identifiers.cas_problem, "1609-66-5", "check digit is 5, expected 1"),
        (identifiers.cas_problem, "fentanyl", "expected 2 to 7 digits"),
        (identifiers.uscc_problem, "91310115MA1K41CK15", "check character is 5, expected 4"),
        (identifiers.uscc_problem, "91310115MA1K41CKIO", "without I, O, S, V, Z"),
        (identifiers.hts_problem, "9503.00", "expected 10 digits"),
        (identifiers.hts_problem, "9503/00/00/73", "expected 10 digits"),
        (identifiers.hts_problem, "95 03000073", "expected 10 digits"),
        (identifiers.hts_problem, "7701000000", "no chapter 77"),
    ],
)
def test_wrong_number_is_named_with_what_was_expected(problem: object, value: str, reason: str) -> None:
    assert callable(problem)
    found = problem(value)
    assert reason in found
    assert value[:40] in found


@given(st.integers(0, 9_999_999), st.integers(0, 9))
def test_exactly_one_check_digit_of_a_mawb_is_right(serial: int, prefix: int) -> None:
    problems = [identifiers.mawb_problem(f"02{prefix}-{serial:07}{digit}") for digit in range(10)]
    assert problems.count(None) == 1


@given(st.integers(0, 99_999_999))
def test_exactly_one_check_digit_of_an_s10_is_right(serial: int) -> None:
    problems = [identifiers.s10_problem(f"LX{serial:08}{digit}CN") for digit in range(10)]
    assert problems.count(None) == 1


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("TRMM730628 (Mexico)", "TRMM730628"),
        ("USCC 91310115MA1K41CK14", "91310115MA1K41CK14"),
        ("9131 0115 ma1k 41ck 14", "91310115MA1K41CK14"),
        ("BG 123456789", "123456789"),
        ("GB 123456789", "123456789"),
        ("EL 123456789", "123456789"),
        ("12-3456789", "123456789"),
        ("９１３１０１１５ＭＡ１Ｋ４１ＣＫ１４", "91310115MA1K41CK14"),
        ("QQ 123456789", "QQ123456789"),
        ("CN91310115MA1K41CK14", "91310115MA1K41CK14"),
        ("Unified Social Credit Code: 91310115MA1K41CK14", "91310115MA1K41CK14"),
        ("Business License No. 91310115MA1K41CK14", "91310115MA1K41CK14"),
        ("Tax No. 12-3456789", "123456789"),
        ("FEIN 12-3456789", "123456789"),
        ("R.F.C. ABC 010101 AB1", "ABC010101AB1"),
        ("INN 7707083893", "7707083893"),
        ("CNPJ: 12.345.678/0001-95", "12345678000195"),
        ("VAT Reg No GB123456789", "123456789"),
        ("NO123456", "NO123456"),
        ("tax " * 20 + "id " * 20, ""),
        ("No. 12A45", "12A45"),
        ("12A4", ""),
        ("0000000", ""),
        ("n/a", ""),
    ],
)
def test_tax_id_is_bare(value: str, expected: str) -> None:
    assert identifiers.tax_id(value) == expected


@given(st.text(max_size=60))
def test_any_text_is_judged_without_error(text: str) -> None:
    for problem in (value[1] for value in RIGHT.values()):
        found = problem(text)
        assert found is None or "expected" in found
    assert identifiers.tax_id(text).isalnum() or identifiers.tax_id(text) == ""
