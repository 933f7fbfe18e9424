"""Acts of tampering on an installation and its bundles, each with the sentence in which the check tells it."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zlib
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from fundcall.auditing import sentence, verify
from fundcall.bootstrap import Proofs, System, open_system, settings_for
from fundcall.storage.driver import Writer
from tests.by_hand import by_hand, replaced, rewritten
from tests.databases import copied
from workflow.record import decode, encode, leaf_hash

_AT = 40


class Told(NamedTuple):
    """How an act was told: what names it, and the whole sentence."""

    what: str
    sentence: str


Act = Callable[[Writer], None]


def _run(*statements: str) -> Act:
    def act(connection: Writer) -> None:
        for statement in statements:
            connection.execute(statement.replace(":at", str(_AT)))

    return act


def _backwards(connection: Writer) -> None:
    """An event recorded an hour before the one that stands before it, with its hash and columns made to fit."""
    (body,) = connection.execute("SELECT body FROM events WHERE position = ?", (_AT,)).fetchone()
    event = decode(body)
    other = encode(event._replace(recorded_at=event.recorded_at - timedelta(days=30)))
    text = (event.recorded_at - timedelta(days=30)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    connection.execute(
        "UPDATE events SET body = ?, leaf = ?, recorded_at = ? WHERE position = ?",
        (other, leaf_hash(other), text, _AT),
    )


def _mail(connection: Writer) -> None:
    name, body = connection.execute("SELECT message_id, body FROM mails ORDER BY message_id LIMIT 1").fetchone()
    other = zlib.compress(zlib.decompress(body).replace(b"2026", b"2027", 1))
    connection.execute("UPDATE mails SET body = ? WHERE message_id = ?", (other, name))


ACTS: Mapping[str, Act] = {
    "a row deleted": _run("DELETE FROM events WHERE position = :at"),
    "the last row deleted": _run("DELETE FROM events WHERE position = (SELECT max(position) FROM events)"),
    "two rows swapped": _run(
        "CREATE TEMP TABLE two AS SELECT position, body, leaf FROM events WHERE position IN (:at, :at + 1)",
        "UPDATE events SET body = (SELECT body FROM two WHERE two.position = 2 * :at + 1 - events.position), "
        "leaf = (SELECT leaf FROM two WHERE two.position = 2 * :at + 1 - events.position) "
        "WHERE position IN (:at, :at + 1)",
    ),
    "a row inserted": _run(
        "INSERT INTO events SELECT (SELECT max(position) + 1 FROM events), application, 9999, type, 'forged', recorded_at, "
        "leaf, body FROM events WHERE position = :at"
    ),
    "rows re-ordered": _run(
        "UPDATE events SET position = 1000000 WHERE position = :at",
        "UPDATE events SET position = :at WHERE position = :at + 1",
        "UPDATE events SET position = :at + 1 WHERE position = 1000000",
    ),
    "an event rewritten, hash and all": lambda connection: rewritten(connection, _AT),
    "a clock that ran backwards": _backwards,
    "a projection edited": _run("UPDATE applications SET title = 'x' WHERE id = (SELECT min(id) FROM applications)"),
    "a deadline forged": _run(
        "INSERT INTO deadlines (due_at, application, name) "
        "SELECT '2999-01-01T00:00:00.000000Z', min(application), 'archive' FROM events WHERE application LIKE 'app-%'"
    ),
    "a rule edited": lambda connection: replaced(connection, "rules", "body", b"2026", b"2027"),
    "a notice edited": _mail,
    "a notice deleted": _run("DELETE FROM notices WHERE position = (SELECT min(position) FROM notices)"),
    "an address edited": lambda connection: replaced(connection, "personal", "value", b"@", b"@x"),
}


def tampered(made: Path, folder: Path, act: Act) -> list[Told]:
    """What the check says of a copy of an installation, whose last checkpoint was kept before the act."""
    system = _opened(copied(made, folder))
    Proofs(system).keep()
    with by_hand(system.settings) as connection:
        act(connection)
    found = [*verify(system, 3, afresh=True).divergences, *Proofs(system).checkpoints()]
    system.close()
    return [Told(d.what, sentence(d)) for d in found]


def _opened(folder: Path) -> System:
    return open_system(settings_for(folder, database_url=""))


def exported(folder: Path, out: Path) -> Path:
    """The bundle of the whole ledger of an installation."""
    system = _opened(folder)
    Proofs(system).export(out, None, redact=False)
    system.close()
    return out


def verified(*asked: object) -> tuple[int, str]:
    """What the script of a bundle answers, and says, where nothing else is installed."""
    script = Path(str(asked[0])) / "verify_bundle.py"
    command = [sys.executable, "-I", "-S", str(script), *map(str, asked)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    return ran.returncode, ran.stdout


def bundles(made: Path, folder: Path) -> dict[str, tuple[int, str]]:
    """A truncated bundle, a checkpoint of another ledger, two histories shown to two auditors: what is answered."""
    bundle = exported(made, folder / "bundle")
    answers: dict[str, tuple[int, str]] = {}
    cut = Path(shutil.copytree(bundle, folder / "cut"))
    content = (cut / "events.jsonl").read_bytes()
    (cut / "events.jsonl").write_bytes(content[: len(content) // 2])
    answers["a truncated bundle"] = verified(cut)
    system = open_system(settings_for(made, database_url="", public_url="https://elsewhere.example"))
    other = folder / "other.txt"
    other.write_text(Proofs(system).checkpoint(), encoding="utf-8")
    system.close()
    answers["a checkpoint of another ledger"] = verified(bundle, "--checkpoint", other)
    forked = copied(made, folder / "forked")
    with by_hand(settings_for(forked, database_url="")) as connection:
        rewritten(connection, _AT)
    answers["a forked history shown to two auditors"] = verified(bundle, exported(forked, folder / "shown"))
    return answers
