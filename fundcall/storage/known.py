"""What the writing connection knows of the database: read once, and kept until another process moves it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter

from fundcall.storage.driver import Writer
from fundcall.storage.statements import Statements
from fundcall.storage.work import Group, added
from states.application import Application
from states.envelope import Bound
from states.fold import fold
from states.programme import Programme, programme_step
from workflow.record import decode

_KEPT_MAX = 10_000
"""As many as an officer may foresee before doing it, which then need not be read again; 7 kB each."""
_CHUNK = 64


class Known:
    """What a group of units of work reads (a `fundcall.storage.work.Source`). `head` is the last position known of."""

    def __init__(self, writer: Writer, statements: Statements) -> None:
        self.head = -1
        self._writer = writer
        self._sql = statements
        self._applications: OrderedDict[str, Application] = OrderedDict()
        self._programmes: dict[str, Programme] = {}
        self._numbered: dict[str, int] = {}
        self._bound: dict[str, dict[str, Bound]] = {}
        self._ahead: dict[str, Sequence[str]] = {}

    def check(self, head: int) -> None:
        """Forget whatever others have moved since we last looked; everything, where we do not know since when."""
        if 0 <= self.head < head:
            for (name,) in self._writer.execute(self._sql.moved, (self.head, head)):
                self._applications.pop(name, None)
                self._programmes.pop(name, None)
            for counted in (self._numbered, self._bound, self._ahead):
                counted.clear()
        elif head != self.head:
            self.forget()
        self.head = head

    def remember(self, group: Group) -> None:
        """What a group has written is what the database has now."""
        self.head = group.head + len(group.events)
        for call_id, count in group.numbered.items():
            if call_id in self._numbered:
                self._numbered[call_id] += count
        for (call_id, topic), more in group.binding.items():
            if call_id in self._bound:
                self._bound[call_id][topic] = added(self._bound[call_id].get(topic), more)
        self._programmes |= group.programmes
        for application in group.applications.values():
            self._keep(application)
        self._ahead.clear()

    def forget(self) -> None:
        """Read everything anew."""
        self.head = -1
        self._applications.clear()
        self._programmes.clear()
        self._numbered.clear()
        self._bound.clear()
        self._ahead.clear()

    def _keep(self, application: Application) -> None:
        self._applications[application.id] = application
        self._applications.move_to_end(application.id)
        if len(self._applications) > _KEPT_MAX:
            self._applications.popitem(last=False)

    def load(self, application_id: str) -> Application | None:
        """The application as the database has it, from memory or by folding its events."""
        if application_id in self._ahead:
            self._load_ahead(self._ahead[application_id])
        known = self._applications.get(application_id)
        if known is not None:
            return known
        found = fold(decode(body) for (body,) in self._writer.execute(self._sql.stream, (application_id,)))
        if found is not None:
            self._keep(found)
        return found

    def prefetch(self, applications: Sequence[str]) -> None:
        """These will be asked for, about in this order: read the neighbours of the first that is."""
        wanted = [name for name in dict.fromkeys(applications) if name not in self._applications]
        self._ahead |= {name: chunk for chunk in _chunks(wanted) for name in chunk}

    def _load_ahead(self, names: Sequence[str]) -> None:
        select = (
            f"SELECT application, body FROM events WHERE application IN ({_marks(names)}) ORDER BY application, version"  # noqa: S608 - marks alone
        )
        for _, rows in groupby(self._writer.execute(select, names), itemgetter(0)):
            application = fold(decode(body) for _, body in rows)
            if application is not None:
                self._keep(application)
        for name in names:
            self._ahead.pop(name, None)

    def find_answers(self, command_ids: Sequence[str]) -> dict[str, bytes | None]:
        """The bytes of the event of each command id, None where it is new."""
        found: dict[str, bytes | None] = dict.fromkeys(command_ids)
        for chunk in _chunks(command_ids):
            select = f"SELECT command_id, body FROM events WHERE command_id IN ({_marks(chunk)})"  # noqa: S608 - marks alone
            found.update(self._writer.execute(select, chunk))
        return found

    def find_others(self, call_id: str, unit_code: str) -> Iterable[str]:
        """The live applications of a unit in a call."""
        return [name for (name,) in self._writer.execute(self._sql.others, (call_id, unit_code))]

    def find_credited(self, unit_code: str) -> Iterable[str]:
        """The applications of a unit, of whatever call, with a credit entry in force."""
        return [name for (name,) in self._writer.execute(self._sql.credited, (unit_code,))]

    def count_numbered(self, call_id: str) -> int:
        """How many applications of a call have a number."""
        if call_id not in self._numbered:
            self._numbered[call_id] = self._writer.execute(self._sql.numbered, (call_id,)).fetchone()[0]
        return self._numbered[call_id]

    def load_bound(self, call_id: str) -> dict[str, Bound]:
        """What the call's applications take of its money, by topic."""
        if call_id not in self._bound:
            found = self._writer.execute(self._sql.bound, (call_id,))
            self._bound[call_id] = {topic: Bound(awards, minor) for topic, awards, minor in found}
        return self._bound[call_id]

    def load_programme(self, call_id: str) -> Programme:
        """The course of a call, from memory or by folding its stream."""
        if call_id not in self._programmes:
            programme = Programme(call_id)
            for (body,) in self._writer.execute(self._sql.stream, (call_id,)):
                programme = programme_step(programme, decode(body))
            self._programmes[call_id] = programme
        return self._programmes[call_id]


def _chunks(names: Sequence[str]) -> Iterator[Sequence[str]]:
    return (names[i : i + _CHUNK] for i in range(0, len(names), _CHUNK))


def _marks(names: Sequence[str]) -> str:
    return ", ".join("?" * len(names))
