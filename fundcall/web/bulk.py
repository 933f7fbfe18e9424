"""Doing one thing with many applications: chosen in the queue, foreseen, done while one looks on, and reported."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import orjson
import uuid_utils.compat as uuids
from fastapi import Response
from fastapi.responses import RedirectResponse, StreamingResponse
from starlette.datastructures import QueryParams

from fundcall.sheets.bulk import REPORT, report
from fundcall.sheets.delimited import csv_bytes
from fundcall.sheets.formats import Format
from fundcall.web.api.asking import Api
from fundcall.web.api.bulk import APPLICATIONS_MAX
from fundcall.web.choices import options
from fundcall.web.frame import Form, Frame
from fundcall.web.inputs import Input, inputs_of, judged
from fundcall.web.moves import ELSEWHERE, command_of
from fundcall.web.problems import Problem, missing
from fundcall.web.runs import Kept, Runner
from fundcall.web.visit import Visit
from fundcall.web.wish import nothing_to_find, read_wish
from fundcall.web.words import chosen
from states.actor import OFFICERS, Role
from states.errors import Refusal
from states.labels import MOVES, Pair
from states.table import ROWS
from workflow.bulk import Run, Told, foreseen, prefix_of, requests
from workflow.commands import Fault, read_command
from workflow.shapes import shape_of

_SAME_FOR_ALL = frozenset({"reason", "grounds", "clause", "rating", "findings"})
"""Fields that can say the same of many applications; a command with any other is given case by case."""
_PICK = "pick-"
_SHOWN = 200
_RUNS_SHOWN = 10


@cache
def bulk_commands(role: Role) -> list[tuple[str, Pair]]:
    """What a role may do with many at once, in the order of the table."""
    own = dict.fromkeys(row.command for row in ROWS if role in row.roles and row.command not in ELSEWHERE)
    return [(name, MOVES[name]) for name in own if set(shape_of(name).members or {}) <= _SAME_FOR_ALL]


class Group(NamedTuple):
    """Applications of which the same is told: done, done before, or refused for a reason."""

    reason: Refusal | None
    before: bool
    names: tuple[str, ...]


class Bulk:
    """The pages of bulk runs; each is seen by whoever began it, and, once that officer has lost the post, by the others of it."""

    def __init__(self, frame: Frame, api: Api, kept: Kept) -> None:
        self._frame, self._api, self._kept = frame, api, kept
        self.runner = Runner(api.handler, kept, api.now, frame.entrance.holds)
        frame.take("/desk/bulk", self.plan, roles=OFFICERS)
        frame.show("/desk/bulk", self.all, roles=OFFICERS)
        frame.show("/desk/bulk/{run}", self.show, roles=OFFICERS)
        frame.take("/desk/bulk/{run}/fields", self.give, roles=OFFICERS)
        frame.take("/desk/bulk/{run}/start", self.start, roles=OFFICERS)
        frame.show("/desk/bulk/{run}/report.csv", self.report, roles=OFFICERS)

    def plan(self, visit: Visit, form: Form) -> Response:
        """Keep which applications are meant; nothing is done with them yet."""
        actor, command = visit.insider, form.get("command", "")
        if command not in dict(bulk_commands(actor.role)):
            raise missing(command)
        names = self._chosen(visit, form)
        if not names:
            raise Problem(422, "nothing_chosen", "没有选中任何申报件", "no application is chosen",
                          "请返回列表，勾选申报件后再预览。", "Go back to the list and choose some.")  # fmt: skip
        if len(names) > APPLICATIONS_MAX:
            raise Problem(422, "too_many", f"一次最多办理{APPLICATIONS_MAX}件", f"at most {APPLICATIONS_MAX} at a time",
                          "请用筛选缩小列表，分几次办理。", "Narrow the list and do it in parts.")  # fmt: skip
        body = "" if shape_of(command).members else "{}"
        run = Run(
            uuids.uuid7().hex, visit.signed_in.account.id, actor, command, body, names, form.get("query", ""), visit.now
        )
        self._kept.plan(run)
        return RedirectResponse(f"/desk/bulk/{run.id}", 303)

    def all(self, visit: Visit) -> Response:
        """The runs that one has begun, and those that one may go on with since their officers have lost the post."""
        own = self._kept.runs(visit.signed_in.account.id, _RUNS_SHOWN)
        left = [run for run in self._kept.left(visit.insider.role.value, _RUNS_SHOWN) if run not in own]
        return self._frame.pages.page(visit, "desk_runs.html", runs=own, left=left, moves=MOVES)

    def show(self, visit: Visit) -> Response:
        """A run as it stands: its fields to be filled in, what would become of each, how far it has come, or what became
        of each.
        """
        run = self._run(visit)
        if run.started_at is not None:
            return self._progress(visit, run)
        if not run.body or visit.query("change"):
            given = _flat(orjson.loads(run.body)) if run.body else {}
            return self._fields(visit, run, given)
        given = read_command(run.command, run.body.encode())
        asked = requests(prefix_of(run.id), run.command, given, visit.insider, run.names, visit.received_at, str)
        told = foreseen(self._api.handler, asked)
        return self._frame.pages.page(visit, "desk_foreseen.html", groups=_groups(told), **self._about(run))

    def give(self, visit: Visit, form: Form) -> Response:
        """Take the fields of the command."""
        run = self._run(visit)
        command, faults = command_of(run.command, self._inputs(run, form), form)
        if faults:
            return self._fields(visit, run, form, faults)
        self._kept.give(run.id, orjson.dumps(_plain(run.command, command)).decode())
        return RedirectResponse(f"/desk/bulk/{run.id}", 303)

    def start(self, visit: Visit, _: Form) -> Response:
        """Do it, or go on with it."""
        run = self._run(visit)
        if not run.body:
            return RedirectResponse(f"/desk/bulk/{run.id}", 303)
        if self._left_to(visit, run):
            self._kept.pass_on(run, visit.signed_in.account.id, visit.insider)
            run = self._run(visit)
        if run.actor != visit.insider:
            raise Problem(403, "role_not_allowed", "此批次由您的另一角色选定", "this run was chosen in another role of yours",
                          "请切换角色后再办理。", "Change to that role first.")  # fmt: skip
        self.runner.start(run, visit.received_at)
        return RedirectResponse(f"/desk/bulk/{run.id}", 303)

    def report(self, visit: Visit) -> Response:
        """What became of each, as a table."""
        run = self._run(visit)
        told = self._kept.told(run.id)
        lines = report([*told, *self.runner.undone(run, len(told))], done=True)
        name = f'attachment; filename="bulk-{run.id}.csv"'
        return StreamingResponse(
            csv_bytes(REPORT, lines), media_type=Format.CSV.media_type, headers={"Content-Disposition": name}
        )

    def _progress(self, visit: Visit, run: Run) -> Response:
        told = self._kept.told(run.id)
        working = run.finished_at is None and self.runner.working(run.id)
        return self._frame.pages.page(
            visit,
            "desk_run.html",
            part="progress",
            told=len(told),
            groups=_groups([*told, *self.runner.undone(run, len(told))]),
            working=working,
            may=self.runner.stands(run) or self._left_to(visit, run),
            **self._about(run),
        )

    def _about(self, run: Run) -> dict[str, Any]:
        body = orjson.loads(run.body) if run.body else {}
        given = {name: chosen(run.command, name, value) for name, value in body.items()}
        return {"run": run, "label": MOVES[run.command], "given": given, "shown": _SHOWN}

    def _run(self, visit: Visit) -> Run:
        run = self._kept.run(visit.path("run"))
        if run is None or not (run.account == visit.signed_in.account.id or self._left_to(visit, run)):
            raise missing(visit.path("run"))
        return run

    def _left_to(self, visit: Visit, run: Run) -> bool:
        """Whether one may go on with another's run: one holds the post that its officer has lost while it was done."""
        begun, own = run.started_at is not None and run.finished_at is None, visit.signed_in.account.id == run.account
        same = (visit.insider.role, visit.insider.unit) == (run.actor.role, run.actor.unit)
        return begun and not own and same and not self.runner.stands(run)

    def _chosen(self, visit: Visit, form: Form) -> tuple[str, ...]:
        """The applications ticked, or all of the list that they stand in, in its order."""
        if form.get("which") != "all":
            return tuple(name.removeprefix(_PICK) for name in form if name.startswith(_PICK))
        query = QueryParams(parse_qsl(form.get("query", "")))
        wish = read_wish(query, visit.insider, self._api.calls, visit.now)
        if nothing_to_find(wish):
            return ()
        return tuple(row.id for row in self._api.handler.ledger.queue(wish.wanted, wish.order, APPLICATIONS_MAX + 1))

    def _inputs(self, run: Run, given: Mapping[str, str]) -> tuple[Input, ...]:
        first = self._api.application(run.actor, run.names[0])
        call = self._api.call(first.call_id)
        return inputs_of(run.command, call, options(first, call), given)

    def _fields(self, visit: Visit, run: Run, values: Mapping[str, str], faults: Sequence[Fault] = ()) -> Response:
        return self._frame.pages.page(
            visit,
            "desk_fields.html",
            422 if faults else 200,
            values=values,
            **judged(self._inputs(run, values), values, faults, ()),
            **self._about(run),
        )


def _groups(told: Sequence[Told]) -> list[Group]:
    """What was told of many, put together: what went well first, then each reason, the commonest first."""
    found: dict[tuple[str, str, bool], list[Told]] = defaultdict(list)
    for one in told:
        first = one.refusals[0] if one.refusals else None
        found[first.code if first else "", first.zh if first else "", one.before and first is None].append(one)
    groups = [
        Group(same[0].refusals[0] if same[0].refusals else None, before, tuple(one.application for one in same))
        for (_, _, before), same in found.items()
    ]
    return sorted(groups, key=lambda group: (group.reason is not None, group.before, -len(group.names)))


def _plain(name: str, command: Any) -> dict[str, Any]:
    return {field: getattr(command, field) for field in shape_of(name).members or {}}


def _flat(body: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in body.items()}
