"""Tables on a terminal of 80 columns cut no identifier and crush no column; in a pipe they are not broken at all."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios

import pytest
from rich.cells import cell_len

from fundcall.calls.load import load
from fundcall.cli.layout import broken, widths

CALL = load("shanghai-ai-plus-2025")
COMMAND = (sys.executable, "-m", "fundcall", "call", "show", CALL.id)
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
OUTSIDE = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "LINES", "NO_COLOR"}} | {
    "TERM": "xterm"
}


def on_a_terminal(columns: int) -> list[str]:
    """What the command prints on a terminal so wide, without colours, line by line."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    with subprocess.Popen(COMMAND, stdout=theirs, stderr=subprocess.DEVNULL, stdin=theirs, env=OUTSIDE):
        os.close(theirs)
        told = bytearray()
        while part := _read(ours):
            told += part
    os.close(ours)
    return _COLOURS.sub("", told.decode()).replace("\r", "").split("\n")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux says so when nobody holds the other end any more
        return b""


def test_on_80_columns_every_line_fits_and_every_identifier_stands_whole() -> None:
    lines = on_a_terminal(80)
    words = set(re.findall(r"[!-~]+", "\n".join(lines)))
    assert [line for line in lines if cell_len(line) > 80] == []
    for names in (CALL.topics, CALL.fields, CALL.materials, CALL.rules):
        assert names.keys() - words == set()


def test_in_a_pipe_no_line_is_broken() -> None:
    told = subprocess.run(COMMAND, capture_output=True, check=True, env={**OUTSIDE, "COLUMNS": "80"}).stdout.decode()
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in told.split("\n") if "│" in line]
    rules = [[r.ref, r.id, r.clause, r.severity.value, r.quote] for r in CALL.rules.values()]
    assert [row for row in rows if row in rules] == rules


@pytest.mark.parametrize(
    ("heads", "rows", "room", "found"),
    [
        (("id", "what"), [("A01", "x y")], 80, [3, 4]),
        (("id", "what"), [("A01", "申报时间延长到下月")], 22, [3, 12]),
        (("id", "what"), [("A01", "申报时间延长到下月")], 21, None),
        (("id", "digest"), [("A01", "f" * 64)], 73, None),
        (("编号 id", "at"), [("SHAI2025-00001", "2025-09-22 16:00:00")], 33, [14, 12]),
    ],
)
def test_columns_give_way_until_one_would_be_crushed_or_an_identifier_cut(
    heads: tuple[str, ...], rows: list[tuple[str, ...]], room: int, found: list[int] | None
) -> None:
    assert widths(heads, rows, room) == found


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("申报时间延长", 12, ["申报时间延长"]),
        ("申报时间延长", 8, ["申报时间", "延长"]),
        ("受理编号SHAI2025-00001前", 16, ["受理编号", "SHAI2025-00001前"]),
        ("one two\nthree", 7, ["one two", "three"]),
        ("f" * 10, 4, ["ffff", "ffff", "ff"]),
        ("", 4, [""]),
    ],
)
def test_a_text_is_broken_between_words_and_chinese_characters(text: str, width: int, lines: list[str]) -> None:
    assert broken(text, width).split("\n") == lines
