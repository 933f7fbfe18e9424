"""Every message of the pages stands in the Chinese catalogue, whole and alone; English is what the messages say."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_file

from fundcall.web import words
from fundcall.web.language import catalogue, translations
from tests.architecture.house import ROOT, modules

KEYWORDS: Mapping[str, tuple[int, ...] | None] = {"_": None, "gettext": None, "N_": None, "ngettext": (1, 2)}
PLACES = re.compile(r"%\(\w+\)[ds]|%[ds]")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def found_in(method: str, path: Path) -> dict[str, str]:
    """The messages of a file, each with its plural ("" for none)."""
    options = {"extensions": "jinja2.ext.i18n", "trim_blocks": "true", "silent": "false"}
    found = extract_from_file(method, path, keywords=KEYWORDS, options=options)
    return {(m[0] if isinstance(m, tuple) else m): (m[1] if isinstance(m, tuple) else "") for _, m, _, _ in found}


def wanted() -> dict[str, str]:
    """The messages of all pages."""
    found: dict[str, str] = {}
    for path in modules("fundcall/web"):
        found |= found_in("python", path)
    for path in sorted((ROOT / "templates" / "web").glob("*.html")):
        found |= found_in("jinja2.ext:babel_extract", path)
    return found


def test_the_catalogue_holds_the_messages_of_the_pages_and_no_other() -> None:
    held = {
        m.id if isinstance(m.id, str) else m.id[0]: "" if isinstance(m.id, str) else m.id[1]
        for m in catalogue()
        if m.id
    }
    assert held == wanted()


def test_every_message_is_said_in_chinese_with_the_same_places_to_fill_in() -> None:
    wrong = []
    for message in catalogue():
        said = [message.string] if isinstance(message.string, str) else list(message.string or ())
        asked = message.id if isinstance(message.id, str) else message.id[-1]
        fits = all(sorted(PLACES.findall(text)) == sorted(PLACES.findall(asked)) for text in said)
        if message.id and (message.fuzzy or not all(map(CHINESE.search, said)) or not fits):
            wrong.append(asked)
    assert wrong == []


def test_english_is_what_the_messages_say_and_no_chinese_is_among_it() -> None:
    assert [message for message in wanted() if CHINESE.search(message)] == []
    assert (translations("en").gettext("Sign in"), translations("zh-CN").gettext("Sign in")) == ("Sign in", "登录")


@pytest.mark.parametrize(
    ("minutes", "english", "chinese"),
    [
        (3 * 1440 + 61, "3 d 1 h 1 min left", "还剩3天 1小时 1分钟"),
        (0, "0 min ago", "已过0分钟"),
        (-1440, "1 d 0 min ago", "已过1天 0分钟"),
    ],
)
def test_what_is_left_is_told_in_days_hours_and_minutes(minutes: int, english: str, chinese: str) -> None:
    from datetime import UTC, datetime, timedelta

    now = datetime(2026, 3, 1, tzinfo=UTC)
    told = [
        words.time_left(now + timedelta(minutes=minutes), now, translations(code).gettext) for code in ("en", "zh-CN")
    ]
    assert told == [english, chinese]
