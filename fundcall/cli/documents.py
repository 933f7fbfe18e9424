"""`fundcall documents`: the findings a submission would get, before anything is submitted."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any

import typer

from fundcall.bootstrap import open_examiner, settings_for
from fundcall.calls.load import load
from fundcall.calls.shape import CallFaults
from fundcall.cli.output import Json, console, fail, fail_as, print_json
from fundcall.documents.anchors import AnchorFault
from fundcall.documents.judge import plain

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
        _tell(found)
    if any(report["findings"] for report in found):
        raise typer.Exit(1)


def _regular(files: list[Path]) -> None:
    """Raise OSError for what is no file: a folder, or a pipe that never ends."""
    for file in files:
        if not stat.S_ISREG(file.stat().st_mode):
            raise OSError(errno.EINVAL, "not a file", str(file))


def _shown(name: str | Path) -> str:
    """A file's name as it can be written, whatever its bytes are."""
    return os.fsencode(name).decode("utf-8", "replace")


def _tell(found: list[dict[str, Any]]) -> None:
    for report in found:
        console.print(f"{'✗' if report['findings'] else '✓'} {report['file']}", markup=False)
        console.print(f"  {report['sha256']} · {report['size_bytes']} B · {report['pages']} 页 pages", markup=False)
        for finding in report["findings"]:
            line = f"  {finding['code']}（{finding['severity']}）〔{finding['clause']}〕{finding['message']}"
            console.print(line, markup=False, soft_wrap=True)
        for seal in report["seals"]:
            console.print(f"  印章 seal: {seal['verdict']} {seal['subject']} {seal['signed_at']}", markup=False)
