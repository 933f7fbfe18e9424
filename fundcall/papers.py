"""Papers as PDF/A from templates in templates/pdf; the only importer of typst.

Values reach a template as JSON and never as its text, so nothing in them can be taken for markup.
"""

from __future__ import annotations

import json
import re
import string
from collections.abc import Mapping
from datetime import datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import typst

import templates

FOLDER = Path(templates.__file__).parent / "pdf"
_KEPT = 256
_UNSHOWN = re.compile(r'the text `"(.*?)"` could not be displayed')
_ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}")
_MARK = "〓"
"""What printers set where they have no type for a character."""
_UNSHOWN_MAX = 100
"""How many different ones a paper may have."""


class NoTypeface(Exception):
    """No Chinese font is installed, so that no paper can be set; in both languages, parted by a slash."""

    def __init__(self) -> None:
        super().__init__(
            "未安装中文字体，无法生成PDF：请安装后重试（Debian：apt-get install fonts-noto-cjk） / "
            "no Chinese font is installed, so no PDF can be made; install one (Debian: apt-get install fonts-noto-cjk)"
        )


@cache
def typeface() -> bool:
    """Whether papers can be set: a Chinese font is installed. What was found stands until the process ends."""
    try:
        typst.compile("申报".encode(), format="pdf", pdf_standards="a-2b")
    except typst.TypstError:
        return False
    return True


def paper(name: str, values: Mapping[str, Any], made_at: datetime) -> bytes:
    """A paper of that template. The same values and instant give the same bytes. Raises NoTypeface."""
    if not typeface():
        raise NoTypeface
    return _compiled(name, json.dumps(values, ensure_ascii=False, sort_keys=True), int(made_at.timestamp()))


@lru_cache(maxsize=_KEPT)
def _compiled(name: str, values: str, timestamp: int) -> bytes:
    """The paper, with a mark in the place of each character that no font at hand can show: PDF/A takes none of those."""
    for _ in range(_UNSHOWN_MAX):
        try:
            return _set(name, values, timestamp)
        except typst.TypstError as wrong:
            unshown = "".join(map(_unescaped, _UNSHOWN.findall(str(wrong))))
            if not unshown or unshown.isascii():
                raise
            values = values.translate(dict.fromkeys(map(ord, set(unshown) - set(string.printable)), _MARK))
    return _set(name, values, timestamp)


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)


def _set(name: str, values: str, timestamp: int) -> bytes:
    made = typst.compile(
        FOLDER / f"{name}.typ",
        root=FOLDER,
        sys_inputs={"values": values},
        format="pdf",
        pdf_standards="a-2b",
        timestamp=timestamp,
    )
    if not isinstance(made, bytes):
        raise TypeError(f"{name} is not one document")
    return made
