"""`fundcall accounts`: who may sign in to the pages, and as what."""

from __future__ import annotations

from typing import Annotated

import typer

from fundcall.accounts.entrance import Entrance, new_id
from fundcall.accounts.people import Account, Post, Purpose
from fundcall.bootstrap import System
from fundcall.cli.output import Data, Json, console, fail, opened, print_json, table
from states.actor import Role
from states.mailbox import is_mailbox
from states.unit_code import normal

_accounts = typer.Typer(help="账号：开设、邀请、停用 · accounts: add, invite, disable", no_args_is_help=True)
_Email = Annotated[str, typer.Argument(help="邮箱 · the e-mail address")]
_RoleOption = Annotated[str, typer.Option("--role", help="角色 · the role")]
_Unit = Annotated[str, typer.Option("--unit", help="单位代码 · the unit's code (applicants, experts)")]
_Name = Annotated[str, typer.Option("--name", help="姓名 · the person's name")]
_Id = Annotated[str, typer.Option("--id", help="台账所用账号 · the id that the ledger knows; a new one if left out")]
_Account = Annotated[str, typer.Argument(help="账号编号 · the account's id")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(_accounts, name="accounts")


@_accounts.command("add")
def add(
    email: _Email, role: _RoleOption, unit: _Unit = "", name: _Name = "", account_id: _Id = "", data: Data = None
) -> None:
    """开设账号并显示一次性链接；已有账号则增加角色 · Open an account and print its link, this once; one that is there gets the role."""
    with opened(data) as system:
        account = _opened(system, email, role, unit, name, account_id)
        secret = Entrance(system.accounts).link(account, Purpose.INVITE, system.clock.now())
        typer.echo(f"{account.id} {system.settings.public_url.rstrip('/')}/password?link={secret}")


@_accounts.command("invite")
def invite(
    email: _Email, role: _RoleOption, unit: _Unit = "", name: _Name = "", account_id: _Id = "", data: Data = None
) -> None:
    """开设账号并寄出邀请（随下一次发信） · Open an account and have an invitation sent, with the next round of mail."""
    with opened(data) as system:
        account = _opened(system, email, role, unit, name, account_id)
        system.accounts.ask_letter(account.id, Purpose.INVITE, system.clock.now())
        typer.echo(account.id)


@_accounts.command("list")
def list_accounts(data: Data = None, as_json: Json = False) -> None:
    """列出账号 · List the accounts."""
    with opened(data) as system:
        found = system.accounts.accounts()
    if as_json:
        print_json([{"id": a.id, "email": a.email, "name": a.name, "disabled": a.disabled, "password": bool(a.password),
                     "second_factor": a.has_second, "posts": [post._asdict() for post in posts]} for a, posts in found])  # fmt: skip
        return
    table("账号 · accounts", ("编号 id", "邮箱 e-mail", "角色 roles", "第二因素 second factor", "状态 state"),
          [(a.id, a.email, "\n".join(f"{p.role} {p.unit}{' ?' if p.pending else ''}" for p in posts),
            "✓" if a.has_second else "", "停用 disabled" if a.disabled else "") for a, posts in found])  # fmt: skip


@_accounts.command("admit")
def admit(
    account: _Account,
    unit: Annotated[str, typer.Option("--unit", help="单位代码 · the unit's code")],
    data: Data = None,
) -> None:
    """同意某人代表单位 · Let somebody who asked act for a unit."""
    with opened(data) as system:
        done = system.accounts.admit(account, normal(unit), yes=True)
    if not done:
        fail(f"{account}没有待批准的单位{unit}", f"{account} does not ask to act for {unit}", 1)
    console.print("✓")


@_accounts.command("disable")
def disable(
    account: _Account,
    undo: Annotated[bool, typer.Option("--undo", help="恢复 · open it again")] = False,
    data: Data = None,
) -> None:
    """停用账号，立即结束其所有登录 · Shut an account and end its sessions at once."""
    with opened(data) as system:
        _known(system, account)
        system.accounts.set_disabled(account, disabled=not undo)
    console.print("✓")


@_accounts.command("forget-second")
def forget_second(account: _Account, data: Data = None) -> None:
    """设备遗失时取消第二因素，并结束其所有登录 · Take a lost second factor away and end the account's sessions."""
    with opened(data) as system:
        _known(system, account)
        system.accounts.set_second(account, "")
        system.accounts.end(account)
    console.print("✓")


def _known(system: System, account: str) -> None:
    if system.accounts.by_id(account) is None:
        fail(f"没有账号{account}", f"there is no account {account}", 1)


def _opened(system: System, email: str, role: str, unit: str, name: str, account_id: str) -> Account:
    """The account of that address, with that role; opened if it is not there."""
    email = email.strip().lower()
    if not is_mailbox(email):
        fail(f"邮箱有误：{email}", f"not an e-mail address: {email}")
    if role not in set(Role) - {Role.SYSTEM, Role.PUBLIC}:
        roles = ", ".join(sorted(set(Role) - {Role.SYSTEM, Role.PUBLIC}))
        fail(f"没有角色{role}", f"there is no role {role}; one of {roles}")
    if role == Role.APPLICANT and not unit:
        fail("申报人须注明单位：--unit", "an applicant acts for a unit: --unit")
    post, known = Post(Role(role), normal(unit)), system.accounts.by_email(email)
    if known is not None:
        system.accounts.grant(known.id, post)
        return known
    account = Account(account_id or new_id(), email, name)
    if not system.accounts.add(account, (post,), system.clock.now()):
        fail(f"账号{account.id}已存在，邮箱不同", f"there is an account {account.id} with another address", 1)
    return account
