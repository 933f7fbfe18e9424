"""Where each key, table and element of a TOML text stands, since the parser of the standard library does not say."""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right

from fundcall.calls.shape import Path

_BLANK = re.compile(r"(?:[ \t\n,]|#[^\n]*)*")
_STRING = re.compile(r'"""(?:[^\\]|\\.)*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'', re.DOTALL)
_KEY_PART = re.compile(r'[ \t]*(?:"((?:[^"\\\n]|\\.)*)"|\'([^\'\n]*)\'|([A-Za-z0-9_-]+))[ \t]*(\.?)')
_PARTS_MAX = 50
_BARE = re.compile(r"[^\s,\]}#]+(?: \d[^\s,\]}#]*)?")  # a date may stand apart from its time


def lines_of(text: str) -> dict[Path, int]:
    """Path of keys and indices from the top to its line, from 1. `text` must be valid TOML. Raises RecursionError."""
    scanner = _Scanner(text.replace("\r\n", "\n"))
    scanner.document()
    return scanner.found


class _Scanner:
    """Walks a valid TOML text once and writes down where everything begins."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.found: dict[Path, int] = {}
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]
        self._counts: dict[Path, int] = {}

    def document(self) -> None:
        """Tables and keys down to the end."""
        table: Path = ()
        while self._skip():
            if self.text[self.at] == "[":
                table = self._header()
            else:
                self._pair(table)

    def _skip(self) -> bool:
        match = _BLANK.match(self.text, self.at)
        self.at = match.end() if match else self.at
        return self.at < len(self.text)

    def _mark(self, path: Path) -> None:
        self.found.setdefault(path, bisect_right(self._starts, self.at))

    def _header(self) -> Path:
        begin, array = self.at, self.text.startswith("[[", self.at)
        self.at += 2 if array else 1
        *parents, last = self._key()
        end, self.at = self.at + (2 if array else 1), begin
        path = self._within(tuple(parents))
        path = (*path, last)
        if array:
            self._mark(path)
            self._counts[path] = self._counts.get(path, -1) + 1
            path = (*path, self._counts[path])
        self._mark(path)
        self.at = end
        return path

    def _within(self, keys: tuple[str, ...]) -> Path:
        """The path of a table by its name: in an array of tables the last one is meant."""
        path: Path = ()
        for key in keys:
            path = (*path, key)
            self._mark(path)
            if path in self._counts:
                path = (*path, self._counts[path])
        return path

    def _key(self) -> list[str]:
        parts, dot = [], "."
        while dot:
            match = _KEY_PART.match(self.text, self.at)
            if match is None:
                break
            self.at, dot = match.end(), match[4]
            escaped, literal, bare = match.group(1, 2, 3)
            parts.append(_unescaped(escaped) if escaped is not None else literal if literal is not None else bare)
            if len(parts) > _PARTS_MAX:
                raise RecursionError("tables nested too deeply")
        return parts

    def _pair(self, table: Path) -> None:
        begin = self.at
        keys = self._key()
        end, self.at = self.at, begin
        path = table
        for key in keys:
            path = (*path, key)
            self._mark(path)
        self.at = end + 1
        self._skip()
        self._value(path)

    def _value(self, path: Path) -> None:
        if self.text[self.at] == "[":
            self._array(path)
        elif self.text[self.at] == "{":
            self._inline(path)
        else:
            match = _STRING.match(self.text, self.at) or _BARE.match(self.text, self.at)
            self.at = match.end() if match else len(self.text)

    def _array(self, path: Path) -> None:
        self.at += 1
        index = 0
        while self._skip() and self.text[self.at] != "]":
            self._mark((*path, index))
            self._value((*path, index))
            index += 1
        self.at += 1

    def _inline(self, path: Path) -> None:
        self.at += 1
        while self._skip() and self.text[self.at] != "}":
            self._pair(path)
        self.at += 1


def _unescaped(text: str) -> str:
    """What stands between quotes, as TOML reads it."""
    return next(iter(tomllib.loads(f'"{text}" = 0')))
