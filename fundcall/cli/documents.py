"""`fundcall documents`: the findings a submission would get, before anything is submitted."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
import uuid_utils.compat as uuids

from fundcall.backup.named import named
from fundcall.bootstrap import open_examiner, settings_for
from fundcall.calls.load import load
from fundcall.calls.shape import CallFaults
from fundcall.cli.cases import actor_of
from fundcall.cli.output import Data, Json, console, fail, fail_as, opened, print_json, print_refusals, when
from fundcall.cli.whole import whole
from fundcall.documents.anchors import AnchorFault
from fundcall.documents.judge import plain
from fundcall.documents.shelf import TooLarge
from fundcall.documents.store import DocumentStore
from states.commands.filing import AddDocument
from states.funding_call import FundingCall
from workflow.handle import Rejected, Request

_PIECE = 1 << 20
_documents = typer.Typer(help="文件 · documents", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(_documents, name="documents")


@_documents.callback()
def documents() -> None:
    """文件 · Documents."""


@_documents.command("check")
def check(
    files: Annotated[list[Path], typer.Argument(help="PDF文件 · files", metavar="FILE…")],
    call: Annotated[str, typer.Option("--call", help="通知编号或文件 · a call's id or file")] = "shanghai-ai-plus-2025",
    trust: Annotated[
        Path | None,
        typer.Option(
            "--trust", help="受信证书（PEM）文件夹 · a folder of trusted certificates (default: FUNDCALL_TRUST_DIR)"
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """检查文件：格式、大小、内容与电子签章；退出码0无问题，1有问题，2用法有误 · Check documents: format, size, content, seals.

    With --json one object for one file, and a list of them, in the order given, for several.
    """
    try:
        chosen = load(call)
    except FileNotFoundError as wrong:
        fail_as(wrong)
    except (CallFaults, ValueError) as wrong:
        fail(f"通知文件有误，请用 fundcall call check 检查：{call}", f"not a call: {wrong}")
    settings = settings_for(None) if trust is None else settings_for(None, trust_dir=str(trust))
    with closing(open_examiner(settings)) as examiner:
        try:
            _regular(files)
            reports = zip(files, examiner.examine_all(files), strict=True)
            found = [{"file": _shown(file), **plain(report, chosen, _shown(file.name))} for file, report in reports]
        except OSError as wrong:
            name = _shown(wrong.filename or "")
            fail(f"无法读取文件：{name}", f"cannot be read: {name}: {wrong.strerror}")
        except AnchorFault as wrong:
            fail_as(wrong)
    if as_json:
        print_json(found[0] if len(found) == 1 else found)
    else:
        _tell(found, chosen)
    if any(report["findings"] for report in found):
        raise typer.Exit(1)


@_documents.command("add")
def add(
    application: Annotated[str, typer.Argument(help="申报件编号 · the application's id")],
    file: Annotated[Path, typer.Argument(help="PDF文件 · the file")],
    material: Annotated[str, typer.Option("--material", help="材料类别 · as which of the call's materials")],
    actor: Annotated[str, typer.Option("--actor", help="applicant:ACCOUNT@UNIT")],
    name: Annotated[
        str, typer.Option("--name", help="显示的文件名，缺省为原名 · the name shown; default: the file's")
    ] = "",
    key: Annotated[str, typer.Option("--id", help="请求编号（幂等） · idempotency key")] = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """保存并附上一份材料 · Store a document and attach it to an application."""
    who = actor_of(actor)
    with opened(data) as system:
        received_at, store = system.clock.now(), system.handler.documents
        if not isinstance(store, DocumentStore):
            fail("演示系统不接收文件", "the demo takes no documents")
        try:
            _regular([file])
            with file.open("rb") as content:
                digest = store.put(iter(lambda: content.read(_PIECE), b""))
            report = store.report(digest)
        except OSError as wrong:
            fail(f"无法读取文件：{_shown(file)}", f"cannot be read: {_shown(file)}: {wrong.strerror}")
        except TooLarge as wrong:
            fail_as(wrong, 1)
        command = AddDocument(material=material, name=name or _shown(file.name), sha256=digest)
        request = Request(key or str(uuids.uuid7()), application, "AddDocument", command, who, received_at)
        outcome = system.handler.handle(request, system.clock.now())
    if isinstance(outcome, Rejected):
        if as_json:
            print_json({"refusals": [r.plain() for r in outcome.refusals]})
        else:
            print_refusals(outcome.refusals)
        raise typer.Exit(1)
    if as_json:
        print_json({"position": outcome.event.position, "document": report.plain() if report else {}})
    else:
        console.print(f"✓ {command.name} · {digest} · 台账位置 position {outcome.event.position}", soft_wrap=True)


@_documents.command("orphans")
def orphans(
    older_than: Annotated[int, whole("--older-than", least=1, told="至少存放多少天 · at least so many days old")] = 30,
    remove: Annotated[bool, typer.Option("--remove", help="删除 · remove them")] = False,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """没有任何申报件引用的文件：列出，或加 --remove 删除 · Documents that no application names: listed, or removed."""
    with opened(data) as system:
        store = system.handler.documents
        if not isinstance(store, DocumentStore):
            fail("演示系统不存放文件", "the demo keeps no documents")
        before = system.clock.now() - timedelta(days=older_than)
        found = store.orphans(named(system.ledger, system.ledger.head()), before)
        for digest in found if remove else ():
            store.remove(digest)
    if as_json:
        print_json({"orphans": found, "removed": remove})
        return
    for digest in found:
        console.print(f"{'✗' if remove else '·'} {digest}", markup=False)
    console.print(f"{len(found)} 件 documents" + (" 已删除 removed" if remove else ""), markup=False)


def _regular(files: list[Path]) -> None:
    """Raise OSError for what is no file: a folder, or a pipe that never ends."""
    for file in files:
        if not stat.S_ISREG(file.stat().st_mode):
            raise OSError(errno.EINVAL, "not a file", str(file))


def _shown(name: str | Path) -> str:
    """A file's name as it can be written, whatever its bytes are."""
    return os.fsencode(name).decode("utf-8", "replace")


def _tell(found: list[dict[str, Any]], call: FundingCall) -> None:
    for report in found:
        console.print(f"{'✗' if report['findings'] else '✓'} {report['file']}", markup=False)
        console.print(f"  {report['sha256']} · {report['size_bytes']} B · {report['pages']} 页 pages", markup=False)
        for finding in report["findings"]:
            line = f"  {finding['code']}（{finding['severity']}）〔{finding['clause']}〕{finding['message']}"
            console.print(line, markup=False, soft_wrap=True)
        for seal in report["seals"]:
            signed = when(datetime.fromisoformat(seal["signed_at"]), call) if seal["signed_at"] else ""
            console.print(f"  印章 seal: {seal['verdict']} {seal['subject']} {signed}", markup=False)
