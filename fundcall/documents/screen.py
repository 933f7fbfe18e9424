"""Look through a PDF for what must not be in it, without running or unpacking any of it; the only importer of pikepdf.

It is run in a child process: hostile files make the parser loop, eat memory or crash.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pikepdf

from fundcall.documents.streams import Unpacker

PAGES_MAX = 1000
OBJECTS_MAX = 200_000
"""Indirect objects and what stands directly in them, counted together."""
DEPTH_MAX = 64
PAGE_SIDE_MAX = 14_400
"""In default user space units: ISO 32000-1, annex C."""
_ACTIONS = {
    "/JavaScript": "javascript", "/Launch": "launch",
    "/SubmitForm": "remote_action", "/ImportData": "remote_action", "/GoToR": "remote_action", "/GoToE": "remote_action",
    "/Rendition": "multimedia", "/Movie": "multimedia", "/Sound": "multimedia", "/RichMediaExecute": "multimedia",
    "/GoTo3DView": "multimedia",
}  # fmt: skip
_KEYS = {"/JS": "javascript", "/JavaScript": "javascript", "/EmbeddedFiles": "embedded_file", "/EF": "embedded_file",
         "/XFA": "xfa", "/RichMediaContent": "multimedia"}  # fmt: skip
_SUBTYPES = {"/FileAttachment": "embedded_file", "/RichMedia": "multimedia", "/Movie": "multimedia",
             "/Sound": "multimedia", "/Screen": "multimedia", "/3D": "multimedia"}  # fmt: skip
_RECOVERED = ("file is damaged", "reconstruct", "recover", "expected endobj", "EOF", "loop", "invalid")

_HARMLESS = "reported number of objects"
"""A trailer that counts too many: programs that seal leave it behind, and no reader minds."""


class _Stop(Exception):
    """There is too much in the file to go on; carries the finding."""


def screen(content: bytes) -> tuple[bool, int, set[str]]:
    """Whether a PDF reader opens it, how many pages it has, and what was found. Raises MemoryError alone."""
    try:
        pdf = pikepdf.open(io.BytesIO(content))  # with recovery: without it a damaged file has crashed the parser
    except pikepdf.PasswordError:
        return True, 0, {"encrypted"}
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - a hostile file brings forth exceptions of many kinds
        return False, 0, {"damaged"}
    with pdf:
        if pdf.is_encrypted:
            return True, 0, {"encrypted"}
        look = _Look(pdf)
        try:
            look.through()
        except _Stop as stop:
            look.found.add(str(stop))
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001 - as above
            look.found.add("damaged")
        return True, look.pages, look.found | _warned(pdf)


def _warned(pdf: pikepdf.Pdf) -> set[str]:
    said = " ".join(text for text in map(str, pdf.get_warnings()) if _HARMLESS not in text)
    if not said:
        return set()
    return {"damaged"} if any(word in said for word in _RECOVERED) else {"irregular"}


class _Look:
    """One look through an open PDF."""

    def __init__(self, pdf: pikepdf.Pdf) -> None:
        self._pdf = pdf
        self._unpacker = Unpacker()
        self._seen = 0
        self.pages = 0
        self.found: set[str] = set()

    def through(self) -> None:
        """Everything, cheapest first. Raises _Stop, and what pikepdf raises on damaged objects."""
        if int(self._pdf.trailer.get("/Size", 0)) > OBJECTS_MAX:
            raise _Stop("too_many_objects")
        self._page_tree()
        self._fields(self._pdf.Root.get("/AcroForm"))
        for root in self._pdf.objects:
            self._object(root)

    def _page_tree(self) -> None:
        """Count the pages by hand: a tree that repeats a branch is endless to who follows it."""
        branches: set[tuple[int, int]] = set()
        stack = [self._pdf.Root.get("/Pages")]
        while stack:
            node = stack.pop()
            if not isinstance(node, pikepdf.Dictionary):
                raise _Stop("damaged")
            if "/Kids" not in node:
                self.pages += 1
                self._page_size(node)
            elif node.objgen in branches or len(node.Kids) > PAGES_MAX:
                raise _Stop("damaged" if node.objgen in branches else "too_many_pages")
            else:
                branches.add(node.objgen)
                stack += list(node.Kids)
            if max(self.pages, len(branches)) > PAGES_MAX:
                raise _Stop("too_many_pages")
        if not self.pages:
            self.found.add("no_pages")

    def _page_size(self, page: pikepdf.Dictionary) -> None:
        for name in ("/MediaBox", "/CropBox"):
            box = page.get(name)
            if box is None:
                continue
            left, low, right, high = (float(side) for side in box)
            if not (0 < abs(right - left) <= PAGE_SIDE_MAX and 0 < abs(high - low) <= PAGE_SIDE_MAX):
                self.found.add("page_size")

    def _fields(self, form: Any) -> None:
        """Fields of the form other than seals can be filled in after sealing, or shown differently."""
        stack: list[tuple[Any, Any]] = []
        stack += [(field, None) for field in form.get("/Fields", ())] if isinstance(form, pikepdf.Dictionary) else []
        seen = 0
        while stack:
            field, inherited = stack.pop()
            seen += 1
            if seen > OBJECTS_MAX:
                raise _Stop("too_many_objects")
            if not isinstance(field, pikepdf.Dictionary):
                continue
            kind = field.get("/FT", inherited)
            if kind is not None and kind != "/Sig":
                self.found.add("fillable_form")
            stack += [(kid, kind) for kid in field.get("/Kids", ())]

    def _object(self, root: Any) -> None:
        """An indirect object and all that stands directly in it, streams unpacked as far as is harmless."""
        stack = [(root, 0)]
        while stack:
            node, depth = stack.pop()
            self._seen += 1
            if self._seen > OBJECTS_MAX:
                raise _Stop("too_many_objects")
            if depth > DEPTH_MAX:
                raise _Stop("too_deep")
            if isinstance(node, pikepdf.Stream):
                self._stream(node)
            inside = [child for child in self._inside(node) if isinstance(child, pikepdf.Object)]
            stack += [(child, depth + 1) for child in inside if not child.is_indirect]

    def _inside(self, node: Any) -> Iterator[Any]:
        if isinstance(node, pikepdf.Array):
            yield from node
        elif isinstance(node, (pikepdf.Dictionary, pikepdf.Stream)):
            for key, value in node.items():
                self._entry(key, value)
                yield value

    def _entry(self, key: str, value: Any) -> None:
        if key in _KEYS:
            self.found.add(_KEYS[key])
        elif key == "/S" and isinstance(value, pikepdf.Name):
            self._add(_ACTIONS.get(str(value)))
        elif key == "/Subtype" and isinstance(value, pikepdf.Name):
            self._add(_SUBTYPES.get(str(value)))
        elif key == "/URI" and isinstance(value, pikepdf.String):
            self._add("javascript" if str(value).strip().lower().startswith("javascript:") else None)

    def _add(self, code: str | None) -> None:
        if code is not None:
            self.found.add(code)

    def _stream(self, stream: pikepdf.Stream) -> None:
        if "/F" in stream:
            self.found.add("external_content")
        filters = stream.get("/Filter")
        names = [str(name) for name in filters] if isinstance(filters, pikepdf.Array) else [str(filters or "")]
        if "/Crypt" in names:
            self.found.add("encrypted")
        elif not self._unpacker.harmless(stream.read_raw_bytes, names):
            raise _Stop("bomb")
