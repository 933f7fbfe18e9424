"""Unit codes: a second implementation agrees, every one-character slip is caught, odd spellings are one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc as oracle

from states.unit_code import inner_check, normal, outer_check, registration_valid, uscc_valid
from tests.filings import uscc

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
bodies = st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=8, max_size=8)
regions = st.text("0123456789", min_size=6, max_size=6)
kinds = st.sampled_from(["91", "12", "51", "52", "93", "11"])


@st.composite
def codes(draw: st.DrawFn) -> str:
    body = draw(bodies)
    code = draw(kinds) + draw(regions) + body + inner_check(body)
    return code + outer_check(code)


@given(codes())
def test_the_outer_check_character_is_the_one_that_another_implementation_computes(code: str) -> None:
    assert (oracle.calc_check_digit(code[:17]), oracle.is_valid(code)) == (code[17], True)


@given(codes(), st.integers(0, 17), st.sampled_from(ALPHABET))
def test_a_slip_of_one_character_is_caught(code: str, place: int, character: str) -> None:
    slipped = code[:place] + character + code[place + 1 :]
    assert uscc_valid(slipped) is (slipped == code)


@given(codes(), st.integers(0, 16))
def test_two_neighbours_swapped_are_caught(code: str, place: int) -> None:
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    assert uscc_valid(swapped) is (swapped == code)


@given(codes())
def test_a_code_in_full_width_lower_case_or_with_blanks_is_the_same_code(code: str) -> None:
    wide = "".join(chr(ord(c) + 0xFEE0) for c in code.lower())
    assert normal(f" {wide[:6]} {wide[6:]}\u3000") == code


@pytest.mark.parametrize(("body", "check"), [("D2143569", "X"), ("00000000", "0"), ("FAKE0001", "3")])
def test_the_inner_check_is_that_of_the_standard(body: str, check: str) -> None:
    assert inner_check(body) == check


@pytest.mark.parametrize("n", range(1, 30))
def test_the_codes_of_the_tests_are_valid(n: int) -> None:
    assert uscc_valid(uscc(n))


@pytest.mark.parametrize(
    ("code", "valid"),
    [
        ("HAR00001", True),
        ("1234", True),
        ("123", False),
        ("ABCDEF", False),
        ("A" * 19 + "1", True),
        ("A" * 20 + "1", False),
        ("ÄB12", False),
        ("AB-12", False),
        ("", False),
    ],
)
def test_a_registration_number_is_letters_and_digits_of_a_sane_length(code: str, valid: bool) -> None:
    assert registration_valid(code) is valid


@given(st.text(max_size=30))
def test_no_text_makes_a_code_check_fail_in_any_other_way(text: str) -> None:
    assert (uscc_valid(normal(text)), registration_valid(normal(text))) in [
        (False, False), (False, True), (True, True)
    ]  # fmt: skip
