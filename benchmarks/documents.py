"""What intake costs: seal checks of files just within the limit, and the streamed store."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import Measurement, Operation, closed_loop

SIZE_BYTES = 4_900_000
_PIECE = 1 << 20
_CPUS = 2


def examinations(seconds: float) -> list[Measurement]:
    """Screening and seal check of one sealed file, one at a time and two at a time, children warm."""
    from fundcall.documents.anchors import Anchors
    from fundcall.documents.examiner import Examiner
    from tests.documents.making import pdf, root, seal

    content = seal(pdf(SIZE_BYTES), visible=True)
    examiner = Examiner(Anchors((root().der,)), workers=_CPUS)
    try:
        verdicts = {report.seal for report in examiner.examine_all([content] * _CPUS)}
        assert verdicts == {"valid"}

        def client(number: int) -> Iterator[Operation]:
            while True:
                yield lambda: examiner.examine(content)

        return [
            closed_loop(f"examine a sealed 4.9 MB file, {clients} at a time", clients, seconds, client)
            for clients in (1, _CPUS)
        ]
    finally:
        examiner.close()


def validation(seconds: float) -> Measurement:
    """PyHanko alone on the same kind of file, in this process: the floor of a seal check."""
    import io

    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import async_validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    from tests.documents.making import asn1, pdf, root, seal

    content = seal(pdf(SIZE_BYTES), visible=True)

    def validate() -> bool:
        (found,) = PdfFileReader(io.BytesIO(content), strict=False).embedded_regular_signatures
        context = ValidationContext(trust_roots=[asn1(root())])
        return bool(asyncio.run(async_validate_pdf_signature(found, context)).bottom_line)

    def client(number: int) -> Iterator[Operation]:
        while True:
            yield validate

    assert validate()
    return closed_loop("pyHanko alone on a sealed 4.9 MB file", 1, seconds, client)


def storing(folder: Path, seconds: float) -> Measurement:
    """A document of 5 MiB in pieces of 1 MiB: hashed, written, synchronised, renamed."""
    from fundcall.documents.examiner import Examiner
    from fundcall.documents.shelf import BYTES_MAX
    from fundcall.documents.store import DocumentStore

    store = DocumentStore(folder / "documents", Examiner(workers=0))
    pieces = [os.urandom(_PIECE) for _ in range(BYTES_MAX // _PIECE)]

    def client(number: int) -> Iterator[Operation]:
        while True:
            head = os.urandom(_PIECE)
            yield lambda head=head: store.put([head, *pieces[1:]])  # type: ignore[misc] # bound while it is at hand

    return closed_loop("store a document of 5 MiB in pieces", 1, seconds, client)
