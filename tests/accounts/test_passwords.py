"""What a password may be, and that it is taken exactly as it was typed."""

from __future__ import annotations

import pytest

from fundcall.accounts.people import Account, Denied
from fundcall.accounts.proofs import hash_password, password_holds

LI = Account("u-1", "lixiaoming@example.org", "李")


def holding(password: str) -> Account:
    return LI._replace(password=hash_password(password, LI))


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("elevenchars", "password_length"),
        ("ab1!" * 32 + "x", "password_length"),
        ("aaaaaaaaaaaa", "password_plain"),
        ("abcdabcdabcd", "password_plain"),
        ("LiXiaoMing-2026", "password_plain"),
    ],
)
def test_a_password_too_short_too_long_or_too_plain_is_refused(password: str, reason: str) -> None:
    with pytest.raises(Denied, match=reason):
        hash_password(password, LI)


@pytest.mark.parametrize(
    "password",
    ["alltwelvelow", "930517284061", "一句自己记得住的长长的话啊", "  spaces around  ", "abcde" * 25 + "xyz"],
)
def test_letters_alone_digits_alone_chinese_spaces_and_128_characters_are_good(password: str) -> None:
    assert password_holds(holding(password), password)


@pytest.mark.parametrize(
    "other", ["Correct Horse Battery", "correct horse batter", " correct horse battery", "correct horse battery "]
)
def test_a_password_is_neither_cut_nor_folded(other: str) -> None:
    kept = holding("correct horse battery")
    assert (password_holds(kept, "correct horse battery"), password_holds(kept, other)) == (True, False)


def test_the_last_of_128_characters_counts() -> None:
    long = "abcdefgh" * 16
    assert password_holds(holding(long), f"{long[:-1]}x") is False
    assert password_holds(holding(long), f"{long}x") is False
