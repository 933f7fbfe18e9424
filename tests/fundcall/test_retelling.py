"""Every recorded notice is written anew to the same bytes; one that was altered, added or taken away is found and named."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from fundcall.auditing import replayed, verify
from fundcall.bootstrap import System, open_system, settings_for
from tests.by_hand import by_hand, replaced, tamper
from tests.databases import copied
from tests.lived import CLIMATE, lived
from workflow.notices import Notice
from workflow.replay import Divergence


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lived(tmp_path_factory, CLIMATE)


@pytest.fixture
def system(made: Path, tmp_path: Path) -> Iterator[System]:
    found = open_system(settings_for(copied(made, tmp_path / "data"), database_url=""))
    yield found
    found.close()


def altered(system: System, *statements: tuple[str, tuple[object, ...]]) -> None:
    for sql, values in statements:
        tamper(system.settings, sql, values)


def rewrite_stationery(system: System, old: bytes, new: bytes) -> None:
    with by_hand(system.settings) as connection:
        replaced(connection, "stationery", "body", old, new)


def beside(one: Notice, **changed: object) -> tuple[str, tuple[object, ...]]:
    """The statement that puts a copy beside a notice, other in some columns."""
    columns = [name for name in Notice._fields if name != "body"]
    wanted = ", ".join("?" if name in changed else name for name in columns)
    given = [changed[name] for name in columns if name in changed]
    sql = f"INSERT INTO notices ({', '.join(columns)}) SELECT {wanted} FROM notices WHERE message_id = ?"  # noqa: S608
    return sql, (*given, one.message_id)


def first(system: System, template: str = "draft_created") -> Notice:
    return next(one for one in system.notices.notices() if one.template == template)


def found(system: System, one: Notice) -> list[Divergence]:
    """What depth 3 finds in the notice's application; at the call as a whole the same."""
    return list(replayed(system, one.application, None, 3).divergences)


def test_every_notice_of_a_whole_call_is_written_again_to_the_same_bytes(system: System) -> None:
    verdict = verify(system, 3)
    assert (verdict.divergences, verdict.remarks) == ((), {})


def test_an_altered_mail_is_found_by_its_digest_and_a_digest_altered_with_it_by_the_event(system: System) -> None:
    one = first(system)
    body = one.body.replace(b"2026", b"2027", 1)
    digest = hashlib.sha256(body).digest()
    name, event = f"notice {one.template} to {one.recipient}", "DraftCreated"
    put = ("UPDATE mails SET body = ? WHERE message_id = ?", (zlib.compress(body), one.message_id))
    altered(system, put)
    said = f"bytes of {digest.hex()}"
    assert found(system, one) == [Divergence(one.position, one.application, name, one.digest.hex(), said, event)]
    altered(system, ("UPDATE notices SET digest = ? WHERE message_id = ?", (digest, one.message_id)))
    assert found(system, one) == [
        Divergence(one.position, one.application, name, one.digest.hex(), digest.hex(), event)
    ]


def test_a_notice_taken_away_or_added_or_under_another_subject_is_named(system: System) -> None:
    one, other = first(system), first(system, "submission_receipt")
    altered(
        system,
        ("DELETE FROM notices WHERE message_id = ?", (one.message_id,)),
        ("UPDATE notices SET subject = 'x' WHERE message_id = ?", (other.message_id,)),
        beside(other, recipient="someone", message_id="own"),
        beside(other, position=999_999, message_id="far"),
    )
    told = [(d.position, d.what, d.expected, d.found) for d in verify(system, 3).divergences]
    name = f"notice {other.template} to"
    assert sorted(told) == sorted(
        [
            (one.position, f"notice {one.template} to {one.recipient}", "told", "none kept"),
            (other.position, f"{name} {other.recipient}", f"subject={other.subject}", "subject=x"),
            (other.position, f"{name} someone", "no such notice", "one kept"),
            (999999, f"{name} {other.recipient}", "an event", "none"),
        ]
    )


def test_templates_changed_since_are_no_false_alarm_and_are_named_with_the_digest_of_then(system: System) -> None:
    one = first(system)
    rewrite_stationery(system, b'code":"', b'code":"f')
    altered(
        system,
        ("UPDATE notices SET digest = ? WHERE message_id = ?", (bytes(32), one.message_id)),
        ("DELETE FROM mails WHERE message_id = ?", (one.message_id,)),
    )
    seen = replayed(system, one.application, None, 3)
    ((remark, count),) = seen.remarks.items()
    assert (seen.divergences, count) == ([], 1)
    assert remark.startswith("templates of then are not at hand: release 0.1.0, digest f")


def test_whom_another_release_told_beside_is_no_false_alarm(system: System) -> None:
    one = first(system)
    rewrite_stationery(system, b'code":"', b'code":"f')
    altered(system, beside(one, recipient="someone", message_id="own"))
    seen = replayed(system, one.application, None, 3)
    assert (seen.divergences, len(seen.remarks)) == ([], 1)


def test_another_sender_in_the_record_that_notices_rest_on_shows_in_each_of_them(system: System) -> None:
    one = first(system)
    rewrite_stationery(system, b"noreply@", b"others@")
    notices = system.notices.notices(one.application)
    assert len(found(system, one)) == len(notices)


def test_notices_of_before_such_records_were_kept_are_told_as_not_checked(system: System) -> None:
    altered(system, ("DELETE FROM stationery", ()))
    verdict = verify(system, 3)
    assert verdict.divergences == ()
    assert verdict.remarks == {
        "no record of what the notice rested on: of an older release": len(system.notices.notices())
    }
