"""The words of a PDF, read back out of it by the maps from glyphs to characters that its fonts bring."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

import pikepdf

_PAIR = re.compile(rb"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>")
_RANGE = re.compile(rb"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>")


def pdf_text(content: bytes) -> str:
    """The text of every page in the order of its content, without spaces and line breaks."""
    with pikepdf.open(io.BytesIO(content)) as found:
        return re.sub(r"\s", "", "".join(piece for page in found.pages for piece in _pieces(page.obj)))


def _pieces(page: Any) -> Iterator[str]:
    fonts = {str(name): _characters(font) for name, font in page.Resources.get("/Font", {}).items()}
    known: dict[int, str] = {}
    for instruction in pikepdf.parse_content_stream(page):
        operands, operator = instruction.operands, instruction.operator
        if str(operator) == "Tf":
            known = fonts[str(operands[0])]
        elif str(operator) in ("Tj", "TJ"):
            texts = operands[0] if str(operator) == "TJ" else operands
            for text in texts:
                if isinstance(text, pikepdf.String):
                    raw = bytes(text)
                    yield "".join(known.get(int.from_bytes(raw[i : i + 2]), "") for i in range(0, len(raw), 2))


def _characters(font: Any) -> dict[int, str]:
    source = font.ToUnicode.read_bytes()
    found: dict[int, str] = {}
    for block in re.findall(rb"beginbfchar(.*?)endbfchar", source, re.DOTALL):
        found |= {int(glyph, 16): bytes.fromhex(to.decode()).decode("utf-16-be") for glyph, to in _PAIR.findall(block)}
    for block in re.findall(rb"beginbfrange(.*?)endbfrange", source, re.DOTALL):
        for first, last, to in _RANGE.findall(block):
            start = int(to, 16)
            found |= {g: chr(start + g - int(first, 16)) for g in range(int(first, 16), int(last, 16) + 1)}
    return found
