"""Sealed files, good and forged, each with the verdicts on its seals and with what else is to be found."""

import datetime as dt
import io
import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from tests.documents import sm2
from tests.documents.making import (
    ADOBE,
    NOW,
    UNIT,
    Party,
    authority_of_time,
    party,
    pdf,
    root,
    rsa_key,
    rsa_unit,
    saved,
    seal,
    set_value,
    stamper,
    text,
    unit,
    updated,
    with_field,
)

Case = tuple[str, bytes, tuple[str, ...], tuple[str, ...]]
"""Name, bytes, verdicts in the order of sealing, findings."""
LINES = "q 0 0 m 100 100 l S Q"


@cache
def plain() -> bytes:
    return pdf(change=draw, compress_streams=False)


def draw(made: pikepdf.Pdf) -> None:
    made.pages[0].Contents = made.make_stream(LINES.encode())


@cache
def sealed() -> bytes:
    return seal(plain())


@cache
def stranger() -> Party:
    return party({"CN": "别家根证书"}, ca=True)


def good() -> Iterator[Case]:
    """Seals that hold."""
    middle = party({"CN": "下级"}, root(), ca=True)
    below = party({"O": UNIT}, middle)
    yield "a seal", sealed(), ("valid",), ()
    yield "a visible seal", seal(plain(), visible=True), ("valid",), ()
    yield "a seal that certifies", seal(plain(), certify=True), ("valid",), ()
    yield "a seal of the older kind", seal(plain(), rsa_unit(), subfilter=ADOBE), ("valid",), ()
    yield "a seal with its root", seal(plain(), chain=(root(),)), ("valid",), ()
    yield "a seal over an intermediate", seal(plain(), below, chain=(middle,)), ("valid",), ()
    yield "a stamped seal", seal(plain(), stamps=stamper()), ("valid",), ()
    yield "a seal with SHA-512", seal(plain(), digest="sha512"), ("valid",), ()
    yield "two seals", seal(sealed(), rsa_unit(), field="Seal2"), ("valid", "valid"), ()
    three = seal(seal(sealed(), rsa_unit(), field="Seal2"), field="Seal3", visible=True)
    yield "three seals", three, ("valid", "valid", "valid"), ()
    yield "no seal", plain(), (), ()


def wrong_people() -> Iterator[Case]:
    """Seals that are sound, of somebody who should not have sealed, or at the wrong time."""
    long_ago = NOW - dt.timedelta(days=400)
    cases: list[tuple[str, Party, str]] = [
        ("expired", party({"O": UNIT}, root(), start=long_ago, days=30), "expired"),
        ("not yet valid", party({"O": UNIT}, root(), start=NOW + dt.timedelta(days=9)), "untrusted"),
        ("self-signed", party({"O": UNIT}), "untrusted"),
        ("of another root", party({"O": UNIT}, stranger()), "untrusted"),
        ("for encipherment only", party({"O": UNIT}, root(), usage="encipherment"), "untrusted"),
        ("of an authority", party({"O": UNIT}, root(), ca=True), "untrusted"),
        ("of nobody", party({"OU": "财务部"}, root()), "cannot_verify"),
        ("of a code", party({"O": "91310000FAKE00013Y", "CN": "91310000FAKE00013Y"}, root()), "cannot_verify"),
        ("of blanks", party({"O": "  ", "CN": " "}, root()), "cannot_verify"),
        ("under a leaf", party({"O": UNIT}, unit()), "untrusted"),
        ("by a time-stamper", authority_of_time(), "untrusted"),
    ]
    for name, who, verdict in cases:
        yield f"a seal {name}", seal(plain(), who), (verdict,), ()
    foreign = party({"CN": "别家时间戳"}, stranger(), key=rsa_key(), stamping=True)
    yield "a seal stamped by a stranger", seal(plain(), stamps=stamper(foreign)), ("cannot_verify",), ()
    yield "a seal with a certificate too many", seal(plain(), chain=(stranger(),)), ("cannot_verify",), ()


def edits() -> dict[str, Callable[[IncrementalPdfFileWriter], object]]:
    """Changes that leave every sealed byte where it is."""

    def page(writer: IncrementalPdfFileWriter) -> Any:
        return writer.root["/Pages"]["/Kids"][0]

    def entry(key: str, value: Any) -> Callable[[IncrementalPdfFileWriter], object]:
        def change(writer: IncrementalPdfFileWriter) -> None:
            page(writer)[key] = value
            writer.mark_update(writer.root["/Pages"]["/Kids"].raw_get(0).reference)

        return change

    def catalog(writer: IncrementalPdfFileWriter) -> None:
        writer.root["/Evil"] = writer.add_object(generic.NumberObject(1))
        writer.update_root()

    def contents(writer: IncrementalPdfFileWriter) -> None:
        entry("/Contents", writer.add_object(generic.StreamObject(stream_data=b"q Q")))(writer)

    def replaced(writer: IncrementalPdfFileWriter) -> None:
        stream = page(writer)["/Contents"]
        stream._data, stream._encoded_data = b"q Q", None
        writer.mark_update(page(writer).raw_get("/Contents").reference)

    def annotation(writer: IncrementalPdfFileWriter) -> None:
        name = generic.pdf_name
        box = generic.ArrayObject(generic.NumberObject(n) for n in (0, 0, 595, 842))
        cover = generic.DictionaryObject(
            {name("/Type"): name("/Annot"), name("/Subtype"): name("/Square"), name("/Rect"): box}
        )
        entry("/Annots", generic.ArrayObject([writer.add_object(cover)]))(writer)

    def store(writer: IncrementalPdfFileWriter) -> None:
        writer.root["/DSS"] = writer.add_object(generic.DictionaryObject())
        writer.update_root()

    def nothing(writer: IncrementalPdfFileWriter) -> None:
        writer.add_object(generic.NumberObject(7))

    box = generic.ArrayObject(generic.NumberObject(n) for n in (0, 0, 10, 10))
    return {
        "the catalog": catalog, "the page's contents": contents, "the contents' stream": replaced,
        "an annotation over the page": annotation, "the page turned": entry("/Rotate", generic.NumberObject(180)),
        "the page cut": entry("/MediaBox", box), "a security store": store, "an object nobody uses": nothing,
    }  # fmt: skip


def changed_afterwards() -> Iterator[Case]:
    """Incremental updates, appended bytes, and what shadows the sealed content."""
    for name, change in edits().items():
        yield f"sealed, then {name}", updated(sealed(), change), ("changed",), ()
        yield f"certified, then {name}", updated(seal(plain(), certify=True), change), ("changed",), ()
    for more in (b"\n", b"\r\n", b" ", b"\0", b"x", b"% comment\n", b"%%EOF\n", b"0" * 5000):
        ends = more.strip(b"\r\n \0") in (b"", b"%%EOF")
        yield f"sealed, then {more[:9]!r}", sealed() + more, ("changed",), () if ends else other_end(more)
    yield "sealed, then another PDF", sealed() + plain(), (), ("polyglot",)
    filled = seal(pdf(change=with_field))
    yield "sealed with a field", filled, ("valid",), ("fillable_form",)
    yield "a value after sealing", updated(filled, set_value("amount", text("999"))), ("changed",), ("fillable_form",)
    hidden = updated(plain(), edits()["the page's contents"])
    yield "a shadow, sealed, brought back", updated(seal(hidden), edits()["the contents' stream"]), ("changed",), ()
    yield "saved anew by another program", saved(pikepdf.open(io.BytesIO(sealed()))), ("broken",), ()
    yield "a page more", saved(with_a_page(sealed())), ("broken",), ()


def other_end(more: bytes) -> tuple[str, ...]:
    return ("damaged", "truncated") if len(more) > 1024 else ("polyglot",)


def with_a_page(content: bytes) -> pikepdf.Pdf:
    opened = pikepdf.open(io.BytesIO(content))
    opened.add_blank_page()
    return opened


def two_seals() -> Iterator[Case]:
    """Several seals of which not all hold."""
    turned = updated(sealed(), edits()["the page turned"])
    yield "sealed, changed, sealed", seal(turned, rsa_unit(), field="Seal2"), ("changed", "valid"), ()
    filled = seal(pdf(change=with_field))
    edited = updated(filled, set_value("amount", text("999")))
    yield "sealed, filled in, sealed", seal(edited, rsa_unit(), field="Seal2"), ("changed", "valid"), ("fillable_form",)
    first = flipped(sealed(), sealed().index(LINES.encode()))
    yield "broken, then sealed", seal(first, rsa_unit(), field="Seal2"), ("broken", "valid"), ()
    both = seal(sealed(), rsa_unit(), field="Seal2")
    yield "two seals, the first certificate spoilt", flipped(both, contents_at(both, 0) + 400), ("broken", "broken"), ()
    yield "two seals, the second spoilt", flipped_digit(both, contents_at(both, 1) + 2000), ("valid", "broken"), ()
    yield "two seals and a byte", both + b"\n", ("valid", "changed"), ()
    outsider = party({"O": UNIT}, stranger())
    yield "a stranger's seal on top", seal(sealed(), outsider, field="Seal2"), ("valid", "untrusted"), ()
    yield "a seal on top of a stranger's", seal(seal(plain(), outsider), field="Seal2"), ("untrusted", "valid"), ()


def flipped(content: bytes, at: int, bit: int = 1) -> bytes:
    return content[:at] + bytes((content[at] ^ bit,)) + content[at + 1 :]


def flipped_digit(content: bytes, at: int) -> bytes:
    """With another hexadecimal digit at that place."""
    digit = b"0" if content[at : at + 1] != b"0" else b"1"
    return content[:at] + digit + content[at + 1 :]


def contents_at(content: bytes, which: int) -> int:
    """Where the hexadecimal digits of a seal begin."""
    return [found.end() for found in re.finditer(rb"/Contents\s*<", content)][which]


def ranges(content: bytes) -> tuple[int, int, list[int]]:
    """Where the byte range stands, from the bracket to behind it, and its numbers."""
    found = re.search(rb"/ByteRange\s*(\[[^\]]*\] *)", content)
    assert found is not None
    return found.start(1), found.end(1), [int(n) for n in found[1].strip().strip(b"[]").split()]


LIES = ("", "0 0 0 0", "0 B", "0 B A", "0 B A -L", "1 B A L", "0 B-9 A L", "0 B A+9 L", "0 B A 99999999", "0 L A B",
        "0 B A L 0 0", "null", "0 B.5 A L", "0 B A (x)", "-1 B A L", "0 A B L", "0 B A L+9")  # fmt: skip
"""Byte ranges that lie: B is how much stands before the contents, A where what is after them begins, L its length."""


def with_range(numbers: str) -> bytes:
    """The sealed file with another byte range, as long as before."""
    start, end, (_, before, after, length) = ranges(sealed())
    for word, number in (("B", before), ("A", after), ("L", length)):
        found = re.search(rf"{word}([+-]\d+)?", numbers)
        if found is not None:
            numbers = numbers.replace(found[0], str(number + int(found[1] or 0)))
    value = f"[{numbers}]".encode().ljust(end - start)
    assert len(value) == end - start, numbers
    return sealed()[:start] + value + sealed()[end:]


def malformed() -> Iterator[Case]:
    """Universal signature forgery and its relatives: what is signed, or the signature, is missing or lies."""
    for numbers in LIES:
        yield f"a byte range of [{numbers}]", with_range(numbers), ("broken",), ()
    yield "a shorter byte range", with_range("0 B A L-6"), ("changed",), ()
    start, _, _ = ranges(sealed())
    yield "no byte range", sealed()[:start].replace(b"/ByteRange", b"/BiteRange") + sealed()[start:], ("broken",), ()
    at = contents_at(sealed(), 0)
    size = sealed().index(b">", at) - at
    for name, digits in (("zeros", b"0" * size), ("ones", b"11" * (size // 2)), ("a sequence", b"30820001".ljust(size, b"0")),
                         ("small letters and capitals", b"3a3A" + b"0" * (size - 4)) ):  # fmt: skip
        yield f"contents of {name}", sealed()[:at] + digits + sealed()[at + size :], ("broken",), ()
    noise = sealed()[:at] + b"zz" * (size // 2) + sealed()[at + size :]
    yield "contents that are no digits", noise, ("broken",), ("damaged",)
    mixed = sealed()[at : at + size].replace(b"A", b"a", 1)
    yield "one small digit among capitals", sealed()[:at] + mixed + sealed()[at + size :], ("broken",), ()
    yield "a one in the padding", flipped_digit(sealed(), at + size - 1), ("broken",), ()
    for key, value in (("/Contents", b"/Contentz"), ("/SubFilter", b"/SubFiltez")):
        swapped = sealed().replace(key.encode(), value, 1)
        yield f"{key} under another name", swapped, ("broken" if key == "/Contents" else "cannot_verify",), ()
    yield (
        "a kind of seal nobody knows",
        sealed().replace(b"/ETSI.CAdES.detached", b"/GBT.38540.detached1"),
        ("cannot_verify",),
        (),
    )
    yield "a field with a number for a seal", pdf(change=lambda made: with_field(made, "/Sig", V=7)), ("broken",), ()
    empty = pdf(change=lambda made: with_field(made, "/Sig", V=made.make_indirect(Dictionary(Type=Name.Sig))))
    yield "a seal of nothing", empty, ("broken",), ()
    yield "a place for a seal", pdf(change=lambda made: with_field(made, "/Sig")), (), ()
    copied = pdf(change=lambda made: with_field(made, "/Sig", V=made.make_indirect(stolen())))
    yield "another file's seal", copied, ("broken",), ()


def stolen() -> Dictionary:
    """The seal of the sealed file, to be put in another."""
    at = contents_at(sealed(), 0)
    contents = bytes.fromhex(sealed()[at : sealed().index(b">", at)].decode())
    return Dictionary(
        Type=Name.Sig, Filter=Name("/Adobe.PPKLite"), SubFilter=Name("/ETSI.CAdES.detached"),
        ByteRange=Array(ranges(sealed())[2]), Contents=pikepdf.String(contents),
    )  # fmt: skip


def national() -> Iterator[Case]:
    """Seals by SM2 over SM3: never valid here, broken where that can be shown."""
    made = sm2.seal(plain())
    yield "an SM2 seal", made, ("cannot_verify",), ()
    yield "an SM2 seal without signer id", sm2.seal(plain(), None), ("cannot_verify",), ()
    yield "an SM2 seal of other words", sm2.seal(plain(), wrong=True), ("broken",), ()
    yield "an SM2 seal, then a page changed", flipped(made, made.index(LINES.encode())), ("broken",), ()
    yield "an SM2 seal and a byte", made + b"\n", ("changed",), ()
    yield "an SM2 seal, then another", seal(made, field="Seal2"), ("cannot_verify", "valid"), ()
    yield "a seal, then an SM2 seal of the same field", updated(made, edits()["the catalog"]), ("changed",), ()


KINDS = (good, wrong_people, changed_afterwards, two_seals, malformed, national)


def every_case() -> list[Case]:
    return [case for kind in KINDS for case in kind()]
