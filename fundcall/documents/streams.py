"""Unpack the streams of a PDF up to a cap, holding little: what would grow without end is told before it has."""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Callable, Mapping, Sequence

STREAM_MAX = 64 << 20
TOTAL_MAX = 256 << 20
"""Bytes that one stream, and all of a file together, may unpack to; a page scanned at 600 dpi has some 35 million."""
_CHUNK = 1 << 20
_FILTERS_MAX = 4
_IMAGES = frozenset({"/DCTDecode", "/DCT", "/JPXDecode", "/CCITTFaxDecode", "/CCF", "/JBIG2Decode"})
"""Pictures: what they unpack to is bounded by their width and height, and nobody here unpacks them."""
_FLATE = frozenset({"/FlateDecode", "/Fl"})
_CLEAR, _END, _TABLE_MAX = 256, 257, 4096
_BLANKS = re.compile(rb"\s+")


class Unpacker:
    """Counts what the streams of one file unpack to."""

    def __init__(self) -> None:
        self._total = 0

    def harmless(self, raw: Callable[[], bytes], filters: Sequence[str]) -> bool:
        """Whether the stream, unpacked through all its filters, stays within the caps. Damaged data ends early."""
        named = [name for name in filters if name]
        if len(named) > _FILTERS_MAX:
            return False
        if not any(name not in _IMAGES for name in named):
            return True
        data = bytes(raw())
        for i, name in enumerate(named):
            if name in _IMAGES:
                return True
            last = i == len(named) - 1
            unpacked = self._through(name, data, keep=not last)
            if unpacked is None:
                return False
            data = unpacked
        return True

    def _through(self, name: str, data: bytes, *, keep: bool) -> bytes | None:
        """The data behind one filter, or b"" where nobody needs it; None where it is too much."""
        if name in _FLATE:
            return self._inflate(data, keep=keep)
        if name in _COUNTED:  # only counted: no program that makes PDFs packs what is so packed once more
            return None if keep else self._grown(_COUNTED[name](data))
        return _from_text(name, data)

    def _grown(self, size: int) -> bytes | None:
        self._total += size
        return None if size > STREAM_MAX or self._total > TOTAL_MAX else b""

    def _inflate(self, data: bytes, *, keep: bool) -> bytes | None:
        inflater, size, kept = zlib.decompressobj(), 0, bytearray()
        while data:
            try:
                piece = inflater.decompress(data, _CHUNK)
            except zlib.error:
                break
            size += len(piece)
            self._total += len(piece)
            if size > STREAM_MAX or self._total > TOTAL_MAX:
                return None
            if keep:
                kept += piece
            data = inflater.unconsumed_tail
        return bytes(kept)


def _from_text(name: str, data: bytes) -> bytes:
    """What ASCII text encodes; it is shorter than the text."""
    text = _BLANKS.sub(b"", data)
    try:
        if name in ("/ASCIIHexDecode", "/AHx"):
            text = text.partition(b">")[0]
            return binascii.unhexlify(text + b"0" * (len(text) % 2))
        if name in ("/ASCII85Decode", "/A85"):
            return base64.a85decode(text.removeprefix(b"<~").partition(b"~>")[0])
    except (ValueError, binascii.Error):
        pass
    return b""


def lzw_size(data: bytes) -> int:
    """How much an LZW stream unpacks to (ISO 32000-1, 7.4.4), told from the lengths of its table's entries alone.

    Counted with codes widening early, as is usual; a stream that widens late ends in nonsense of about its size. Stops
    beyond `STREAM_MAX`.
    """
    size, bits, held, at, width, lengths, last = 0, 0, 0, 0, 9, [1] * 258, 0
    while at < len(data) or held >= width:
        while held < width and at < len(data):
            bits, held, at = (bits << 8 | data[at]) & 0xFFFFFF, held + 8, at + 1
        if held < width:
            break
        held -= width
        code = bits >> held & (1 << width) - 1
        if code == _END or size > STREAM_MAX:
            break
        if code == _CLEAR:
            width, lengths, last = 9, [1] * 258, 0
            continue
        if last and len(lengths) < _TABLE_MAX:
            lengths.append(last + 1)
        if code >= len(lengths):
            break
        last = lengths[code]
        size += last
        width = min(max(9, (len(lengths) + 1).bit_length()), 12)
    return size


def run_length_size(data: bytes) -> int:
    """How much a run-length stream unpacks to (ISO 32000-1, 7.4.5)."""
    size = at = 0
    while at < len(data) and data[at] != 128:
        plain = data[at] < 128
        size += data[at] + 1 if plain else 257 - data[at]
        at += data[at] + 2 if plain else 2
    return size


_COUNTED: Mapping[str, Callable[[bytes], int]] = {
    "/LZWDecode": lzw_size,
    "/LZW": lzw_size,
    "/RunLengthDecode": run_length_size,
    "/RL": run_length_size,
}
