"""The forms that pages show, found as a browser would find them, and sent off with something wrong in them."""

from __future__ import annotations

import string
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from random import Random
from typing import NamedTuple

from fundcall.web.policy import Door, Route
from tests.api.spoiling import Wish, form, spoilt
from tests.web.town import NOBODY, Town, open_town, settle, values


class Found(NamedTuple):
    """A form of a page, as somebody sees it."""

    who: str
    action: str
    fields: dict[str, str]
    parts: bool


class _Forms(HTMLParser):
    """The forms of a page that are posted, with what they hold."""

    def __init__(self, who: str, here: str) -> None:
        super().__init__()
        self._who, self._here = who, here
        self._form: Found | None = None
        self.found: list[Found] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and given.get("method", "").lower() == "post":
            action = given.get("action") or self._here
            self._form = Found(self._who, action, {}, "multipart" in given.get("enctype", ""))
            self.found.append(self._form)
        elif (
            tag in ("input", "button", "select", "textarea", "option") and self._form is not None and given.get("name")
        ):
            self._form.fields.setdefault(given["name"], given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None


def settled(folder: Path) -> Town:
    """A town with two applications that were reviewed, and a draft."""
    town = open_town(folder)
    world = town.world
    town.own, town.other = world.scored(), world.scored()
    world.draft()
    settle(town, world.now)
    return town


def pages(town: Town) -> list[Route]:
    """Every page, and every address that forms go to."""
    return [route for route in town.routes if route.policy.door is not Door.KEY and not route.path.startswith("/api/")]


def who_may(town: Town, route: Route) -> list[str]:
    """Those whom an address lets in, and one whom it does not."""
    those = [who for who, actor in town.people.items() if route.policy.admits(actor.role)]
    return [*those, NOBODY]


def address(town: Town, route: Route, chance: Random) -> str:
    """The route's address with an application, or what else stands there."""
    told = values(town, chance.choice((town.own, town.other)))
    places = [name for _, name, _, _ in string.Formatter().parse(route.path) if name]
    return route.path.format(**{name: told.get(name.partition(":")[0], town.own) for name in places})


def forms(town: Town, chance: Random) -> list[Found]:
    """The forms of every page as somebody who may see it."""
    found: list[Found] = []
    for route in pages(town):
        if route.method == "GET":
            who, here = chance.choice(who_may(town, route)), address(town, route, chance)
            answer = town.straight.ask("GET", here, town.cookie(who))
            if answer.status == 200 and "text/html" in answer.header("content-type"):
                reader = _Forms(who, here)
                reader.feed(answer.text)
                found += reader.found
    return found


def wishes(town: Town, chance: Random) -> Iterator[tuple[str, Wish]]:
    """Requests for pages without end: pages asked for strangely, and their forms sent off strangely, by somebody."""
    routes, shown = pages(town), forms(town, chance)
    for n in range(1 << 62):
        if n % 2_000 == 1_999:
            shown = forms(town, chance)
        if shown and chance.random() < 0.5:
            yield _sent(town, chance.choice(shown), chance)
        else:
            route = chance.choice(routes)
            who = chance.choice(who_may(town, route))
            yield who, spoilt(_wish(town, route.method, address(town, route, chance), who, chance), chance)


def _wish(town: Town, method: str, path: str, who: str, chance: Random) -> Wish:
    headers = tuple(town.cookie(who).items())
    if method == "GET":
        return Wish("GET", path, "", headers, b"")
    kind, body = form({"form_token": town.token(who), "reason": "x", "application": town.own}, chance, parts=False)
    return Wish(method, path, "", (*headers, ("content-type", kind)), body)


def _sent(town: Town, found: Found, chance: Random) -> tuple[str, Wish]:
    path, _, query = found.action.partition("?")
    kind, body = form(
        {**found.fields, "form_token": town.token(found.who)}, chance, parts=found.parts or chance.random() < 0.1
    )
    wish = Wish("POST", path, query, (*town.cookie(found.who).items(), ("content-type", kind)), body)
    return found.who, wish if chance.random() < 0.8 else spoilt(wish, chance)
