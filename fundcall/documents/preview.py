"""The first page of a PDF as a small picture; the only importer of PDFium and Pillow. It is run in a child process."""

from __future__ import annotations

import io

WIDTH_PX = 480
HEIGHT_PX_MAX = 960
_COLOURS = 48


def first_page(content: bytes) -> bytes:
    """The first page as PNG, in a few colours; b"" where there is none that could be drawn. Raises MemoryError."""
    import pypdfium2 as pdfium  # noqa: PLC0415 - most children never draw

    try:
        pdf = pdfium.PdfDocument(content)
        page = pdf[0]
        width, height = page.get_size()
        scale = min(WIDTH_PX / width, HEIGHT_PX_MAX / height)
        drawn = page.render(scale=scale, may_draw_forms=False).to_pil().convert("RGB")
        out = io.BytesIO()
        drawn.quantize(_COLOURS).save(out, "PNG", optimize=True)
        return out.getvalue()
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - a hostile file brings forth exceptions of many kinds
        return b""
