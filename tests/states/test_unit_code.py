"""The codes of units: both check characters, one spelling, and every slip of a single character."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc as oracle

from states.unit_code import SCHEMES, inner_check, normal, outer_check, registration_valid, uscc_valid
from tests.samples import SAMPLES, VECTORS

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
PUBLISHED = ("91110000600037341L", "914403001922038216", "91310000631696382C", "9111000071093465XC")
CODES = [vector for vector in VECTORS if vector["rule"] == "uscc_valid"]

bodies = st.text(ALPHABET, min_size=8, max_size=8)


@st.composite
def codes(draw: st.DrawFn) -> str:
    """A code whose two check characters are right."""
    body = draw(bodies)
    code = draw(st.sampled_from(("91", "12", "51"))) + f"{draw(st.integers(0, 999_999)):06d}" + body + inner_check(body)
    return code + outer_check(code)


@pytest.mark.parametrize("code", PUBLISHED)
def test_codes_that_real_units_publish_are_valid(code: str) -> None:
    assert uscc_valid(code) is True


@pytest.mark.parametrize("found", SAMPLES, ids=lambda found: str(found["id"]))
def test_the_codes_of_the_samples_are_valid(found: dict[str, str]) -> None:
    assert uscc_valid(found["uscc"]) is True


@pytest.mark.parametrize("vector", CODES, ids=lambda vector: str(vector["value"]))
def test_a_code_is_judged_in_its_canonical_spelling(vector: dict[str, object]) -> None:
    assert uscc_valid(normal(str(vector["value"]))) is vector["passes"]


def test_a_code_whose_inner_check_alone_is_wrong_is_invalid() -> None:
    assert (oracle.is_valid("91310000FAKE00010M"), uscc_valid("91310000FAKE00010M")) == (True, False)


@given(codes())
def test_a_code_made_here_is_valid_elsewhere(code: str) -> None:
    assert (uscc_valid(code), oracle.calc_check_digit(code)) == (True, code[17])


@given(codes(), st.integers(0, 17), st.sampled_from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
def test_one_wrong_character_is_always_caught(code: str, place: int, character: str) -> None:
    typo = code[:place] + character + code[place + 1 :]
    assert uscc_valid(typo) is (typo == code)


@given(codes(), st.integers(0, 17))
def test_a_missing_character_is_always_caught(code: str, place: int) -> None:
    assert uscc_valid(code[:place] + code[place + 1 :]) is False


@given(st.text(max_size=30))
def test_any_text_is_judged_without_an_error(text: str) -> None:
    code = normal(text)
    assert [type(valid(code)) for valid in SCHEMES.values()] == [bool, bool]
    assert normal(code) == code


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        (" 91310000 fake 00013y\n", "91310000FAKE00013Y"),
        ("９１３１００００ＦＡＫＥ０００１３Ｙ", "91310000FAKE00013Y"),
        ("９１ｆａｋｅ", "91FAKE"),
        ("91310000ﬀAKE00013Y", "91310000ﬀAKE00013Y"),
        ("ſ1ı", "ſ1ı"),
    ],
)
def test_only_width_case_and_blanks_are_spelling(written: str, canonical: str) -> None:
    assert normal(written) == canonical


@pytest.mark.parametrize(
    ("code", "valid"),
    [
        ("AB12", True),
        ("HAR00001", True),
        ("1" * 20, True),
        ("1" * 21, False),
        ("A1", False),
        ("ABCDE", False),
        ("AB-12", False),
        ("ÄB12", False),
        ("١٢٣٤٥", False),
        ("", False),
    ],
)
def test_a_registration_number_is_short_plain_and_has_a_digit(code: str, valid: bool) -> None:
    assert registration_valid(code) is valid
