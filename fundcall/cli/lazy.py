"""Which commands there are and where they live, so that listing them imports none, and giving one imports its own."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_group


class Listed(NamedTuple):
    """A command as the list shows it: the module of this package that registers it, and its help."""

    module: str
    help: str


COMMANDS: Mapping[str, Listed] = {
    "demo": Listed("demo", "模拟时钟上的一次完整申报：从开放到结项 · A whole call on a simulated clock, then the web on it."),
    "simulate": Listed("demo", "在临时文件夹中模拟一遍并输出结果；--crash-rate 则注入崩溃 · Simulate and print what came of it, as JSON; with crashes, too."),
    "init": Listed("running", "建立数据库 · Create the database, or bring it to the newest schema."),
    "migrate": Listed("migrate", "PostgreSQL：迁移数据，授予权限 · PostgreSQL: move there, and grant rights"),
    "serve": Listed("running", "网页、接口与期限任务 · Pages and API, with deadlines and notices beside them; on this machine only, unless told."),
    "worker": Listed("running", "只运行期限与通知任务 · Deadlines and notices only."),
    "backup": Listed("backup", "备份数据库与全部文件，运行时亦可 · Back up the database and all documents, while the system runs too."),
    "restore": Listed("backup", "核对并恢复备份，再验证台账根与每份文件 · Check a backup, put it back, and verify the root and every document."),
    "do": Listed("asking", "执行任一命令 · Give any command; a refusal says what was wrong, under which clause, and what to do."),
    "commands": Listed("asking", "列出命令、角色与状态；给出命令名则说明其字段 · The commands with role and state, or one with its fields."),
    "bulk": Listed("bulk", "批量办理：先预览每件结果，加 --yes 后办理能办的，逐件说明未办的原因 · One command for many: foreseen, then done with --yes."),
    "applications": Listed("applications", "申报件 · applications"),
    "documents": Listed("documents", "文件 · documents"),
    "precheck": Listed("intake", "预检：现在提交会发现什么，不改变任何内容 · What the rules would find if it were submitted now; changes nothing."),
    "worksheet": Listed("intake", "形式审查工作单 · The format check's worksheet: what the machine found, and what only a person can judge."),
    "receipt": Listed("intake", "申报回执 · The receipt of the latest submission, as JSON or PDF."),
    "dossier": Listed("dossier", "项目档案（PDF）：事实、材料、评审、拨付与全部经过 · Everything about one application, as PDF."),
    "attempts": Listed("intake", "被拒绝的申报尝试，例如故障期间 · Attempts to file that were refused, in an outage, say."),
    "keys": Listed("intake", "接口密钥 · keys to the API"),
    "accounts": Listed("accounts", "账号：开设、邀请、停用 · accounts: add, invite, disable"),
    "registers": Listed("registers", "外部名单（经营异常、失信等） · lists kept by others"),
    "experts": Listed("experts", "专家：名册、抽取与复核 · experts: the registry, the draw, and its verification"),
    "reviews": Listed("reviews", "评审：谁还欠评分，评分草稿 · reviews: who owes a score, and drafts of scores"),
    "board": Listed("board", "决策看板：移动分数线，看资金、配额与目标；--propose 据此提出建议 · Move the cut line, see money, quotas and targets."),
    "export": Listed("exports", "导出表格：申报件、拨付、评分、异议、目标 · Take a table out of a call."),
    "targets": Listed("targets", "计划目标的进展：已支持与已核实 · How far the call has come towards each of its targets."),
    "stats": Listed("stats", "申报进程的数字：各状态及停留时间、待办、经办人、到达 · The call in figures: states and time in them, what waits, officers, arrivals."),
    "deadlines": Listed("cases", "期限 · deadlines"),
    "notices": Listed("notices", "消息通知 · notices"),
    "call": Listed("inspect", "申报通知（数据） · calls, as data"),
    "routes": Listed("routes", "网址与权限清单 · Every address that is answered, and who may ask for it: docs/routes.md."),
    "replay": Listed("audit", "重放台账并与现状比对 · Fold the ledger anew and compare; at depth 2 every decision is taken again."),
    "audit": Listed("audit", "审计 · audit"),
    "privacy": Listed("privacy", "个人信息：查看、应请求删除、到期删除 · personal data: show, erase on request or when kept long enough"),
    "witness": Listed("witness", "为其他台账作见证：只收与上次一致的检查点，并签名 · Be a witness for other ledgers: take and cosign their checkpoints."),
}  # fmt: skip
"""Every command in the order of the list."""


class LazyGroup(TyperGroup):
    """The commands of the table, each imported when it is given."""

    _listing = False

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            return None
        return TyperCommand(cmd_name, help=COMMANDS[cmd_name].help) if self._listing else loaded(cmd_name)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        self._listing = True
        try:
            super().format_help(ctx, formatter)
        finally:
            self._listing = False


def loaded(name: str) -> Any:
    """The command itself. Raises KeyError where its module registers none of that name."""
    made = typer.Typer()
    import_module(f"fundcall.cli.{COMMANDS[name].module}").register(made)
    made.callback()(lambda: None)
    return get_group(made).commands[name]
