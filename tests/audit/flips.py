"""One byte of a database file changed at a time: what was changed by it, and what the product's check says.

A change counts where what is read of the ledger differs from before: it must be found. Where nothing differs the byte lay
outside of the ledger, and the page that it stands on says in what: a free page, another table, room that is not used.
"""

from __future__ import annotations

import hashlib
import random
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from fundcall.audit.duties import duties
from fundcall.audit.merkle import Tree
from fundcall.audit.streams import Remembered, Span, check_streams
from fundcall.auditing import sentence
from fundcall.calls.recorded import RecordedRules
from fundcall.storage.reader import Reader
from fundcall.storage.sqlite_reader import SqliteReader
from workflow.ports import Entry, Unavailable
from workflow.replay import check_spine

_LEDGER = ("events", "rules")
_KEY = b"c" * 32
_READ = (
    "SELECT position, * FROM events ORDER BY position",
    "SELECT application, version, position FROM events ORDER BY application, version",
    "SELECT command_id, position FROM events ORDER BY command_id",
    "SELECT * FROM rules ORDER BY hash",
)
_ROWS = f"SELECT {', '.join(Entry._fields)} FROM events ORDER BY application, version"  # noqa: S608 - as histories are read
_DERIVED = ("applications", "deadlines", "score_sheets", "search_words")


class Outcome(NamedTuple):
    """What became of one changed byte. `said` is the first finding in words, "" for none; `counts` whether it had to be."""

    page_of: str
    counts: bool
    said: str

    @property
    def missed(self) -> bool:
        """Whether it had to be found and was not."""
        return self.counts and not self.said


class Ledger:
    """A database at rest, whose every byte may be changed. `before` is what is read of its ledger."""

    def __init__(self, database: Path, page_size: int = 0) -> None:
        self.path = database
        with closing(sqlite3.connect(database)) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")
            if page_size:
                connection.execute(f"PRAGMA page_size={page_size}")
                connection.execute("VACUUM")
            self._page = connection.execute("PRAGMA page_size").fetchone()[0]
            pages = connection.execute("SELECT pageno, name FROM dbstat").fetchall()
            tables = dict(connection.execute("SELECT name, tbl_name FROM sqlite_master"))
        self._pages = {number: tables.get(name, name) for number, name in pages}
        self.size = database.stat().st_size
        self.before = _content(database)
        self.head, self.root, self.hashes, self.sound = self._known()

    def _known(self) -> tuple[int, bytes, list[str], dict[str, bytes]]:
        """What somebody who keeps a checkpoint knows, and the fingerprints of sound streams."""
        with closing(SqliteReader(self.path)) as reader:
            tree = Tree()
            assert list(check_spine(reader, 0, reader.head(), tree.extend)) == []
            part = check_streams(reader, Span("", None), (duties,), Remembered(_KEY, {}))
            assert part.divergences == []
            self.rows = reader.query(_ROWS).fetchall()
            self.spine = list(reader.spine(0, reader.head()))
            return reader.head(), tree.root(), [name for name, _ in reader.all_rules()], part.sound

    def owner(self, at: int) -> str:
        """Whose page a byte stands on."""
        return str(self._pages.get(at // self._page + 1, "a free page"))

    def changed(self, at: int, bits: int) -> Outcome:
        """Change a byte, look, and put it back. A table that nothing of the check reads is not looked at."""
        owner = self.owner(at)
        if owner not in (*_LEDGER, *_DERIVED, "sqlite_schema"):
            return Outcome(owner, counts=False, said="")
        with self.path.open("r+b", buffering=0) as file:
            file.seek(at)
            byte = file.read(1)[0]
            file.seek(at)
            file.write(bytes([byte ^ bits]))
            try:
                return self._looked_at(owner)
            finally:
                file.seek(at)
                file.write(bytes([byte]))

    def _looked_at(self, owner: str) -> Outcome:
        try:
            said = next(self.findings(owner), "")
            counts = not said and owner in (*_LEDGER, "sqlite_schema") and _content(self.path) != self.before
            return Outcome(owner, counts, said)
        except (sqlite3.DatabaseError, Unavailable, OverflowError, UnicodeDecodeError) as unreadable:
            return Outcome(owner, counts=True, said=f"the file is damaged: {unreadable}")

    def _otherwise(self, reader: Reader) -> list[str]:
        """The streams that do not read as before: what is found in the others has not changed, as it follows from them."""
        found = reader.query(_ROWS).fetchall()
        differ = (
            {*found, *self.rows}
            if len(found) != len(self.rows)
            else {row for pair in zip(found, self.rows, strict=True) if pair[0] != pair[1] for row in pair}
        )
        return sorted({row[1] for row in differ if isinstance(row[1], str)})

    def findings(self, owner: str) -> Iterator[str]:
        """What the check of the product finds, in sentences: rules, spine, checkpoint, streams, file."""
        with closing(SqliteReader(self.path)) as reader:
            rules, tree = RecordedRules(reader.rules), Tree()
            altered = (name for name in self.hashes if hashlib.sha256(reader.rules(name) or b"").hexdigest() != name)
            for name in altered:
                try:
                    rules.by_hash(name)
                except (LookupError, ValueError) as wrong:
                    yield str(wrong)
            if (reader.head(), list(reader.spine(0, self.head))) != (self.head, self.spine):
                yield from map(sentence, check_spine(reader, 0, self.head, tree.extend))
                if (reader.head(), tree.root()) != (self.head, self.root):
                    yield f"the checkpoint over {self.head} events: its root is not that of the ledger"
            for name in self._otherwise(reader) if owner == "events" else sorted(self.sound):
                part = check_streams(reader, Span.only(name), (duties,), Remembered(_KEY, self.sound))
                yield from map(sentence, part.divergences)
                if name in self.sound and name not in part.sound:
                    yield f"{name}: no such stream any more"
            yield from (f"the file: {line}" for line in reader.damage())


def _content(database: Path) -> bytes:
    """A digest over all that can be read of the ledger, along each of its trees."""
    found = hashlib.blake2b()
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        connection.text_factory = bytes
        for sql in _READ:
            for row in connection.execute(sql):
                found.update(repr(row).encode())
    return found.digest()


class Tally(NamedTuple):
    """What became of many changed bytes, by whose pages they stood on."""

    found: Counter[str]
    outside: Counter[str]
    missed: list[tuple[int, int]]

    def plain(self) -> dict[str, object]:
        """As JSON."""
        return {"found": dict(self.found), "outside": dict(self.outside), "missed": self.missed}


def every_byte(ledger: Ledger, step: int = 1) -> Iterator[tuple[int, int]]:
    """Each byte of the file (or every so-manieth), with one of its bits, another each time."""
    return ((at, 1 << at % 8) for at in range(0, ledger.size, step))


def drawn(ledger: Ledger, count: int, seed: int) -> Iterator[tuple[int, int]]:
    """So many bytes of the file, and what to change of each, by a seed."""
    chance = random.Random(seed)
    return ((chance.randrange(ledger.size), chance.randrange(1, 256)) for _ in range(count))


def tallied(ledger: Ledger, changes: Iterator[tuple[int, int]]) -> Tally:
    """Try each change."""
    tally = Tally(Counter(), Counter(), [])
    for at, bits in changes:
        outcome = ledger.changed(at, bits)
        if outcome.missed:
            tally.missed.append((at, bits))
        elif outcome.said:
            tally.found[outcome.page_of] += 1
        else:
            tally.outside[outcome.page_of] += 1
    return tally
