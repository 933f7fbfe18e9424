"""The two languages of the pages: Chinese first, English beside it. Messages are written in English and looked up."""

from __future__ import annotations

from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

import templates

LANGUAGES = {"zh-CN": "中文", "en": "English"}
"""Code to the name that a language has for itself; the first is spoken unless somebody asks for another."""
DEFAULT = "zh-CN"
CATALOGUES = Path(templates.__file__).parent / "web" / "zh_CN"
"""One file a desk; a message stands in one of them."""


def N_(message: str) -> str:  # noqa: N802 - the name that gettext's tools look for
    """Marks a message for the catalogue; it is looked up where it is shown."""
    return message


@cache
def translations(language: str) -> NullTranslations:
    """What a language says for each message. The catalogue is read as translators write it: nothing has to be built."""
    if language != DEFAULT:
        return NullTranslations()
    compiled = BytesIO()
    write_mo(compiled, catalogue())
    compiled.seek(0)
    return GNUTranslations(compiled)


def catalogue() -> Catalog:
    """The Chinese of every message. Raises ValueError for one that stands twice."""
    whole = Catalog("zh_CN")
    for path in sorted(CATALOGUES.glob("*.po")):
        with path.open("rb") as source:
            for message in read_po(source, locale="zh_CN", abort_invalid=True):
                if message.id and message.id in whole:
                    raise ValueError(f"{path.name}: {message.id!r} stands in another catalogue too")
                if message.id:
                    whole[message.id] = message
    return whole
