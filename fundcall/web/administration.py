"""The administrator's desk: accounts, roles, sessions, keys, experts' invitations, and how the installation is. Nobody
decides of an application here, and no application is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import Response
from fastapi.responses import RedirectResponse

from fundcall.accounts.desk import GRANTED, Desk
from fundcall.accounts.people import STAFF, Account, Denied, Post, Reason
from fundcall.web.entry import DENIED
from fundcall.web.frame import Form, Frame
from fundcall.web.own_keys import Keys, OwnKeys
from fundcall.web.problems import Problem, missing
from fundcall.web.visit import Visit
from fundcall.web.watching import Health
from states.actor import Role
from states.experts import Expert

_HOME = "/administration"
_PAGE = 50
_ONLY = frozenset({Role.ADMINISTRATOR})


@dataclass(frozen=True, slots=True)
class Administration:
    """What the desk looks after. `settings` come without secrets; `faults` are those of each call file, as sentences."""

    desk: Desk
    keys: Keys
    experts: Callable[[], Sequence[Expert]]
    settings: Sequence[tuple[str, str]]
    faults: Callable[[], Mapping[str, Sequence[str]]]
    health: Health


class AdministrationPages:
    """The pages of the desk."""

    def __init__(self, frame: Frame, over: Administration) -> None:
        self._frame, self._over, self._desk = frame, over, over.desk
        OwnKeys(frame, over.keys)
        for path, page in (
            (_HOME, self.home),
            (f"{_HOME}/accounts", self.accounts),
            (f"{_HOME}/accounts/{{account}}", self.account),
            (f"{_HOME}/keys", self.keys),
            (f"{_HOME}/experts", self.experts),
            (f"{_HOME}/installation", self.installation),
        ):
            frame.show(path, page, roles=_ONLY)
        frame.take(f"{_HOME}/accounts", self.opened, roles=_ONLY)
        frame.take(f"{_HOME}/accounts/{{account}}/{{act}}", self.done, roles=_ONLY)
        frame.take(f"{_HOME}/requests", self.decided, roles=_ONLY)
        frame.take(f"{_HOME}/waiting", self.admitted, roles=_ONLY)
        frame.take(f"{_HOME}/keys", self.revoked, roles=_ONLY)
        frame.take(f"{_HOME}/experts", self.invited, roles=_ONLY)

    def home(self, visit: Visit, denied: Reason | None = None) -> Response:
        """What waits for an administrator, and what was done last."""
        book, known = self._desk.book, self._desk.store.by_id
        asked = [(one, known(one.account)) for one in book.asked()]
        members = {post.unit: self._desk.store.members(post.unit) for _, post in book.waiting()}
        return self._page(visit, "administration.html", denied, asked=asked, waiting=book.waiting(), members=members,
                          acts=book.acts(_PAGE), me=visit.insider.id)  # fmt: skip

    def accounts(self, visit: Visit, given: Form | None = None, denied: Reason | None = None) -> Response:
        """Accounts by id, some of them by words, and the form for another."""
        words, after = visit.query("q").strip(), visit.query("after")
        found = self._desk.book.find(words, after, _PAGE + 1)
        more = found[_PAGE - 1][0].id if len(found) > _PAGE else ""
        return self._page(visit, "administration_accounts.html", denied, part="list", found=found[:_PAGE], more=more,
                          words=words, given=given or {}, roles=GRANTED, staff=STAFF)  # fmt: skip

    def opened(self, visit: Visit, form: Form) -> Response:
        """A new account, invited by letter, or the form again."""
        try:
            made = self._desk.open(
                visit.insider.id, form.get("email", ""), form.get("name", ""), _post(form), visit.now
            )
        except Denied as denied:
            return self.accounts(visit, form, denied.reason)
        return RedirectResponse(f"{_HOME}/accounts/{made.id}", 303)

    def account(self, visit: Visit, denied: Reason | None = None) -> Response:
        """One account: what it may act as, where it is signed in, its keys."""
        found, store = self._known(visit), self._desk.store
        keys = [key for key in self._over.keys.tokens() if key.actor.id == found.id]
        asked = [one for one in self._desk.book.asked() if one.account == found.id]
        return self._page(visit, "administration_account.html", denied, account=found, posts=store.posts(found.id),
                          sessions=store.sessions(found.id, visit.now), keys=keys, asked=asked, roles=GRANTED,
                          staff=STAFF, me=visit.insider.id)  # fmt: skip

    def done(self, visit: Visit, form: Form) -> Response:
        """One of the things that are done with an account."""
        found, act, me, now = self._known(visit), visit.path("act"), visit.insider.id, visit.now
        acts: dict[str, Callable[[], object]] = {
            "grant": lambda: self._desk.grant(me, found.id, _post(form), now),
            "strike": lambda: self._desk.strike(me, found.id, _post(form), now),
            "shut": lambda: self._desk.shut(me, found.id, now, disabled=True),
            "reopen": lambda: self._desk.shut(me, found.id, now, disabled=False),
            "second": lambda: self._desk.forget_second(me, found.id, now),
            "end": lambda: self._desk.end(me, found.id, form.get("session", ""), now),
            "invite": lambda: self._desk.invite(me, found.id, now),
        }
        if act not in acts:
            raise missing(act)
        try:
            acts[act]()
        except Denied as denied:
            return self.account(visit, denied.reason)
        return RedirectResponse(f"{_HOME}/accounts/{found.id}", 303)

    def decided(self, visit: Visit, form: Form) -> Response:
        """Give or refuse a post that another administrator asked for."""
        number = form.get("number", "")
        if not number.isascii() or not number.isdecimal() or len(number) > 9:
            raise missing(number[:40])
        try:
            self._desk.decide(visit.insider.id, int(number), visit.now, yes=form.get("answer") == "yes")
        except Denied as denied:
            if denied.reason is Reason.LINK:
                raise _already() from denied
            return self.home(visit, denied.reason)
        return RedirectResponse(_HOME, 303)

    def admitted(self, visit: Visit, form: Form) -> Response:
        """Let somebody act for a unit, or refuse it."""
        given = form.get("account", ""), form.get("unit", "")
        if not self._desk.admit(visit.insider.id, *given, visit.now, yes=form.get("answer") == "yes"):
            raise _already()
        return RedirectResponse(_HOME, 303)

    def keys(self, visit: Visit) -> Response:
        """Every key to the API, and whose it is."""
        return self._page(visit, "administration_keys.html", None, keys=self._over.keys.tokens())

    def revoked(self, visit: Visit, form: Form) -> Response:
        """End a key."""
        digest = form.get("key", "")
        if len(digest) != 64 or not self._over.keys.revoke(digest):
            raise missing(digest[:12])
        self._desk.note(visit.insider.id, "key ended", digest[:12], visit.now)
        return RedirectResponse(f"{_HOME}/keys", 303)

    def experts(self, visit: Visit, denied: Reason | None = None) -> Response:
        """The registry: who has an account, and who can be invited to one."""
        rows = [(one, self._desk.store.by_id(one.id)) for one in self._over.experts()]
        return self._page(visit, "administration_experts.html", denied, rows=rows)

    def invited(self, visit: Visit, form: Form) -> Response:
        """An account for an expert of the registry, under the id that the ledger knows, and a letter."""
        found = next((one for one in self._over.experts() if one.id == form.get("expert", "")), None)
        if found is None:
            raise missing(form.get("expert", "")[:80])
        try:
            post = Post(Role.EXPERT, found.unit)
            self._desk.open(visit.insider.id, found.email, found.name, post, visit.now, account_id=found.id)
        except Denied as denied:
            return self.experts(visit, denied.reason)
        return RedirectResponse(f"{_HOME}/experts", 303)

    def installation(self, visit: Visit) -> Response:
        """How the installation is, its settings, and what is wrong with the files of calls."""
        return self._page(visit, "administration_installation.html", None, settings=self._over.settings,
                          faults=self._over.faults(), figures=self._over.health.figures())  # fmt: skip

    def _known(self, visit: Visit) -> Account:
        found = self._desk.store.by_id(visit.path("account"))
        if found is None:
            raise missing(visit.path("account")[:80])
        return found

    def _page(self, visit: Visit, name: str, denied: Reason | None, **values: Any) -> Response:
        wrong = DENIED[denied] if denied is not None else ""
        return self._frame.pages.page(visit, name, 200 if denied is None else 422, wrong=wrong, **values)


def _post(form: Form) -> Post:
    """The post that a form names. Raises Denied."""
    role = form.get("role", "")
    if role not in set(GRANTED):
        raise Denied(Reason.UNIT)
    return Post(Role(role), form.get("unit", "").strip())


def _already() -> Problem:
    return Problem(409, "already_done", "此申请已处理过", "this was decided already",
                   "请刷新页面查看现状。", "Reload the page to see how it stands.")  # fmt: skip
