"""What the commands print: tables for people, JSON for programs, and errors as one line in two languages."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from email import message_from_bytes
from email.policy import default as default_policy
from pathlib import Path
from typing import Annotated, Any, NoReturn

import orjson
import typer
from rich.cells import cell_len
from rich.console import Console, ConsoleDimensions
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from fundcall.bootstrap import NotInstalled, System, open_system, settings_for
from fundcall.calls.load import LocatedFault
from fundcall.cli.layout import broken, widths
from fundcall.papers import NoTypeface
from states.calendar import due_on_the_wall, zone
from states.errors import Refusal
from states.funding_call import FundingCall
from workflow.notices import Notice


class _Paper(Console):
    """Rich's console, which in a file or a pipe breaks no line: there is no edge to break it at."""

    @property  # type: ignore[misc]  # rich lets it be set; nobody does
    def size(self) -> ConsoleDimensions:
        return super().size if self.is_terminal else ConsoleDimensions(_ENDLESS, 25)


_ENDLESS = 1_000_000
_ZONE = "Asia/Shanghai"
console = _Paper()
errors = Console(stderr=True)

Data = Annotated[
    Path | None,
    typer.Option("--data", "--data-dir", help="数据文件夹 · the data folder (default: FUNDCALL_DATA_DIR, or data)"),
]
Json = Annotated[bool, typer.Option("--json", help="输出JSON · print JSON")]


def print_json(value: Any) -> None:
    """One JSON value on standard output."""
    sys.stdout.write(orjson.dumps(value, option=orjson.OPT_INDENT_2, default=str).decode() + "\n")


def fail(zh: str, en: str, code: int = 2) -> NoReturn:
    """End with a message and an exit code."""
    errors.print(f"[bold red]✗[/] {escape(zh)}\n  {escape(en)}", soft_wrap=True)
    raise typer.Exit(code)


def fail_as(wrong: Exception, code: int = 2) -> NoReturn:
    """End with the message of an exception, which says it in both languages, parted by a slash."""
    zh, _, en = str(wrong).partition(" / ")
    fail(zh, en, code)


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """A table for people; nothing in it is taken for markup. Where a terminal is too narrow for it, each row is told in
    lines of its own, so that nothing is cut.
    """
    lines = [[_plain(str(value)) for value in row] for row in rows]
    if not lines:
        console.print(f"{title}：无 / none", markup=False)
        return
    console.print(Text(title, style="italic"))
    wide = widths(columns, lines, console.width)
    console.print(_stacked(columns, lines) if wide is None else _side_by_side(columns, lines, wide))


def _side_by_side(columns: Sequence[str], lines: Iterable[Sequence[str]], wide: Sequence[int]) -> Table:
    made = Table(header_style="bold")
    for head, width in zip(columns, wide, strict=True):
        made.add_column(Text(broken(head, width)), width=width, no_wrap=True)
    for line in lines:
        made.add_row(*(Text(broken(text, width)) for text, width in zip(line, wide, strict=True)))
    return made


def _stacked(columns: Sequence[str], lines: Sequence[Sequence[str]]) -> Table:
    """Every row as lines of heading and value, a blank line between rows."""
    heads = [head.replace("\n", " ") for head in columns]
    label = max(map(cell_len, heads))
    made = Table.grid(padding=(0, 2, 0, 0))
    made.add_column(width=label, no_wrap=True, style="bold")
    made.add_column()
    for n, line in enumerate(lines):
        if n:
            made.add_row()
        for head, text in zip(heads, line, strict=True):
            made.add_row(Text(head), Text(broken(text, console.width - label - 4)))
    return made


def _plain(text: str) -> str:
    """A text without control characters, so that no stored value can drive the terminal."""
    return "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text)


def print_refusals(refusals: Iterable[Refusal]) -> None:
    """Each reason: what was wrong, under which clause, and what to do."""
    for r in refusals:
        errors.print(
            f"[bold red]✗ {escape(r.code)}[/] 〔{escape(r.clause)}〕{escape(r.zh)}\n  → {escape(r.remedy_zh)}",
            soft_wrap=True,
        )
        errors.print(f"  {escape(r.en)}\n  → {escape(r.remedy_en)}", style="dim", soft_wrap=True)


def print_faults(file: Path, faults: Iterable[LocatedFault], to: Console) -> None:
    """Each fault of a call file: a mark (! for a warning), where it stands, and what is wrong."""
    for f in faults:
        place = f"{file.name}:{f.line or '-'}: {f.path}{': ' if f.path else ''}"
        to.print(f"{'!' if f.warning else '✗'} {place}{f.zh} / {f.en}", markup=False, soft_wrap=True)


@contextmanager
def opened(data: Path | None) -> Iterator[System]:
    """The installation in a folder, closed afterwards."""
    try:
        system = open_system(settings_for(data))
    except NotInstalled as missing:
        fail_as(missing)
    try:
        yield system
    except NoTypeface as wrong:
        fail_as(wrong, 1)
    finally:
        system.close()


def when(at: datetime | None, call: FundingCall | None = None, *, due: bool = False) -> str:
    """An instant as every command tells it to people: on the wall of the call's place, or Shanghai's where it is of no
    call, with the offset; — for none. Midnight by which something is `due` is 24:00 of the day before.
    """
    if at is None:
        return "—"
    timezone = _ZONE if call is None else call.timezone
    return due_on_the_wall(at, timezone) if due else at.astimezone(zone(timezone)).isoformat(sep=" ")


def as_of(now: datetime, call: FundingCall) -> str:
    """At what time what is told was so: a demo's own where its data are looked at."""
    return f"截至 as of {when(now.replace(microsecond=0), call)}"


def instant(text: str | None) -> datetime | None:
    """An instant with its offset, from the command line."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        fail(f"时间有误：{text}", f"not an instant: {text!r}; write 2027-12-31T00:00+08:00")
    if found.tzinfo is None:
        fail(f"时间须注明时区：{text}", f"an instant needs its offset: {text!r}; write 2027-12-31T00:00+08:00")
    return found


def message_text(body: bytes) -> str:
    """The words of a message, for reading on a terminal: to whom, when, about what, the text, and what is attached."""
    found = message_from_bytes(body, policy=default_policy)
    part = found.get_body(("plain",))
    head = [f"{name}: {found[name]}" for name in ("To", "Date", "Subject") if found[name]]
    attached = [f"+ {item.get_filename()}" for item in found.iter_attachments()]
    text = part.get_content() if part is not None else ""
    return "\n".join([*head, "", text.rstrip("\n"), *attached, ""])


def notice_plain(notice: Notice) -> dict[str, Any]:
    """A notice without its bytes, as plain JSON."""
    found = notice._asdict()
    del found["body"]
    found["digest"] = notice.digest.hex()
    return found
