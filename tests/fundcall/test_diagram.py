"""The committed diagram and matrix are those that the table gives."""

from pathlib import Path

from fundcall.diagram import mermaid, svg
from fundcall.matrix import matrix

DOCS = Path(__file__).parents[2] / "docs"


def test_the_committed_mermaid_text_is_what_the_table_gives() -> None:
    assert (DOCS / "states.mmd").read_text(encoding="utf-8") == mermaid()


def test_the_committed_picture_is_what_the_table_gives() -> None:
    assert (DOCS / "states.svg").read_text(encoding="utf-8") == svg()


def test_the_committed_matrix_is_what_the_table_gives() -> None:
    assert (DOCS / "permissions.md").read_text(encoding="utf-8") == matrix()
