"""What stands beside a case for the office: findings with their decisions, papers with their first pages, the likeliest
moves, and the cases before and after it in the list that one came from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, quote

from fastapi import Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import QueryParams

from fundcall.web.api.asking import Api
from fundcall.web.boards.decision import MEASURES
from fundcall.web.frame import Frame
from fundcall.web.moves import moves_of, refused_now
from fundcall.web.pages import static
from fundcall.web.problems import missing
from fundcall.web.remarks import FLAGS, OUTCOMES, remark
from fundcall.web.visit import Visit
from fundcall.web.wish import nothing_to_find, read_wish
from fundcall.web.words import money
from states.actor import Actor
from states.application import Application
from states.checks import DocumentFacts
from states.checks.documents import plain_name
from states.funding_call import Field, FundingCall
from states.guards.review import panel_met
from states.labels import MOVES, PHASES, Pair
from states.table.row import Row
from workflow.desk import mark_of
from workflow.projection import Row as QueueRow
from workflow.queries import worksheet
from workflow.scoring import ranked, read_scores, standings
from workflow.visible import READERS

_LIKELIEST = 2


class Paper(NamedTuple):
    """A document of the case: its digest, what material it is, and whether its seal holds."""

    number: int
    facts: DocumentFacts
    material: Pair


class Around(NamedTuple):
    """The addresses of the cases before and after, "" for none, and of the list."""

    before: str
    after: str
    list: str


class _Certified(NamedTuple):
    """The other name on the certificate that the unit signed in with last, those on earlier ones, and whether a certificate
    came with the filing itself: then that one counts, and what was found of it stands with the findings.
    """

    now: str
    before: list[str]
    with_filing: bool


class Beside:
    """What officers see beside a case, and the pictures of its papers."""

    def __init__(self, frame: Frame, api: Api) -> None:
        self._api, self._store = api, frame.entrance.store
        frame.show("/applications/{application_id}/files/{digest}/first.png", self.picture, roles=READERS)

    def values(self, visit: Visit, actor: Actor, application: Application, call: FundingCall) -> dict[str, Any]:
        """For the template."""
        row = self._api.handler.ledger.row(application.id)
        moves = moves_of(actor, application)
        refused = refused_now(self._api.handler, moves, actor, application, call, visit.received_at)
        open_now = sorted((one for one in moves if one.command not in refused), key=_stays)
        items = worksheet(call, application)
        return {
            "likely": [(one.command, MOVES[one.command]) for one in open_now[:_LIKELIEST]],
            "other": [(one.command, MOVES[one.command]) for one in open_now[_LIKELIEST:]],
            "refused": [(name, MOVES[name], reason) for name, reason in refused.items()],
            "found": [item for item in items if item.state != "to_see"],
            "to_see": [item for item in items if item.state == "to_see"],
            "item_states": STATES_OF_ITEMS,
            "decides": _decides(moves),
            "form": _form(application, call),
            "seals": SEALS,
            "papers": _papers(application, call),
            "pictures": self._api.uploads is not None,
            "around": self._around(visit, actor, row),
            "came_from": quote(visit.query("list"), safe=""),
            "phase": remark(PHASES, application.phase) if application.phase else None,
            "outcome": remark(OUTCOMES, application.outcome) if application.outcome else None,
            "flags": [remark(FLAGS, flag) for flag in sorted(application.flags)],
            "claimed_by": row.claimed_by if row is not None else "",
            "certified": self._certified(application),
            "requested": row.requested_minor if row is not None else 0,
            "measures": MEASURES,
            **self._scored(application, call),
        }

    def _scored(self, application: Application, call: FundingCall) -> dict[str, Any]:
        """How it stands and its place by each measure, among those of its direction; nothing while no score is in."""
        if not any(expert.points for expert in application.experts.values()):
            return {"scored": None}
        found = standings(call, read_scores(call, self._api.handler.ledger))
        own = next((one for one in found if one.application.id == application.id), None)
        if own is None:
            return {"scored": None}
        rivals = [one for one in found if one.direction == own.direction]
        ranks = {
            measure: next(place for place in ranked(call, rivals, measure)[own.direction] if place.standing is own)
            for measure in MEASURES
        }
        return {"scored": own, "ranks": ranks, "panels": {own.application.id} if panel_met(application) else set()}

    def _certified(self, application: Application) -> _Certified:
        """The names on the unit's certificates that are not the one it files under: an officer's matter (四（二）1)."""
        own, names = plain_name(application.unit_name), self._store.certified(application.unit_code)
        others = [name for name in names if plain_name(name) != own]
        now = others[0] if others and others[0] == names[0] and not application.certified else ""
        return _Certified(now, [name for name in others if name != now], with_filing=application.certified)

    def picture(self, visit: Visit) -> Response:
        """The first page of a document, or the sign that there is no picture of it."""
        uploads, document = self._api.uploads, self._document(visit)
        png = uploads.preview(document.sha256) if uploads is not None else b""
        if not png:
            return RedirectResponse(static("no-picture.svg"), 303)
        return Response(png, media_type="image/png", headers={"Cache-Control": "private, max-age=3600"})

    def _document(self, visit: Visit) -> DocumentFacts:
        """A document of a case that the visitor may see. Raises Problem 404."""
        application = self._api.application(visit.insider, visit.path("application_id"))
        digest = visit.path("digest")
        for document in application.documents:
            if document.sha256 == digest:
                return document
        raise missing(digest)

    def _around(self, visit: Visit, actor: Actor, row: QueueRow | None) -> Around:
        query = visit.query("list")
        wish = read_wish(QueryParams(parse_qsl(query)), actor, self._api.calls, visit.now)
        ledger = self._api.handler.ledger
        if row is None or nothing_to_find(wish):
            return Around("", "", wish.but())
        mark = mark_of(row, wish.order)
        found = [ledger.queue(wish.wanted, wish.order, 1, mark, back=back) for back in (True, False)]
        before, after = (
            f"/applications/{quote(rows[0].id)}?list={quote(wish.query)}" if rows else "" for rows in found
        )
        return Around(before, after, wish.but())


def _stays(row: Row) -> bool:
    """Whether a move leads nowhere else: those that lead on are likelier."""
    return row.target is None and row.to_phase is None


def _decides(moves: Sequence[Row]) -> Mapping[str, str]:
    """The move that a finding waits for, by its state."""
    names = {row.command for row in moves}
    wanted = {"open": "DecideFinding", "awaiting_second": "SecondFinding"}
    return {state: name for state, name in wanted.items() if name in names}


def _papers(application: Application, call: FundingCall) -> list[Paper]:
    found = []
    for number, document in enumerate(application.documents, 1):
        material = call.materials.get(document.material)
        words = (material.zh, material.en) if material is not None else (document.material, document.material)
        found.append(Paper(number, document, words))
    return found


def _form(application: Application, call: FundingCall) -> list[tuple[Pair, Pair | str]]:
    """What the application form says, in the order of the call's fields; the title and the topic stand elsewhere."""
    given = application.form
    return [
        ((field.zh.removesuffix("（分）"), field.en.removesuffix(" (fen)")), _text(field, given[name], call))
        for name, field in call.fields.items()
        if name not in ("title", "topic", "start_on", "end_on") and given.get(name) not in (None, "")
    ]


def _text(field: Field, value: Any, call: FundingCall) -> Pair | str:
    if field.type == "minor":
        return money(value, call.currency)
    if field.type == "flag":
        return ("是", "yes") if value else ("否", "no")
    named = {choice.value: (choice.zh, choice.en) for choice in field.choices}
    values = value if isinstance(value, list | tuple) else [value]
    pairs = [named.get(one, (str(one), str(one))) for one in values]
    return "、".join(zh for zh, _ in pairs), ", ".join(en for _, en in pairs)


SEALS: Mapping[str, Pair] = {
    "valid": ("签章有效", "seal valid"),
    "broken": ("签章已损坏", "seal broken"),
    "changed": ("签章后被修改", "changed after sealing"),
    "untrusted": ("证书不受信任", "certificate not trusted"),
    "expired": ("签章时证书已过期", "certificate expired"),
    "none": ("无签章", "no seal"),
    "unreadable": ("签章无法读取", "seal unreadable"),
    "cannot_verify": ("签章须人工核验", "seal to be looked at by an officer"),
    "unchecked": ("签章尚未查验", "seal not checked yet"),
}
"""What is said of a document's seal."""
STATES_OF_ITEMS: Mapping[str, Pair] = {
    "open": ("待处理", "to decide"),
    "overridden": ("已认可", "overridden"),
    "awaiting_second": ("待第二人复核", "awaits a second officer"),
    "upheld": ("维持", "upheld"),
}
"""How a finding stands."""
