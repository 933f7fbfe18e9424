"""`fundcall migrate`: a whole installation from SQLite to PostgreSQL, and the rights of the role that serves there."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TimeElapsedColumn

from fundcall.audit.merkle import Tree
from fundcall.bootstrap import settings_for
from fundcall.cli.output import Data, Json, console, errors, fail, fail_as, print_json, table
from fundcall.storage.grants import NotGranted, grant
from fundcall.storage.moving import Moved, NotMoved, move
from workflow.ports import Unavailable

_migrate = typer.Typer(
    help="PostgreSQL：迁移数据，授予权限 · PostgreSQL: move there, and grant rights", no_args_is_help=True
)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(_migrate, name="migrate")


@_migrate.command("sqlite-to-postgres")
def sqlite_to_postgres(
    target: Annotated[
        str,
        typer.Argument(
            metavar="URL",
            envvar="FUNDCALL_DATABASE_URL",
            help="空的 PostgreSQL 数据库 · an empty PostgreSQL database: postgresql://user@host/database",
        ),
    ],
    source: Annotated[
        Path | None,
        typer.Option("--from", help="SQLite 文件，缺省为数据文件夹中的 · the SQLite file; default: of the data folder"),
    ] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """将整个数据库从 SQLite 复制到 PostgreSQL，两边台账根一致才保留 · Copy the whole database; kept only if both roots agree."""
    settings = settings_for(data, database_url=target)
    if not settings.postgres:
        fail("目标须为 postgresql:// 地址", "the target is an address that begins with postgresql://")
    ours = settings_for(data)
    found = source if source is not None else ours.data_dir / "fundcall.db" if ours.postgres else ours.database
    try:
        moved = _moved(found, settings.postgres)
    except (NotMoved, Unavailable) as wrong:
        fail_as(wrong, 1)
    if as_json:
        print_json({"source": str(found), "target": settings.database_name, **moved._asdict()})
        return
    table("已复制 · copied", ("表 table", "行 rows"), moved.tables.items())
    console.print(f"✓ {moved.tables['events']} 事件 events · 根 root {moved.root}", soft_wrap=True)
    console.print(
        "→ 请将 FUNDCALL_DATABASE_URL 设为该地址，数据文件夹不变 · set FUNDCALL_DATABASE_URL to that address, and keep the data folder",
        soft_wrap=True,
    )


@_migrate.command("grants")
def grants(
    role: Annotated[
        str, typer.Argument(help="供 serve 与 worker 使用的角色 · the role that serve and worker connect as")
    ],
    data: Data = None,
    as_json: Json = False,
) -> None:
    """授予服务角色所需的权限：不能改动台账，不能改动结构；以所有者身份运行 · Give the role that serves its rights: none to alter the ledger or the schema."""
    settings = settings_for(data)
    if not settings.postgres:
        fail("FUNDCALL_DATABASE_URL 须为 PostgreSQL 地址", "FUNDCALL_DATABASE_URL has to be an address of PostgreSQL")
    try:
        given = grant(settings.postgres, role)
    except NotGranted as wrong:
        fail_as(wrong, 1)
    if as_json:
        print_json({"role": role, "database": settings.database_name, "tables": given})
        return
    table(f"{role}", ("表 table", "权限 rights"), [(name, ", ".join(rights)) for name, rights in given.items()])


def _moved(source: Path, target: str) -> Moved:
    with Progress(SpinnerColumn(), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=errors,
                  transient=True, disable=not errors.is_terminal) as progress:  # fmt: skip
        task = progress.add_task("", total=None)
        return move(source, target, Tree, lambda whole, copied: progress.update(task, total=whole, advance=copied))
