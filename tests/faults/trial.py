"""What the sweep disturbs: one thing done to a data folder, the state before it and after it, and what must hold."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alembic.util import CommandError
from sqlalchemy.exc import OperationalError

from tests.faults.inject import Ended, Point, Tell
from workflow.ports import Unavailable

DATABASE = "fundcall.db"
TRIES = 2
Look = Mapping[str, list[Any]]
Give = Callable[[], str]
Opened = Callable[[Path], AbstractContextManager[Give]]
"""Opens what is in a folder; inside, `give` does the thing and answers "accepted" or, where it was done, "repeated"."""
_ORDERLY = (Unavailable, OSError, sqlite3.OperationalError, OperationalError, CommandError)


@dataclass(frozen=True)
class Trial:
    """One thing that is done to a copy of `template`. `at_once`: it is there whole or not at all, and is given by an id.

    `look` sees everything that is kept, `before` and `after` are what it sees undisturbed; `check` says what is wrong.
    """

    template: Path
    opened: Opened
    look: Callable[[Path], Look]
    check: Callable[[Path, Ended], Iterator[str]]
    before: Look
    after: Look
    at_once: bool = True
    early: bool = False

    def act(self, folder: Path, tell: Tell) -> None:
        """Do it, as a server would: an error is told, and it is tried once more."""
        try:
            found = self.opened(folder)
            give = found.__enter__()
        except _ORDERLY:
            tell("not opened")
            return
        for _ in range(TRIES):
            if self.early:
                tell("accepted")
            try:
                tell(give())
            except _ORDERLY:
                tell("unavailable")
            else:
                break
        found.__exit__(None, None, None)

    def wrong(self, folder: Path, point: Point, ended: Ended) -> Iterator[str]:
        """Everything that is not as it must be after a fault."""
        yield from _manners(point, ended)
        found = self.look(folder)
        whole = found == self.after
        if self.at_once and not whole and found != self.before:
            yield f"half done: {_unlike(found, self.before)} not as before, {_unlike(found, self.after)} not as after"
        if acknowledged(ended) and not whole:
            yield f"acknowledged, and not there: {_unlike(found, self.after)}"
        yield from self.check(folder, ended)
        with self.opened(folder) as give:
            again = give()
        if self.at_once and again != ("repeated" if whole else "accepted"):
            yield f"given again it was {again}"
        if (found := self.look(folder)) != self.after:
            yield f"given again it comes to another end: {_unlike(found, self.after)}"


def acknowledged(ended: Ended) -> bool:
    """Whether the child has said that it is done."""
    return bool({"accepted", "repeated"} & set(ended.told))


def _manners(point: Point, ended: Ended) -> Iterator[str]:
    """The fault has struck, and what the child told is one of the orderly ends."""
    if not ended.struck:
        yield "the fault did not strike"
    if "hung" in ended.told:
        yield "it hung"
    if point.fault == "KILL":
        return
    last = ended.told[-1] if ended.told else "nothing"
    allowed = {"accepted", "repeated", "not opened"} | ({"unavailable"} if point.fault == "FULL" else set())
    if ended.killed or last not in allowed:
        yield f"ended otherwise than by an answer: {', '.join(ended.told)}"


def _unlike(one: Look, other: Look) -> str:
    return ", ".join(sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name)))


def tables(folder: Path) -> Look:
    """Every row of every table, and the schema; what the database says of its own integrity as well."""
    with closing(sqlite3.connect(folder / DATABASE)) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        found = {name: sorted(connection.execute(f'SELECT * FROM "{name}"')) for name in names}  # noqa: S608
        found["schema"] = sorted(connection.execute("SELECT name, coalesce(sql, '') FROM sqlite_master"))
        found["integrity"] = connection.execute("PRAGMA integrity_check").fetchall()
        return found


def made(folder: Path, opened: Opened, look: Callable[[Path], Look] = tables, **more: Any) -> Trial:
    """A trial on what is in a folder: what it does undisturbed is tried on a copy."""
    copy = folder.with_name(f"{folder.name}-undisturbed")
    shutil.copytree(folder, copy)
    with opened(copy) as give:
        first, second = give(), give()
    trial = Trial(folder, opened, look, more.pop("check"), look(folder), look(copy), **more)
    shutil.rmtree(copy)
    if trial.before == trial.after or (trial.at_once and (first, second) != ("accepted", "repeated")):
        raise AssertionError(f"{folder.name}: undisturbed it was {first}, then {second}")
    return trial
