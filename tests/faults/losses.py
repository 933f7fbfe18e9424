"""Every state that a cut of the power may leave: what was synced is there, of the rest any part, whole, torn or as nothing.

Two models of folders. `ordered`: names come to the disk in the order in which they were given, a renaming as one, and a new
file's name with the file's first sync (ext4 and its kin). `strict`: each name by itself, once its folder was synced (POSIX).
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import TypeAlias

from tests.faults.disk import FOLDER, Change, Disk, Move, Sync, Target

ORDERED, STRICT = "ordered", "strict"
MODELS = (ORDERED, STRICT)
SECTOR, PAGE = 512, 4096
"""Where a write may be torn."""
Item: TypeAlias = "Change | tuple[Move, ...]"
Piece: TypeAlias = tuple[int, bytes | None]


@dataclass(frozen=True, slots=True)
class State:
    """What is found after the power came back: the bytes of every file, and the folders that are there."""

    files: Mapping[str, bytes]
    folders: frozenset[str]


class Cut:
    """The power is cut after line `at`: what must be there, and the `items` that may be lost, as they were given."""

    def __init__(self, disk: Disk, model: str, at: int, kept: dict[int, tuple[int, bytes]]) -> None:
        self._ordered = model == ORDERED
        self._disk = disk
        moves = [move for move in disk.moves if move.began <= at]
        self._named = list(self._safe(moves, at))
        safe = {id(move) for move in self._named}
        loose = [move for move in moves if id(move) not in safe]
        groups = ([tuple(group) for _, group in groupby(loose, key=lambda move: move.call)] if self._ordered
                  else [(move,) for move in loose])  # fmt: skip
        named = {move.target for move in moves}
        self._bases: dict[int, bytes] = {}
        self._must: list[Change] = []
        changes: list[Change] = []
        for change in disk.changes:
            if change.began <= at and change.file in named:
                (self._must if _synced(change, disk.files[change.file], at) else changes).append(change)
        self._settle(kept)
        self.items: list[Item] = sorted([*changes, *groups], key=lambda item: _first(item).began)

    def _settle(self, kept: dict[int, tuple[int, bytes]]) -> None:
        """The bytes that are there for certain; `kept` remembers them from one cut to the next."""
        of: dict[int, list[Change]] = {}
        for change in self._must:
            of.setdefault(change.file, []).append(change)
        for file, changes in of.items():
            count, content = kept.get(file, (0, b""))
            if count < len(changes):
                body = bytearray(content)
                for change in changes[count:]:
                    _apply(body, (change.offset, change.data))
                kept[file] = (len(changes), bytes(body))
            self._bases[file] = kept[file][1]

    def _safe(self, moves: Sequence[Move], at: int) -> Iterator[Move]:
        """The names that must be as they were given."""
        last = -1
        for n, move in enumerate(moves):
            by_folder = _synced(move, self._disk.folders.get(move.folder, []), at)
            if self._ordered:
                by_file = move.target is not None and move.target != FOLDER and self._made(move, at)
                last = n if by_folder or by_file else last
            elif by_folder:
                yield move
        if self._ordered:
            call = moves[last].call if last >= 0 else -1
            yield from (move for n, move in enumerate(moves) if n <= last or move.call == call)

    def _made(self, move: Move, at: int) -> bool:
        """Whether the move made a file that has been synced since."""
        file = move.target or 0
        return self._disk.made[file] is move and _synced(move, self._disk.files[file], at)

    def state(self, choice: Mapping[int, Sequence[Piece] | None]) -> State:
        """What there is where of the items just these came to the disk, each as those pieces, or whole (None)."""
        names: dict[str, Target] = {}
        moves, bodies = list(self._named), dict[int, bytearray]()
        broken = False
        for n, item in enumerate(self.items):
            if isinstance(item, tuple):
                broken = broken or (self._ordered and n not in choice)
                if n in choice and not broken:
                    moves += item
            elif n in choice:
                body = bodies.setdefault(item.file, bytearray(self._bases.get(item.file, b"")))
                pieces = choice[n]
                for piece in [(item.offset, item.data)] if pieces is None else pieces:
                    _apply(body, piece)
        for move in sorted(moves, key=lambda move: move.began):
            names[move.path] = move.target
        return self._reached(names, bodies)

    def _reached(self, names: Mapping[str, Target], bodies: Mapping[int, bytearray]) -> State:
        """Only what has a name in a folder that has one."""
        folders, files = {self._disk.root}, {}
        for path in sorted(names):
            target, above = names[path], path.rpartition("/")[0]
            if target is None or above not in folders:
                continue
            if target == FOLDER:
                folders.add(path)
            else:
                files[path] = bytes(bodies[target]) if target in bodies else self._bases.get(target, b"")
        return State(files, frozenset(folders))

    def everything(self) -> State:
        """Nothing is lost: what whoever looked at that moment saw."""
        return self.state(dict.fromkeys(range(len(self.items))))

    def states(self, each: int, chance: random.Random) -> Iterator[State]:
        """At most `each` states of a plan (the first so many, all but one, one alone, the last torn) and as many by chance."""
        count = len(self.items)
        if not count:
            yield self.state({})
            return
        plans = [(kind, n) for kind in (self._until, self._without, self._alone, self._torn) for n in range(count)]
        for kind, n in chance.sample(plans, min(each, len(plans))):
            yield self.state(kind(n, chance))
        yield self.everything()
        for _ in range(each):
            share = chance.choice((0.1, 0.5, 0.9))
            yield self.state({n: self._somehow(n, chance) for n in range(count) if chance.random() < share})

    def _until(self, n: int, _: random.Random) -> dict[int, Sequence[Piece] | None]:
        return dict.fromkeys(range(n))

    def _without(self, n: int, _: random.Random) -> dict[int, Sequence[Piece] | None]:
        return dict.fromkeys(other for other in range(len(self.items)) if other != n)

    def _alone(self, n: int, _: random.Random) -> dict[int, Sequence[Piece] | None]:
        return {n: None}

    def _torn(self, n: int, chance: random.Random) -> dict[int, Sequence[Piece] | None]:
        return {**self._until(n, chance), n: self._parts(n, chance)}

    def _somehow(self, n: int, chance: random.Random) -> Sequence[Piece] | None:
        return None if chance.random() < 0.7 else self._parts(n, chance)

    def _parts(self, n: int, chance: random.Random) -> Sequence[Piece] | None:
        """Some blocks of a write; or room where it ought to be, with nothing or anything in it, where the file grew."""
        item = self.items[n]
        if isinstance(item, tuple) or not item.data:
            return None
        grew = item.offset >= len(self._bases.get(item.file, b""))
        if grew and chance.random() < 0.3:
            size = len(item.data)
            return [(item.offset, chance.choice((bytes(size), chance.randbytes(size))))]
        return _blocks(item.offset, item.data, chance)


def _first(item: Item) -> Change | Move:
    return item[0] if isinstance(item, tuple) else item


def _synced(what: Change | Move, syncs: Sequence[Sync], at: int) -> bool:
    return any(sync.began > what.ended and sync.ended <= at for sync in reversed(syncs))


def _apply(body: bytearray, piece: Piece) -> None:
    offset, data = piece
    end = offset if data is None else offset + len(data)
    if len(body) < offset:
        body.extend(bytes(offset - len(body)))
    if data is None:
        del body[end:]
    else:
        body[offset:end] = data


def _blocks(offset: int, data: bytes, chance: random.Random) -> list[Piece]:
    """Some of the blocks that a write falls into, at least one missing: the first so many, or any."""
    size = chance.choice((SECTOR, PAGE))
    edges = [offset, *range((offset // size + 1) * size, offset + len(data), size), offset + len(data)]
    blocks: list[Piece] = [(a, data[a - offset : b - offset]) for a, b in pairwise(edges)]
    if chance.random() < 0.5:
        return blocks[: chance.randrange(len(blocks))]
    gone = chance.randrange(len(blocks))
    return [block for n, block in enumerate(blocks) if n != gone and chance.random() < 0.7]
