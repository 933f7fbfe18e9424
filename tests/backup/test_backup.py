"""A backup is made while the system runs, and what is put back is proved: the root, every fold, every document."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fundcall.audit.roots import Roots
from fundcall.backup.make import write_manifest
from fundcall.backup.manifest import measure, read_manifest
from fundcall.documents.examiner import Examiner
from fundcall.documents.shelf import place_of
from fundcall.storage import copies, dumps
from tests.api.office import pdf
from tests.backup.conftest import Backed, Places, Site
from tests.by_hand import by_hand, replaced
from tests.drive import sqlite_ledger, world
from workflow.ports import Unavailable


def test_a_backup_is_of_one_instant_although_commands_go_on(backed: Backed) -> None:
    said, ledger = backed.said, backed.office.system.ledger
    assert (said["exit"], said["missing"], said["broken"], said["key"]) == (0, [], [], True)
    assert backed.before <= said["events"] <= ledger.head()
    assert said["root"] == Roots(ledger).at(said["events"]).hex()


def test_what_is_put_back_is_verified_and_new_work_goes_on(backed: Backed, places: Places, examiner: Examiner) -> None:
    place = places()
    found = place.json("restore", backed.folder)
    assert (found["exit"], found["faults"], found["key_at_hand"]) == (0, [], True)
    assert (found["events"], found["root"]) == (backed.said["events"], backed.said["root"])
    assert found["documents"] == backed.said["documents"] >= 2
    again = place.json("audit", "verify", "--depth", "2", "--afresh")
    assert (again["exit"], again["root"], again["divergences"]) == (0, backed.said["root"], [])
    office = place.enter(examiner)
    with office.client:
        office.submitted(90)
    assert office.system.ledger.head() > found["events"]
    office.system.ledger.close()
    assert place.json("audit", "verify")["divergences"] == []
    assert (place.data / "trust" / "root.pem").read_text(encoding="ascii") == "a certificate"


def test_a_second_backup_brings_only_documents_that_are_new(backed: Backed, copied: Path) -> None:
    there = {path: path.stat().st_ino for path in (copied / "documents").rglob("*") if path.is_file()}
    backed.office.draft(91, pdf(107))
    said = backed.site.json("backup", copied)
    assert (said["exit"], said["documents"] - len(there)) == (0, said["new_documents"])
    assert {path: path.stat().st_ino for path in there} == there
    assert backed.site.json("restore", copied, "--check")["events"] == said["events"]  # the newest is taken
    older = copied / backed.newest.name
    assert backed.site.json("restore", older, "--check")["events"] == backed.said["events"]


def test_a_place_that_is_not_empty_is_left_alone_unless_told(backed: Backed, places: Places) -> None:
    place = places()
    assert place.json("restore", backed.folder)["exit"] == 0
    code, said = place.run("restore", backed.folder)
    assert (code, "--replace" in said) == (1, True)
    found = place.json("restore", backed.folder, "--replace")
    assert (found["exit"], found["faults"], len(found["set_aside"])) == (0, [], 2)


def test_a_place_at_work_is_not_replaced(backed: Backed) -> None:
    head = backed.office.system.ledger.head()
    code, said = backed.site.run("restore", backed.folder, "--replace")
    assert (code, "stop serve and worker first" in said) == (1, True)
    assert backed.office.system.ledger.head() == head


def test_without_the_key_it_is_told_until_the_key_is_there(backed: Backed, places: Places, tmp_path: Path) -> None:
    said = backed.site.json("backup", tmp_path / "apart")
    assert (said["exit"], said["key"], "the key that signs" in said["not_in_it"][0]) == (0, False, True)
    place = places()
    assert place.json("restore", tmp_path / "apart")["key_at_hand"] is False
    assert not (place.data / "signing.key").exists()
    shutil.copy(backed.site.data / "signing.key", place.data / "signing.key")
    assert place.json("audit", "verify")["exit"] == 0
    assert place.json("restore", tmp_path / "apart", "--replace")["key_at_hand"] is True


def spoilt(backed: Backed, copied: Path, places: Places) -> str:
    """What is said of a spoilt backup, which must change nothing where it was to be put."""
    place = places()
    code, said = place.run("restore", copied)
    assert (code, place.data.exists(), copies.is_empty(place.settings.where)) == (1, False, True)
    return said


def files(backups: Path) -> list[Path]:
    return sorted(path.relative_to(backups) for path in backups.rglob("*") if path.is_file())


def test_a_byte_changed_in_any_file_is_found_and_told(backed: Backed, copied: Path, places: Places) -> None:
    kinds = {path.name if path.parts[0] != "documents" else "a document": path for path in files(copied)}
    own = {"manifest.json", "manifest.json.sha256", "checkpoints.txt", "root.pem", "signing.key", "a document"}
    assert len(kinds.keys() - own) == 1  # the database
    for name in kinds.values():
        whole = (copied / name).read_bytes()
        middle = len(whole) // 2
        (copied / name).write_bytes(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :])
        said = spoilt(backed, copied, places)
        assert name.name.removesuffix(".sha256") in said
        (copied / name).write_bytes(whole)


@pytest.mark.parametrize("how", ["cut short", "missing"])
def test_what_is_cut_short_or_missing_is_found_and_told(backed: Backed, copied: Path, places: Places, how: str) -> None:
    manifest = read_manifest(copied / backed.newest.name)
    document = place_of(copied / "documents", min(manifest.documents))
    database = next((copied / backed.newest.name).glob("fundcall.*"))
    for path in (document, database):
        whole = path.read_bytes()
        path.write_bytes(whole[:-7]) if how == "cut short" else path.unlink()
        said = spoilt(backed, copied, places)
        assert (path.name in said, ("another length" if how == "cut short" else "missing") in said) == (True, True)
        path.write_bytes(whole)


def test_a_document_that_the_installation_had_lost_is_told_by_the_backup_and_by_the_restore(
    places: Places, examiner: Examiner, tmp_path: Path
) -> None:
    site = places()
    office = site.enter(examiner)
    with office.client:
        office.submitted(1)
    office.system.ledger.close()
    (document,) = (path for path in (site.data / "documents").rglob("*") if len(path.name) == 64)
    document.unlink()
    said = site.json("backup", tmp_path / "backups")
    assert (said["exit"], said["missing"]) == (1, [document.name])
    found = places().json("restore", tmp_path / "backups")
    assert (found["exit"], len(found["faults"]), document.name in found["faults"][0]) == (1, 1, True)


def alter_event(folder: Path, place: Site) -> Path:
    """Alter an event within the database of a backup, as whoever has the backup can; the file that holds it."""
    if not place.database_url:
        place = type(place)(folder, "")
    else:
        place.run("restore", folder)
    with by_hand(place.settings) as connection:
        replaced(connection, "events", "body", b"unit-1", b"unit-7")
    if not place.database_url:
        return folder / "fundcall.db"
    dumps.dump(place.database_url, folder / "fundcall.dump")
    return folder / "fundcall.dump"


def test_whoever_alters_an_event_and_writes_the_manifest_anew_is_found_out(
    backed: Backed, copied: Path, places: Places
) -> None:
    folder = copied / backed.newest.name
    altered = alter_event(folder, places())
    manifest = read_manifest(folder)
    files = {**manifest.files, altered.name: measure(altered)}
    write_manifest(folder, manifest.model_copy(update={"files": files}))
    found = places().json("restore", copied)
    assert (found["exit"], any("leaf" in fault for fault in found["faults"])) == (1, True)


def test_a_name_that_no_file_can_have_is_told(backed: Backed, copied: Path, places: Places) -> None:
    folder = copied / backed.newest.name
    manifest = read_manifest(folder)
    files = {**manifest.files, "a" * 300: measure(folder / "manifest.json")}
    write_manifest(folder, manifest.model_copy(update={"files": files}))
    code, said = places().run("restore", copied, "--check")
    assert (code, "File name too long" in said) == (1, True)


def test_a_folder_without_a_backup_is_told(places: Places, tmp_path: Path) -> None:
    code, said = places().run("restore", tmp_path)
    assert (code, "no backup" in said) == (1, True)


def test_a_backup_of_the_other_database_is_refused(backed: Backed, kind: str, tmp_path: Path) -> None:
    other = f"sqlite:///{tmp_path / 'x.db'}" if kind == "postgresql" else "postgresql://nobody@127.0.0.1:1/none"
    site = type(backed.site)(tmp_path / "data", other)
    code, said = site.run("restore", backed.folder)
    assert (code, f"the backup is of {kind}" in said) == (1, True)


@pytest.mark.sqlite
def test_whoever_writes_while_sqlite_is_copied_does_not_begin_it_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = sqlite_ledger(tmp_path)
    place = world(ledger=ledger)
    place.submitted()
    head, steps = ledger.head(), []
    monkeypatch.setattr(copies, "_PAGES", 10)

    def write(done: int, whole: int) -> None:
        steps.append((done, whole))
        place.draft()

    assert copies.take(tmp_path / "fundcall.db", tmp_path / "copy.db", write) == head
    assert [done for done, _ in steps] == [min(10 * n, steps[0][1]) for n in range(1, len(steps) + 1)]
    ledger.close()


def test_a_missing_program_of_postgresql_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(dumps, "_PLACES", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(copies.ProgramMissing, match=r"pg_dump is not on this machine.*postgresql-client"):
        dumps.program("pg_dump")


def test_a_password_is_no_argument_of_a_program_and_what_it_says_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "15" / "bin" / "pg_restore"
    program.parent.mkdir(parents=True)
    program.write_text('#!/bin/sh\necho "said $@ of $PGPASSWORD" >&2\nexit 1\n', encoding="ascii")
    program.chmod(0o755)
    monkeypatch.setattr(dumps, "_PLACES", tmp_path)
    with pytest.raises(Unavailable) as told:
        dumps.restore(tmp_path / "x", "postgresql://app:geheim@db.example/fund")
    arguments, _, password = str(told.value).partition(" of ")
    assert ("geheim" in arguments, "host=db.example" in arguments, password) == (False, True, "geheim")


@pytest.mark.sqlite
def test_a_database_that_cannot_be_read_is_put_aside_whole(tmp_path: Path) -> None:
    database = tmp_path / "fundcall.db"
    database.write_bytes(b"no database at all")
    aside = copies.set_aside(database, datetime(2026, 1, 1, tzinfo=UTC))
    assert (database.exists(), Path(aside).read_bytes()) == (False, b"no database at all")
