"""The small parts: what streams unpack to, SM2 beside OpenSSL, names in certificates."""

import io
import zlib

import pikepdf
import pytest
from gmssl_pyx import sm2_verify
from hypothesis import given
from hypothesis import strategies as st

from fundcall.documents.streams import Unpacker, lzw_size, run_length_size
from tests.documents import sm2


def test_a_signature_of_openssl_is_verified() -> None:
    assert sm2_verify(sm2.public_key(), sm2.MESSAGE, sm2.BY_OPENSSL)
    assert not sm2_verify(sm2.public_key(), sm2.MESSAGE + b"!", sm2.BY_OPENSSL)


def lzw(content: bytes) -> bytes:
    """LZW as PDF has it, codes widening early."""
    table, codes, word = {bytes((n,)): n for n in range(256)}, [(256, 9)], b""
    for at in range(len(content)):
        longer = word + content[at : at + 1]
        width = max(9, (len(table) + 2).bit_length())
        if longer in table:
            word = longer
            continue
        codes.append((table[word], width))
        if len(table) + 2 == 4094:
            codes.append((256, 12))
            table = {bytes((n,)): n for n in range(256)}
        else:
            table[longer] = len(table) + 2
        word = content[at : at + 1]
    width = max(9, (len(table) + 2).bit_length())
    codes += [(table[word], width)] if word else []
    codes.append((257, max(9, (len(table) + 2 + bool(word)).bit_length())))
    bits = "".join(f"{code:0{width}b}" for code, width in codes)
    bits += "0" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big")


def unpacked(content: bytes, name: str) -> int:
    """What qpdf, an independent reader, unpacks it to."""
    made = pikepdf.new()
    stream = made.make_stream(content, Filter=pikepdf.Name(name))
    return len(stream.read_bytes(pikepdf.StreamDecodeLevel.all))


@given(
    st.binary(max_size=400)
    | st.integers(0, 60_000).map(bytes)
    | st.integers(1, 20_000).map(lambda n: bytes(range(256)) * (n // 256))
)
def test_the_size_behind_lzw_is_what_qpdf_finds(content: bytes) -> None:
    packed = lzw(content)
    assert lzw_size(packed) == unpacked(packed, "/LZWDecode") == len(content)


@given(st.lists(st.binary(min_size=1, max_size=128) | st.tuples(st.integers(2, 128), st.integers(0, 255))))
def test_the_size_behind_run_lengths_is_what_qpdf_finds(runs: list[bytes | tuple[int, int]]) -> None:
    packed = (
        b"".join(bytes((len(r) - 1,)) + r if isinstance(r, bytes) else bytes((257 - r[0], r[1])) for r in runs)
        + b"\x80"
    )
    assert run_length_size(packed) == unpacked(packed, "/RunLengthDecode")


@given(st.binary(max_size=2000))
def test_no_bytes_bring_a_counter_down(noise: bytes) -> None:
    assert lzw_size(noise) >= 0
    assert run_length_size(noise) >= 0
    for name in ("/FlateDecode", "/ASCII85Decode", "/ASCIIHexDecode"):
        assert Unpacker().harmless(lambda: noise, [name, "/FlateDecode"])


def test_a_page_scanned_at_600_dpi_is_no_bomb() -> None:
    scan = zlib.compress(bytes(4960 * 7016), 1)
    assert Unpacker().harmless(io.BytesIO(scan).read, ["/FlateDecode"])


@pytest.mark.parametrize("name", ["/DCTDecode", "/JPXDecode", "/CCITTFaxDecode", "/JBIG2Decode"])
def test_pictures_are_not_unpacked(name: str) -> None:
    def unread() -> bytes:
        raise AssertionError

    assert Unpacker().harmless(unread, [name])
