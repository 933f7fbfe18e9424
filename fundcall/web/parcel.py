"""A form with a file, read as it comes: its fields first, then the file in pieces, never the whole of it at once."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass

from fastapi import Request
from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header

from fundcall.web.problems import Problem

_FIELDS_MAX = 64 * 1024
"""What all fields before the file may have, in bytes."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """The fields that came before the file, what the file is called, and its pieces. `filename` is "" where none came."""

    fields: dict[str, str]
    filename: str
    pieces: AsyncIterator[bytes]


async def opened(request: Request) -> Parcel:
    """The form of a request, read up to where its file begins; no fields where the body is no such form. Raises Problem."""
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not 0 < len(boundary) <= 70:
        return Parcel({}, "", _nothing())
    reader = _Reader(boundary)
    source = request.stream()
    async for piece in source:
        reader.feed(piece)
        if reader.in_file:
            return Parcel(reader.fields, reader.filename, _file(reader, source))
    return Parcel(reader.fields, "", _nothing())


async def _file(reader: _Reader, source: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The file's bytes; what comes after it is not read. Raises Problem 400 for one that breaks off."""
    while True:
        while reader.content:
            yield reader.content.popleft()
        if reader.over:
            return
        piece = await anext(source, None)
        if piece is None:
            raise _broken()
        reader.feed(piece)


async def _nothing() -> AsyncIterator[bytes]:
    empty: tuple[bytes, ...] = ()
    for piece in empty:
        yield piece


class _Reader:
    """Follows a body through its parts. `in_file`: a part with a file's name has begun; `over`: it has ended."""

    def __init__(self, boundary: bytes) -> None:
        self.fields: dict[str, str] = {}
        self.filename = ""
        self.content: deque[bytes] = deque()
        self.in_file = self.over = False
        self._header, self._value, self._told = bytearray(), bytearray(), b""
        self._field, self._text, self._size = "", bytearray(), 0
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_field": lambda data, start, end: self._header.extend(data[start:end]),
                "on_header_value": lambda data, start, end: self._value.extend(data[start:end]),
                "on_header_end": self._header_over,
                "on_headers_finished": self._headers_over,
                "on_part_data": self._data,
                "on_part_end": self._end,
            },
            max_header_size=_FIELDS_MAX,
        )

    def feed(self, piece: bytes) -> None:
        """Take the next piece of the body. Raises Problem 400."""
        try:
            self._parser.write(piece)
        except MultipartParseError as wrong:
            raise _broken() from wrong

    def _begin(self) -> None:
        self._told = b""
        self._header.clear()
        self._value.clear()

    def _header_over(self) -> None:
        if bytes(self._header).lower() == b"content-disposition":
            self._told = bytes(self._value)
        self._header.clear()
        self._value.clear()

    def _headers_over(self) -> None:
        if self.in_file:
            return
        _, options = parse_options_header(self._told)
        if b"filename" in options:
            self.in_file = True
            self.filename = _last(options[b"filename"].decode("utf-8", "replace"))
        else:
            self._field = options.get(b"name", b"").decode("utf-8", "replace")
            self._text = bytearray()

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self.in_file:
            if not self.over:
                self.content.append(data[start:end])
            return
        self._size += end - start
        if self._size > _FIELDS_MAX:
            raise _broken()
        self._text.extend(data[start:end])

    def _end(self) -> None:
        if self.in_file:
            self.over = True
        elif self._field:
            self.fields[self._field] = self._text.decode("utf-8", "replace")


def _last(path: str) -> str:
    """The name at the end of a path: some browsers send all of it."""
    return path.replace("\\", "/").rpartition("/")[2].strip()


def _broken() -> Problem:
    return Problem(400, "broken_upload", "上传的内容不完整，文件未保存", "what was sent is not whole; no file was kept",
                   "请重新上传。", "Upload it again.")  # fmt: skip
