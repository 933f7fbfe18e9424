"""`fundcall backup` and `restore`: an installation as a folder, and back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

from fundcall.backup import make as making
from fundcall.backup import put_back
from fundcall.backup.manifest import BadBackup, Manifest, backup_in, faults, read_manifest
from fundcall.bootstrap import settings_for
from fundcall.cli.output import Data, Json, console, errors, fail, fail_as, print_json
from fundcall.storage.copies import InUse, ProgramMissing
from fundcall.storage.migrate import revision

_DOING = {
    "database": "数据库 database",
    "documents": "文件 documents",
    "backup": "核对备份 reading the backup",
    "ledger": "核对台账 folding the ledger",
}


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("backup")(backup)
    app.command("restore")(restore)


def backup(
    folder: Annotated[Path, typer.Argument(help="备份文件夹 · the folder for backups", metavar="DIR")],
    with_key: Annotated[
        bool,
        typer.Option(
            "--with-key", help="连同检查点签名密钥 · with the key that signs checkpoints; whoever has it can sign"
        ),
    ] = False,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """备份数据库与全部文件，运行时亦可 · Back up the database and all documents, while the system runs too."""
    settings = settings_for(data)
    if revision(settings.where) is None:
        fail(f"{settings.database_name}：没有数据库", f"{settings.database_name}: no database there")
    if with_key and not settings.signing_key_file.exists():
        fail(f"没有签名密钥：{settings.signing_key_file}", f"no key there: {settings.signing_key_file}")
    try:
        with _bars() as tell:
            made = making.make(settings, folder, datetime.now(UTC), tell, with_key=with_key)
    except ProgramMissing as wrong:
        fail_as(wrong, 1)
    except OSError as wrong:
        fail(f"备份未完成：{wrong}", f"the backup was not finished: {wrong}", 1)
    if as_json:
        print_json({"folder": str(made.folder), **_plain(made.manifest), "new_documents": made.new_documents,
                    "not_in_it": [en for _, en in making.left_out(made)]})  # fmt: skip
    else:
        _tell(made)
    if made.manifest.missing or made.manifest.broken:
        raise typer.Exit(1)


def restore(
    folder: Annotated[
        Path,
        typer.Argument(
            help="备份文件夹，取最新一份，或指明一份 · backups (the newest is taken), or one of them", metavar="DIR"
        ),
    ],
    replace: Annotated[
        bool, typer.Option("--replace", help="取代原有数据，原有数据移到一旁 · set aside what is there")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="只核对备份，不恢复 · read and compare the backup, and change nothing")
    ] = False,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """核对并恢复备份，再验证台账根与每份文件 · Check a backup, put it back, and verify the root and every document."""
    settings = settings_for(data)
    try:
        chosen = backup_in(folder)
        manifest = read_manifest(chosen)
        if not check:
            put_back.refuse(manifest, settings, replace=replace)
        with _bars() as tell:
            wrong = list(faults(chosen, manifest, lambda done, whole: tell("backup", done, whole)))
            if wrong or check:
                _say_checked(chosen, manifest, wrong, as_json=as_json)
                raise typer.Exit(1 if wrong else 0)
            found = put_back.restore(chosen, manifest, settings, datetime.now(UTC), tell)
    except (BadBackup, put_back.Refused, InUse, ProgramMissing) as refused:
        fail_as(refused, 1)
    except OSError as broke:
        fail(f"恢复未完成：{broke}", f"the restore was not finished: {broke}", 1)
    if as_json:
        print_json({"folder": str(chosen), **found._asdict()})
    else:
        _say_restored(chosen, found, settings.signing_key_file, manifest)
    if found.faults:
        raise typer.Exit(1)


@contextmanager
def _bars() -> Iterator[making.Progress]:
    """Progress on standard error, where that is a terminal."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Bars(*columns, console=errors, transient=True, disable=not errors.is_terminal) as bars:
        tasks = {}

        def tell(what: str, done: int, whole: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(_DOING[what])
            bars.update(tasks[what], completed=done, total=whole)

        yield tell


def _plain(manifest: Manifest) -> dict[str, Any]:
    found = manifest.model_dump(
        mode="json", include={"made_at", "version", "database", "revision", "events", "root", "missing", "broken"}
    )
    return {
        **found,
        "files": len(manifest.files),
        "documents": len(manifest.documents),
        "bytes": manifest.bytes,
        "key": manifest.has_key,
    }


def _tell(made: making.Made) -> None:
    m = made.manifest
    console.print(f"✓ {made.folder}", markup=False, soft_wrap=True)
    console.print(f"  {m.events} 事件 events · 根 root {m.root}", soft_wrap=True, highlight=False)
    console.print(f"  {len(m.documents)} 份文件 documents（新 new {made.new_documents}）· {m.bytes} B", highlight=False)
    for zh, en in making.left_out(made):
        console.print(f"! 不在备份中 · not in it: {zh}\n  {en}", markup=False, soft_wrap=True)
    for name in m.missing:
        errors.print(
            f"✗ 台账所列文件缺失 · a document that the ledger names is missing: {name}", markup=False, soft_wrap=True
        )
    for name in m.broken:
        errors.print(
            f"✗ 文件已非原样，未备份 · a document is not what was stored: {name}", markup=False, soft_wrap=True
        )


def _say_checked(chosen: Path, manifest: Manifest, wrong: list[str], *, as_json: bool) -> None:
    if as_json:
        print_json({"folder": str(chosen), **_plain(manifest), "faults": wrong})
        return
    for line in wrong:
        errors.print(f"✗ {line}", markup=False, soft_wrap=True)
    if wrong:
        errors.print(
            f"✗ 备份不完整，未恢复 · the backup is not whole; nothing was changed: {chosen}",
            markup=False,
            soft_wrap=True,
        )
    else:
        console.print(f"✓ 备份完整 · the backup is whole: {chosen}", markup=False, soft_wrap=True)


def _say_restored(chosen: Path, found: put_back.Restored, key: Path, manifest: Manifest) -> None:
    for line in found.faults:
        errors.print(f"✗ {line}", markup=False, soft_wrap=True)
    if not found.faults:
        console.print(f"✓ 已恢复 · restored: {chosen}", markup=False, soft_wrap=True)
        console.print(
            f"✓ {found.events} 事件 events · 根已核对 root verified {found.root}", soft_wrap=True, highlight=False
        )
        console.print(f"✓ {found.documents} 份文件均已核对 · every document verified", highlight=False)
    for name in found.set_aside:
        console.print(f"→ 原有数据移到 · what was there is now in: {name}", markup=False, soft_wrap=True)
    if not found.key_at_hand:
        console.print(f"! 签名密钥不在或不是同一把，启动前请放回：{key}（公钥 {manifest.verifier}）\n"
                      f"  the key that signs is missing or another (FUNDCALL_PUBLIC_URL names it too): put it at {key} before starting",
                      markup=False, soft_wrap=True)  # fmt: skip
