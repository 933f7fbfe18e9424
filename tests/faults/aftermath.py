"""What an installation is worth after the power came back: opened by the product, held to what had been acknowledged."""

from __future__ import annotations

import hashlib
import marshal
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from fundcall.audit.checkpoint import BadNote, opened, signer
from fundcall.audit.journal import Journal, check_tail
from fundcall.audit.roots import Roots
from fundcall.audit.world import check_world
from fundcall.bootstrap import Proofs, open_system
from fundcall.documents.anchors import Anchors
from fundcall.documents.examiner import Examiner
from fundcall.documents.store import DocumentStore
from fundcall.settings import Settings
from fundcall.storage.driver import Writer
from fundcall.storage.ledger import SqliteLedger
from fundcall.storage.migrate import HEAD, revision, upgrade
from tests.faults.disk import Disk
from tests.faults.losses import State
from tests.faults.recording import DATA
from tests.faults.trial import DATABASE
from workflow.record import decode

_SHELF = f"{DATA}/documents/"
_INSTALLED_ANEW = 64
"""Of states without an installation, one in so many is installed into: that takes a hundred times as long as a look."""


@dataclass(frozen=True, slots=True)
class Rows:
    """A content of the database that was there while nothing failed: what it bears out, and the documents it refers to."""

    has: frozenset[str]
    documents: frozenset[str]


@dataclass(frozen=True, slots=True)
class Found:
    """What a state bears out of all that may have been acknowledged, and what is wrong with it whatever was."""

    key: int
    has: frozenset[str]
    wrong: tuple[str, ...]


NOTHING = Rows(frozenset(), frozenset())


class Aftermath:
    """Puts states of a disk into a folder and looks at them. `known` are the contents of the database that may be."""

    def __init__(self, disk: Disk, folder: Path, known: Mapping[bytes, Rows]) -> None:
        self._root = f"{disk.root}/"
        self._home = folder / "home"
        self._known = known
        self._documents = [said.split()[1] for _, said in disk.told if said.startswith("document ")]
        self._ledgers: dict[int, tuple[Rows, tuple[str, ...]]] = {}
        self._shelf = Shelf(folder)
        self._shelves: dict[int, tuple[set[str], list[str]]] = {}
        self._bare = 0

    def look(self, state: State) -> Found:
        """What is found in a state. The same bytes of a database, or of documents, are not looked at twice."""
        files = {path.removeprefix(self._root): body for path, body in state.files.items()}
        documents = {path: body for path, body in files.items() if path.startswith(_SHELF)}
        others = {path: body for path, body in files.items() if path not in documents}
        key = _key(others)
        if key not in self._ledgers:
            self._ledgers[key] = self._ledger(others)
        rows, wrong = self._ledgers[key]
        shelved = _key(documents)
        if shelved not in self._shelves:
            self._shelves[shelved] = self._shelf.look(documents, self._documents)
        there, unlike = self._shelves[shelved]
        lost = (f"document {digest} is referred to, and not there" for digest in rows.documents - there)
        has = rows.has | {f"document {digest}" for digest in there}
        return Found(hash((key, shelved)), has, (*wrong, *unlike, *lost))

    def _ledger(self, files: Mapping[str, bytes]) -> tuple[Rows, tuple[str, ...]]:
        """What the files beside the documents are worth, as whoever starts the server finds them."""
        shutil.rmtree(self._home, ignore_errors=True)
        _put(self._home, files)
        database = self._home / DATA / DATABASE
        try:
            if revision(database) is None:
                self._bare += 1
                return NOTHING, tuple(_installed(database) if self._bare % _INSTALLED_ANEW == 1 else ())
            with closing(SqliteLedger(database)) as ledger:
                return self._judged(ledger)
        except Exception as wrong:  # noqa: BLE001 - whatever it is, the installation cannot be used
            return NOTHING, (f"it does not open: {wrong!r}",)

    def _judged(self, ledger: SqliteLedger) -> tuple[Rows, tuple[str, ...]]:
        seen, counts = rows_of(ledger._writer)
        rows = self._known.get(seen)
        if rows is None:
            return NOTHING, (f"rows as they never were: {counts}",)
        wrong = []
        if (said := ledger._writer.execute("PRAGMA integrity_check").fetchone()[0]) != "ok":
            wrong.append(f"integrity: {said}")
        home = self._home / DATA
        verifier = signer(home / "signing.key", _ORIGIN).verifier
        journal = Journal(home / "checkpoints.txt", verifier)
        tail = check_tail(ledger, journal, Roots(ledger))
        wrong += [f"{found.what}: {found.expected} / {found.found}" for found in tail]
        kept = frozenset(f"checkpoint {size}" for size in _sizes(journal, verifier))
        return Rows(rows.has | kept, rows.documents), tuple(wrong)


_ORIGIN = Settings().origin


class Shelf:
    """The documents of one state after another, in one folder: what did not change is left lying."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._store = DocumentStore(folder / _SHELF, Examiner(Anchors()))
        self._files: dict[str, bytes] = {}

    def look(self, files: Mapping[str, bytes], digests: Iterable[str]) -> tuple[set[str], list[str]]:
        """Which of the documents are there, and those that are not what was stored."""
        for path in self._files.keys() - files.keys():
            (self._folder / path).unlink()
        _put(self._folder, {path: body for path, body in files.items() if self._files.get(path) != body})
        self._files = dict(files)
        there, wrong = set(), []
        for digest in digests:
            try:
                if self._store.get(digest) is not None:
                    there.add(digest)
                    self._store._kept(digest)  # the report on it: it is whole, or nobody's
            except Exception as unlike:  # noqa: BLE001 - whatever it is, the document cannot be had
                wrong.append(f"document: {unlike!r}")
        wrong += [f"a picture that is not whole: {path}" for path, body in files.items() if not _drawn(path, body)]
        return there, wrong


def _drawn(path: str, body: bytes) -> bool:
    """Whether a file is no picture of a document, or a whole one (PNG)."""
    return not path.endswith(".png") or (body.startswith(b"\x89PNG") and body.endswith(b"IEND\xaeB`\x82"))


def _put(folder: Path, files: Mapping[str, bytes]) -> None:
    for path, body in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(body)


def _key(files: Mapping[str, bytes]) -> int:
    """A number that tells contents apart, in this process and those forked from the same one."""
    return hash(tuple(sorted(files.items())))


def _sizes(journal: Journal, verifier: str) -> Iterator[int]:
    """How many events the checkpoints are of that are there."""
    for note in journal.notes():
        try:
            yield opened(note, verifier).size
        except BadNote:
            continue  # it has been told of where it is the last


def _installed(database: Path) -> Iterator[str]:
    """What hinders that it is installed where nothing is."""
    upgrade(database)
    if (found := revision(database)) != HEAD:
        yield f"installed anew, its schema is {found}"


def rows_of(connection: Writer) -> tuple[bytes, str]:
    """A digest of every row of every table and of the schema, and how many there are in words."""
    schema = connection.execute("SELECT name, type, coalesce(sql, '') FROM sqlite_master ORDER BY name").fetchall()
    found, counts = hashlib.blake2b(marshal.dumps(schema, 2), digest_size=16), []
    for name, kind, sql in schema:
        if kind == "table" and not sql.startswith("CREATE VIRTUAL"):
            rows = connection.execute(f'SELECT * FROM "{name}"').fetchall()  # noqa: S608
            found.update(marshal.dumps(rows, 2))
            counts += [f"{name} {len(rows)}"] if rows else []
    return found.digest(), ", ".join(counts)


def contents(states: Iterable[tuple[State, list[str]]], disk: Disk, folder: Path) -> dict[bytes, Rows]:
    """The contents of the database while nothing failed. Raises AssertionError for one that does not hold what was
    acknowledged, or is not sound by itself.
    """
    known: dict[bytes, Rows] = {}
    for state, acknowledged in states:
        shutil.rmtree(folder, ignore_errors=True)
        _put(folder, {path.removeprefix(f"{disk.root}/"): body for path, body in state.files.items()})
        database = folder / DATA / DATABASE
        if revision(database) is not None:
            with closing(SqliteLedger(database)) as ledger:
                digest, _ = rows_of(ledger._writer)
            if digest not in known:
                known[digest] = _sound(folder / DATA, acknowledged)
    shutil.rmtree(folder, ignore_errors=True)
    return known


def _sound(data: Path, acknowledged: list[str]) -> Rows:
    """What the rows bear out, once the whole installation was opened and checked."""
    with closing(open_system(Settings(data_dir=data))) as system:
        ledger = system.ledger
        commands = [said.split()[1] for said in acknowledged if said.startswith("command ")]
        found = [*check_world(ledger, acknowledged=commands).divergences, *Proofs(system).tail()]
        if found:
            raise AssertionError(f"undisturbed: {found}")
        events = [decode(stored.body) for stored in ledger.stored()]
        has = {"installed", *(f"command {event.command_id}" for event in events)}
        has |= {f"events {n}" for n in range(len(events) + 1)}
        has |= {f"notices {n}" for n in range(len(list(system.notices.notices())) + 1)}
        has |= {f"erased {row[0]}" for row in ledger.query("SELECT commitment FROM erasures")}
        documents = frozenset(event.data["sha256"] for event in events if event.type == "DocumentAdded")
        return Rows(frozenset(has), documents)
