"""Two worlds that differ only in what somebody may not see answer that person byte for byte alike, whatever is asked.

What differs is what is hidden: another unit's application (its texts, its draft), who reviews and with what points and
words. Clock and chance stand still. Addresses that commit to the whole ledger (a checkpoint, a proof, a receipt under
one, its length) tell by design that something else stands there, though not what: they are named below and left out.
So do the leaf of an event of one's own, and the version of one's application, which counts hidden events too: the pairs
have as many scores. FUNDCALL_WORLDS=N compares N pairs in place of a few.
"""

from __future__ import annotations

import itertools
import os
import random
import secrets
import string
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from fundcall.web.policy import Door, Route
from states.actor import Actor, Role
from tests.drive import R1
from tests.straight import Answer
from tests.web.town import NOBODY, Town, open_town, settle, values

PAIRS = int(os.environ.get("FUNDCALL_WORLDS", "2"))
COMMITTING = frozenset(
    {
        "/administration/installation",
        "/applications/{application_id}/receipt",
        "/applications/{application_id}/receipt.json",
        "/applications/{application_id}/receipt.pdf",
        "/healthz", "/readyz", "/metrics", "/api/v1/checkpoint", "/api/v1/consistency", "/api/v1/applications/{application_id}/proof",
        "/api/v1/applications/{application_id}/receipt", "/api/v1/applications/{application_id}/receipt.pdf",
        "/api/v1/applications/{application_id}/dossier.pdf",
    }
)  # fmt: skip
BLIND = ("applicant", "administrator", NOBODY)
_WORDS = "智能花园气候材料芯片AB"


def built(folder: Path, hidden: dict[str, Any]) -> Town:
    """The first unit's application under review, and hidden things beside it."""
    town = open_town(folder)
    world = town.world
    town.own = world.format_checked()
    experts = [Actor(f"{hidden['expert']}-{n}", Role.EXPERT, f"EMPLOYER{n}") for n in (1, 2, 3)]
    world.do("StartReview", R1, town.own, experts=world.experts(experts), seed=hidden["seed"])
    for expert in experts[: hidden["scores"]]:
        world.do("AcceptInvitation", expert, town.own)
        world.do("SubmitScore", expert, town.own, points=world.points(hidden["points"]), comment=hidden["text"])
    town.other = world.submitted(title=hidden["text"])
    for _ in range(hidden["drafts"]):
        world.draft(title=hidden["text"])
    settle(town, world.now)
    return town


@contextmanager
def no_chance() -> Iterator[None]:
    """Nothing is drawn while this lasts: numbers of requests and attempts of forms are the same in both worlds."""
    drawn = itertools.count()  # keys are told apart, the same ones in both worlds
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(secrets, "token_hex", lambda size=32: "0" * 2 * size)
        patch.setattr(secrets, "token_urlsafe", lambda size=32: f"{next(drawn):0{size}}")
        yield


def answers(town: Town) -> dict[tuple[str, str, str], Answer]:
    """What everybody is told who may not see what is hidden, about one's own, the other's and no application."""
    found = {}
    for route in town.routes:
        if route.method != "GET" or route.path in COMMITTING:
            continue
        for who in BLIND:
            headers = town.key(who) if route.policy.door is Door.KEY else town.cookie(who)
            for name in (town.own, town.other) if "{application_id}" in route.path else (town.own,):
                found[route.path, who, name] = _told(town, town.ask(route, _path(town, route, name), who, headers, {}))
    return found


def _told(town: Town, answer: Answer) -> Answer:
    """An answer without the leaves of one's own events: they commit to what is hidden in them."""
    body = answer.body
    for stored in town.system.ledger.stored(application=town.own):
        body = body.replace(stored.leaf.hex().encode(), b"leaf")
    return answer._replace(body=body)


def _path(town: Town, route: Route, application: str) -> str:
    told = values(town, application) | {"position": 1, "template": "submission_receipt", "recipient": "x"}
    places = [name for _, name, _, _ in string.Formatter().parse(route.path) if name]
    return route.path.format(**{name: told.get(name.partition(":")[0], application) for name in places})


def told_apart(first: Path, second: Path, one: dict[str, Any], other: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Where two worlds are told apart."""
    kept = []
    for folder, hidden in ((first, one), (second, other)):
        town = built(folder, hidden)
        with no_chance():
            kept.append(answers(town))
        town.system.close()
    assert kept[0].keys() == kept[1].keys()
    assert len(kept[0]) > 50
    return [key for key, answer in kept[0].items() if answer != kept[1][key]]


def hidden(chance: random.Random) -> dict[str, Any]:
    """Something to hide."""
    return {"expert": chance.choice(("qian", "zhou")), "seed": chance.randint(1, 9), "scores": chance.randint(0, 3),
            "points": chance.randint(1, 9), "text": "".join(chance.choices(_WORDS, k=6)), "drafts": chance.randint(0, 2)}  # fmt: skip


@pytest.mark.timeout(0 if PAIRS > 10 else 120)
@pytest.mark.parametrize("pair", range(PAIRS))
def test_nobody_can_tell_two_worlds_apart_by_what_is_hidden(tmp_path: Path, pair: int) -> None:
    chance = random.Random(pair)
    one, other = hidden(chance), hidden(chance)
    found = told_apart(tmp_path / "a", tmp_path / "b", one, other | {"scores": one["scores"]})
    assert found == []


def test_the_comparison_finds_what_is_not_hidden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Were everybody shown what the office is shown, the worlds would be told apart."""
    from workflow import visible

    monkeypatch.setattr(visible, "READERS", frozenset(Role))
    base = {"expert": "qian", "seed": 1, "scores": 1, "points": 3, "text": "智能花园", "drafts": 0}
    found = told_apart(tmp_path / "a", tmp_path / "b", base, base | {"points": 4})
    assert {path for path, _, _ in found} >= {"/api/v1/applications/{application_id}/history"}
