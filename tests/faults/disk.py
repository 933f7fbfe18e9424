"""What a disk may hold after the power was cut: from recorded calls to the changes of files and names that may be lost."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from tests.faults.trace import Call

FOLDER: Final = -1
"""What a name stands for, where it is no file's number."""
_NEVER = ("writev", "pwritev", "pwritev2", "sendfile", "copy_file_range", "truncate", "rmdir", "symlink", "symlinkat",
          "creat", "open", "sync_file_range", "fallocate")  # fmt: skip
_LEFT_OUT = "-shm"
"""SQLite's index of its log: whoever opens the database first makes it anew."""
Target: TypeAlias = int | None


@dataclass(frozen=True, slots=True)
class Change:
    """Bytes written into a file, or (`data` is None) the file cut or stretched to `offset` bytes."""

    began: int
    ended: int
    file: int
    offset: int
    data: bytes | None


@dataclass(frozen=True, slots=True)
class Move:
    """A name comes to stand for a file, a folder or nothing; a renaming is two of them, of one `call`."""

    began: int
    ended: int
    path: str
    target: Target
    call: int

    @property
    def folder(self) -> str:
        """The folder whose entry it is."""
        return self.path.rpartition("/")[0]


@dataclass(frozen=True, slots=True)
class Sync:
    """What had ended before `began` is on the disk from `ended` on."""

    began: int
    ended: int


@dataclass
class Disk:
    """All that happened below `root`, and what was acknowledged meanwhile in the file `acks`."""

    root: str
    acks: str
    changes: list[Change] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)
    files: dict[int, list[Sync]] = field(default_factory=dict)
    folders: dict[str, list[Sync]] = field(default_factory=dict)
    made: dict[int, Move] = field(default_factory=dict)
    told: list[tuple[int, str]] = field(default_factory=list)
    _names: dict[str, Target] = field(default_factory=dict)
    _at: dict[tuple[int, str], int] = field(default_factory=dict)
    _lengths: dict[int, int] = field(default_factory=dict)

    @staticmethod
    def of(calls: Iterable[Call], root: str, acks: str) -> Disk:
        """What the calls did. Raises ValueError for a call that is not understood."""
        disk = Disk(root, acks)
        for call in calls:
            disk._take(call)
        disk.changes.sort(key=lambda change: change.began)
        disk.moves.sort(key=lambda move: move.began)
        return disk

    @property
    def instants(self) -> list[int]:
        """Every line of the record after which the disk may hold something else, or more must be there."""
        syncs = [sync for found in (*self.files.values(), *self.folders.values()) for sync in found]
        ops: tuple[Change | Move | Sync, ...] = (*self.changes, *self.moves, *syncs)
        spans = [(one.began, one.ended) for one in ops]
        return sorted({at for span in spans for at in span} | {at for at, _ in self.told})

    def acknowledged(self, at: int) -> list[str]:
        """What had been acknowledged when that line was written."""
        return [said for told_at, said in self.told if told_at <= at]

    def _ours(self, path: str) -> bool:
        return path.startswith(f"{self.root}/") and not path.endswith(_LEFT_OUT)

    def _take(self, call: Call) -> None:
        if call.name in (
            "openat",
            "mkdir",
            "mkdirat",
            "rename",
            "renameat",
            "renameat2",
            "link",
            "linkat",
            "unlink",
            "unlinkat",
        ):
            self._entry(call)
        elif call.name in ("write", "pwrite64", "lseek", "ftruncate", "fsync", "fdatasync"):
            self._inside(call, *call.descriptor(0))
        elif call.name == "mmap":
            self._mapped(call)
        elif call.name in _NEVER and any(f"{_hex(self.root)}" in argument for argument in call.arguments):
            raise ValueError(f"not modelled: {call.name}")

    def _entry(self, call: Call) -> None:
        """A call that gives a name, takes it away, or opens what has one."""
        paths = [call.text(n) for n, argument in enumerate(call.arguments) if argument.startswith('"')]
        if not all(map(self._ours, paths)):
            return
        if call.name == "openat":
            self._open(call, paths[0])
        elif call.name.startswith("mkdir"):
            self._move(call, paths[0], FOLDER)
        elif call.name.startswith("unlink"):
            self._move(call, paths[0], None)
        else:
            target = self._names[paths[0]]
            if call.name.startswith("rename"):
                self._move(call, paths[0], None)
            self._move(call, paths[1], target)

    def _open(self, call: Call, path: str) -> None:
        flags = call.arguments[2]
        if "O_CREAT" in flags and self._names.get(path) is None:
            number = len(self.files)
            self.files[number], self._lengths[number] = [], 0
            self._move(call, path, number)
        file = self._names.get(path)
        if file is not None and file != FOLDER:
            self._at[call.result, path] = self._lengths[file] if "O_APPEND" in flags else 0
            if "O_TRUNC" in flags and self._lengths[file]:
                self._change(call, file, 0, None)

    def _move(self, call: Call, path: str, target: Target) -> None:
        move = Move(call.began, call.ended, path, target, call.began)
        self.moves.append(move)
        self._names[path] = target
        if target is not None and target != FOLDER:
            self.made.setdefault(target, move)

    def _inside(self, call: Call, descriptor: int, path: str) -> None:
        """A call on what is open."""
        if path == self.acks and call.name == "write":
            self.told += ((call.began, said) for said in call.content(1).decode().splitlines())
        target = self._names.get(path, FOLDER if path == self.root else None)
        if target is None or not (self._ours(path) or target == FOLDER):
            return
        if call.name.endswith("sync"):
            syncs = self.folders.setdefault(path, []) if target == FOLDER else self.files[target]
            syncs.append(Sync(call.began, call.ended))
        elif call.name == "lseek":
            self._at[descriptor, path] = call.result
        elif call.name == "ftruncate":
            self._change(call, target, call.number(1), None)
        else:
            self._written(call, descriptor, path, target)

    def _written(self, call: Call, descriptor: int, path: str, file: int) -> None:
        content = call.content(1)[: call.result]
        offset = call.number(3) if call.name == "pwrite64" else self._at[descriptor, path]
        if call.name == "write":
            self._at[descriptor, path] = offset + len(content)
        self._change(call, file, offset, content)

    def _change(self, call: Call, file: int, offset: int, data: bytes | None) -> None:
        self.changes.append(Change(call.began, call.ended, file, offset, data))
        self._lengths[file] = offset if data is None else max(self._lengths[file], offset + len(data))

    def _mapped(self, call: Call) -> None:
        """Nothing of ours but the index of the log is written through memory, which nobody would see here."""
        shared = "MAP_SHARED" in call.arguments[3] and "PROT_WRITE" in call.arguments[2]
        if shared and "<" in call.arguments[4] and self._ours(call.descriptor(4)[1]):
            raise ValueError(f"written through memory: {call.descriptor(4)[1]}")


def _hex(path: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in path.encode())
