"""What strace saw, as calls: which thread, which arguments, and between which lines of the record each was under way."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

CALLS = ("openat", "open", "creat", "lseek", "mmap", "write", "pwrite64", "writev", "pwritev", "pwritev2", "sendfile",
         "copy_file_range", "fsync", "fdatasync", "sync_file_range", "ftruncate", "truncate", "fallocate", "mkdir", "mkdirat",
         "rename", "renameat", "renameat2", "unlink", "unlinkat", "rmdir", "link", "linkat", "symlink", "symlinkat")  # fmt: skip
"""Whatever changes what a folder holds, makes it last, or says where in a file the next write goes."""
OPTIONS = ["-f", "-y", "-xx", "-s", str(64 << 20), "-e", f"trace={','.join(f'?{call}' for call in CALLS)}"]
"""How strace has to be asked: all threads, paths of descriptors, every byte."""

_WHOLE = re.compile(r"(\d+) +(\w+)\((.*)\) += (-?\d+|0x[0-9a-f]+|\?)(?:<([^>]*)>)?")
_BEGUN = re.compile(r"(\d+) +(\w+)\((.*) <unfinished \.\.\.>")
_ENDED = re.compile(r"(\d+) +<\.\.\. (\w+) resumed>(.*)\) += (-?\d+|0x[0-9a-f]+|\?)(?:<([^>]*)>)?")


@dataclass(frozen=True, slots=True)
class Call:
    """One call that succeeded. It was under way from line `began` to line `ended` of the record."""

    began: int
    ended: int
    name: str
    arguments: tuple[str, ...]
    result: int

    def text(self, n: int) -> str:
        """The n-th argument as a path."""
        return self.content(n).decode()

    def content(self, n: int) -> bytes:
        """The n-th argument as bytes."""
        return _bytes(self.arguments[n].strip('"'))

    def number(self, n: int) -> int:
        """The n-th argument as a number."""
        return int(self.arguments[n], 0)

    def descriptor(self, n: int) -> tuple[int, str]:
        """The n-th argument as a descriptor, with the path that it stands for."""
        number, _, path = self.arguments[n].partition("<")
        return int(number), _bytes(path.partition(">")[0]).decode(errors="replace")


def read(lines: Iterable[str]) -> Iterator[Call]:
    """The calls of a record that succeeded, in the order in which they ended."""
    begun: dict[tuple[str, str], tuple[int, str]] = {}
    for at, line in enumerate(lines):
        if found := _BEGUN.fullmatch(line):
            begun[found[1], found[2]] = (at, found[3])
        elif found := _ENDED.match(line):
            since, first = begun.pop((found[1], found[2]))
            yield from _call(since, at, found[2], first.rstrip(", ") + found[3], found[4])
        elif found := _WHOLE.match(line):
            yield from _call(at, at, found[2], found[3], found[4])


def _call(began: int, ended: int, name: str, arguments: str, result: str) -> Iterator[Call]:
    if result != "?" and int(result, 0) >= 0:
        yield Call(began, ended, name, tuple(arguments.split(", ")), int(result, 0))


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))
