"""Files that must not be accepted, each with all that is to be found in it. No seals here: those are in `forged`."""

import io
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf

from tests.documents.making import pdf, saved, with_field

Found = tuple[str, ...]
Case = tuple[str, bytes, Found]

STARTS: dict[str, bytes] = {
    "png": b"\x89PNG\r\n\x1a\n" + bytes(60), "jpeg": b"\xff\xd8\xff\xe0" + bytes(60), "gif": b"GIF89a" + bytes(60),
    "bmp": b"BM" + bytes(60), "tiff": b"II*\x00" + bytes(60), "webp": b"RIFF\x24\0\0\0WEBPVP8 ", "exe": b"MZ" + bytes(60),
    "elf": b"\x7fELF" + bytes(60), "gzip": b"\x1f\x8b\x08" + bytes(60), "rar": b"Rar!\x1a\x07\x00", "7z": b"7z\xbc\xaf'\x1c",
    "doc": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "rtf": b"{\\rtf1 }", "html": b"<!doctype html><p>x", "xml": b"<?xml version='1.0'?>",
    "json": b'{"a": 1}', "text": "申报书".encode(), "utf16": "申报书".encode("utf-16"), "postscript": b"%!PS-Adobe-3.0\n",
    "fdf": b"%FDF-1.2\n", "mp4": b"\0\0\0\x18ftypmp42", "sqlite": b"SQLite format 3\0", "one byte": b"%", "nuls": bytes(4096),
    "lower case": b"%pdf-1.7\n", "no hyphen": b"%PDF1.7\n", "eml": b"From: a@b\n\nx",
}  # fmt: skip
"""The first bytes of files of other kinds, whatever they are named."""
JUMPS: dict[str, tuple[dict[str, Any], str]] = {
    "javascript": ({"S": Name.JavaScript, "JS": "app.alert(1)"}, "javascript"),
    "launch": ({"S": Name.Launch, "F": "cmd.exe"}, "launch"),
    "submit": ({"S": Name.SubmitForm, "F": "https://example.org"}, "remote_action"),
    "import": ({"S": Name.ImportData, "F": "a.fdf"}, "remote_action"),
    "remote": ({"S": Name.GoToR, "F": "b.pdf"}, "remote_action"),
    "embedded": ({"S": Name.GoToE}, "remote_action"),
    "rendition": ({"S": Name.Rendition}, "multimedia"),
    "movie": ({"S": Name.Movie}, "multimedia"),
    "sound": ({"S": Name.Sound}, "multimedia"),
    "3d": ({"S": Name.GoTo3DView}, "multimedia"),
    "script in a link": ({"S": Name.URI, "URI": " JavaScript:alert(1)"}, "javascript"),
}
"""Actions, by what they do."""


def on_opening(made: Pdf, action: Dictionary) -> None:
    made.Root.OpenAction = action


def on_the_page(made: Pdf, action: Dictionary) -> None:
    made.pages[0].AA = Dictionary(O=made.make_indirect(action))


def on_a_link(made: Pdf, action: Dictionary) -> None:
    link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 9, 9]), A=action)
    made.pages[0].Annots = Array([link])


def after_another(made: Pdf, action: Dictionary) -> None:
    made.Root.OpenAction = Dictionary(S=Name.GoTo, D=Array([made.pages[0].obj, Name.Fit]), Next=Array([action]))


def on_an_outline(made: Pdf, action: Dictionary) -> None:
    item = made.make_indirect(Dictionary(Title="x", A=action))
    made.Root.Outlines = made.make_indirect(Dictionary(First=item, Last=item, Count=1))


PLACES: tuple[Callable[[Pdf, Dictionary], None], ...] = (
    on_opening, on_the_page, on_a_link, after_another, on_an_outline,
)  # fmt: skip


def other_kinds() -> Iterator[Case]:
    """What is no PDF at all."""
    good = pdf()
    yield "empty", b"", ("empty",)
    for name, start in STARTS.items():
        yield f"a {name} file", start, ("not_pdf",)
    for name, lead in {"blank": b" ", "newline": b"\n", "byte order mark": b"\xef\xbb\xbf", "mz": b"MZ\0\0", "gif": b"GIF89a;",
                       "html": b"<html>", "nul": b"\0", "999 bytes": b"x" * 999}.items():  # fmt: skip
        yield f"a PDF behind {name}", lead + good, ("not_pdf", "polyglot")
    yield "a PDF behind 2000 bytes", b"x" * 2000 + good, ("not_pdf",)
    for name in ("[Content_Types].xml", "OFD.xml", "a.txt"):
        yield f"a zip with {name}", zipped(name, b"x"), ("not_pdf",)
    yield "a header and nothing else", b"%PDF-1.7\n", ("damaged", "not_pdf", "truncated")
    yield "a header and an end", b"%PDF-1.7\n%%EOF\n", ("damaged", "not_pdf")
    yield "a header and noise", b"%PDF-1.7\n" + bytes(range(256)) * 20 + b"\n%%EOF", ("damaged", "not_pdf")


def zipped(name: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, content)
    return out.getvalue()


def polyglots() -> Iterator[Case]:
    """What is a PDF and something else."""
    good = pdf()
    yield "a PDF before a zip", good + zipped("a.exe", b"MZ"), ("polyglot",)
    yield "a PDF in front of a PDF", good + good, ("polyglot",)
    yield "a PDF, a blank, a PDF", good + b"\n" + pdf(), ("polyglot",)
    for size in (1, 7, 100, 1000):
        yield f"a PDF and {size} bytes more", good + b"x" * size, ("polyglot",)
    yield "a PDF and a comment", good + b"% more\n", ("polyglot",)
    yield "a PDF and a script", good + b"<script>alert(1)</script>", ("polyglot",)
    for markup in (b"<script>", b"<HTML>", b"<!DOCTYPE html>", b"<?php ?>", b"<svg onload=x>", b"<iframe src=x>"):
        yield (
            f"a PDF with {markup!r} in its head",
            good.replace(b"\n", b"\n%" + markup + b"\n", 1),
            ("damaged", "polyglot"),
        )
    comment = zipped("a.txt", b"x")
    yield (
        "a PDF with a zip in a stream",
        pdf(change=lambda made: keep(made, comment), compress_streams=False),
        ("polyglot",),
    )


def keep(made: Pdf, content: bytes, **entries: Any) -> None:
    """Put a stream in."""
    made.Root.Kept = made.make_stream(content, **entries)


def active() -> Iterator[Case]:
    """What does something when it is opened."""
    for name, (entries, code) in JUMPS.items():
        for place in PLACES:
            for packed in (False, True):
                mode = pikepdf.ObjectStreamMode.generate if packed else pikepdf.ObjectStreamMode.disable
                made = pdf(change=partial(does, place, entries), object_stream_mode=mode)
                yield f"{name} {place.__name__}{', packed' if packed else ''}", made, (code,)
    hidden = pdf(change=lambda p: on_opening(p, Dictionary(S=Name.JavaScript, JS="x"))).replace(
        b"/JavaScript", b"/J#61vaScript"
    )
    yield "a script by an escaped name", hidden, ("damaged", "javascript")
    yield "a tree of scripts", pdf(change=script_tree), ("javascript",)
    yield "an attachment", pdf(change=attach), ("embedded_file",)
    for kind, code in (("/FileAttachment", "embedded_file"), ("/RichMedia", "multimedia"), ("/Movie", "multimedia"),
                       ("/Sound", "multimedia"), ("/Screen", "multimedia"), ("/3D", "multimedia")):  # fmt: skip
        yield f"an annotation {kind}", pdf(change=partial(annotate, kind=kind)), (code,)
    yield "a stream from outside", pdf(change=lambda p: keep(p, b"", F="/etc/passwd")), ("external_content",)


def does(place: Callable[[Pdf, Dictionary], None], entries: dict[str, Any], made: Pdf) -> None:
    """Put an action in a place."""
    place(made, Dictionary(**entries))


def annotate(made: Pdf, kind: str) -> None:
    made.pages[0].Annots = Array([Dictionary(Type=Name.Annot, Subtype=Name(kind), Rect=Array([0, 0, 9, 9]))])


def script_tree(made: Pdf) -> None:
    script = made.make_indirect(Dictionary(S=Name.JavaScript, JS="x"))
    made.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array(["a", script])))


def attach(made: Pdf) -> None:
    made.attachments["a.exe"] = b"MZ"


def forms() -> Iterator[Case]:
    """What can be filled in, or looks different from one reader to the next."""
    for kind in ("/Tx", "/Btn", "/Ch"):
        yield f"a field {kind}", pdf(change=partial(with_field, kind=kind)), ("fillable_form",)
    yield "an XFA form", pdf(change=xfa), ("xfa",)
    yield "a field below a field", pdf(change=below), ("fillable_form",)


def xfa(made: Pdf) -> None:
    made.Root.AcroForm = Dictionary(Fields=Array(), XFA=made.make_stream(b"<xdp/>"))


def below(made: Pdf) -> None:
    kid = made.make_indirect(Dictionary(T="b"))
    parent = made.make_indirect(Dictionary(T="a", FT=Name.Tx, Kids=Array([kid])))
    made.Root.AcroForm = Dictionary(Fields=Array([parent]))


def encrypted() -> Iterator[Case]:
    """What needs a password, or was locked with an empty one."""
    for level in (2, 3, 4, 6):
        for user, owner in (("u", "o"), ("", "o"), ("u", "u")):
            made = pikepdf.new()
            made.add_blank_page()
            how = pikepdf.Encryption(user=user, owner=owner, R=level, aes=level >= 4, metadata=level >= 4)
            yield f"encrypted R{level} {user!r} {owner!r}", saved(made, encryption=how), ("encrypted",)


def bombs() -> Iterator[Case]:
    """What unpacks, or branches, without end."""
    flate = zlib.compress(bytes(70 << 20), 9)
    half = zlib.compress(bytes(40 << 20), 9)
    for name, content, filters in (
        ("one", flate, [Name.FlateDecode]),
        ("a nested one", zlib.compress(flate, 9), [Name.FlateDecode, Name.FlateDecode]),
        ("one in text", flate.hex().encode() + b">", [Name.ASCIIHexDecode, Name.FlateDecode]),
        ("one of runs", b"\x81\x00" * 1_100_000, [Name.RunLengthDecode]),
        ("a chain of five", b"41>", [Name.ASCIIHexDecode] * 5),
    ):
        made = pdf(change=partial(keep, content=content, Filter=Array(filters)), compress_streams=False)
        yield f"a bomb: {name}", made, ("bomb",)
    yield "a bomb of many small ones", pdf(change=lambda p: many(p, half, 7), compress_streams=False), ("bomb",)
    yield "1001 pages", pdf(change=lambda p: [p.add_blank_page() for _ in range(1000)]), ("too_many_pages",)
    yield "endless pages", pdf(change=endless), ("damaged", "not_pdf")
    yield "pages that branch", pdf(change=branching), ("damaged", "not_pdf")
    yield "no page", pdf(change=lambda p: p.Root.Pages.__setitem__("/Kids", Array())), ("no_pages",)
    yield (
        "a page of 20 000 units",
        pdf(change=lambda p: p.pages[0].__setitem__("/MediaBox", [0, 0, 20_000, 10])),
        ("page_size",),
    )
    yield "a page of no width", pdf(change=lambda p: p.pages[0].__setitem__("/MediaBox", [0, 0, 0, 10])), ("page_size",)
    yield (
        "200 001 objects",
        pdf(change=crowd, object_stream_mode=pikepdf.ObjectStreamMode.generate),
        ("too_many_objects",),
    )
    yield "arrays 100 deep", pdf(change=deep), ("too_deep",)


def many(made: Pdf, content: bytes, count: int) -> None:
    made.Root.Kept = Array([made.make_stream(content, Filter=Name.FlateDecode) for _ in range(count)])


def endless(made: Pdf) -> None:
    made.Root.Pages.Kids = Array([made.Root.Pages])


def branching(made: Pdf) -> None:
    below = made.pages[0].obj
    for _ in range(9):
        below = made.make_indirect(Dictionary(Type=Name.Pages, Count=1, Kids=Array([below, below])))
    made.Root.Pages.Kids = Array([below, below])


def crowd(made: Pdf) -> None:
    made.Root.Kept = Array([Dictionary() for _ in range(200_001)])


def deep(made: Pdf) -> None:
    nest = Array()
    for _ in range(100):
        nest = Array([nest])
    made.Root.Kept = nest


def truncated() -> Iterator[Case]:
    """One file cut off at 50 places. The reader finds its pages again unless the cut is before the trailer."""
    whole = pdf(20_000)
    for cut in range(1000, 19_000, 360):
        yield f"cut off at {cut}", whole[:cut], ("damaged", "not_pdf", "truncated")


KINDS = (other_kinds, polyglots, active, forms, encrypted, bombs, truncated)


def every_case() -> list[Case]:
    return [case for kind in KINDS for case in kind()]
