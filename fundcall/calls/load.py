"""Call files: which ship, reading one, and what is wrong with one, line by line."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from fundcall.calls.lines import lines_of
from fundcall.calls.read import examined, read_call
from fundcall.calls.shape import Fault
from fundcall.calls.shape import Path as Keys
from states.funding_call import FundingCall

FOLDER = Path(__file__).parent
_LINE = re.compile(r"line (\d+)")


@dataclass(frozen=True, slots=True)
class LocatedFault:
    """A fault of a call file with its line (from 1; None where the file as a whole is meant).

    `path` is dotted, with indices from 0 (rule.3.severity). A `warning` does not keep the call from being used.
    """

    line: int | None
    path: str
    zh: str
    en: str
    warning: bool = False


def shipped() -> tuple[str, ...]:
    """The ids of the calls that come with the product."""
    return tuple(sorted(file.stem for file in FOLDER.glob("*.toml")))


def file_of(name: str) -> Path:
    """The file of a shipped call's id, or of a path. Raises FileNotFoundError with what there is."""
    for path in (Path(name), FOLDER / f"{name}.toml"):
        if path.is_file():
            return path
    raise FileNotFoundError(
        f"没有通知“{name}”；随附：{'、'.join(shipped())} / no call {name!r}; shipped: {', '.join(shipped())}"
    )


@cache
def load(name: str) -> FundingCall:
    """The call of a shipped id or a path. Raises FileNotFoundError, TOMLDecodeError, CallFaults."""
    path = file_of(name)
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    return read_call(data, notice_of(path, data))


def notice_of(path: Path, data: dict[str, Any]) -> str | None:
    """The text of the notice that a call file names, from the folder `notices` beside it; None where it is not."""
    name = data.get("notice")
    file = path.parent / "notices" / Path(name).name if isinstance(name, str) and name else None
    return file.read_text(encoding="utf-8") if file is not None and file.is_file() else None


def check_file(path: Path) -> tuple[LocatedFault, ...]:
    """Everything wrong with a call file, in the order of its lines; empty for a good one. Raises OSError."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as wrong:
        return (LocatedFault(None, "", "文件不是UTF-8编码", f"not UTF-8: {wrong.reason}"),)
    try:
        data = tomllib.loads(text)
        lines = lines_of(text)
    except tomllib.TOMLDecodeError as wrong:
        return (_syntax(text, str(wrong)),)
    except RecursionError:
        return (LocatedFault(None, "", "嵌套过深", "nested too deeply"),)
    _, faults = examined(data, notice_of(path, data))
    return tuple(sorted((_located(fault, lines) for fault in faults), key=lambda fault: fault.line or 0))


def _syntax(text: str, message: str) -> LocatedFault:
    """A text that is no TOML; the parser stops at the first place where it is none."""
    line = _LINE.search(message)
    last = text.rstrip().count("\n") + 1
    return LocatedFault(int(line[1]) if line else last, "", f"TOML语法有误：{message}", f"not TOML: {message}")


def _located(fault: Fault, lines: dict[Keys, int]) -> LocatedFault:
    """The fault with the line of its key, or of the nearest table around it."""
    path = fault.path
    while path and path not in lines:
        path = path[:-1]
    return LocatedFault(lines.get(path), ".".join(map(str, fault.path)), fault.zh, fault.en, fault.warning)
