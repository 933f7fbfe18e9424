"""Every address that is answered and who may ask for it, as a page made from the application, never by hand."""

from __future__ import annotations

import tempfile
from pathlib import Path

from fundcall.accounts.people import Account
from fundcall.bootstrap import install, open_system, settings_for, web
from fundcall.web.policy import Door, Policy, Route, inventory
from workflow.visible import READERS

_DOORS: dict[Door, str] = {
    Door.OPEN: "任何人 · anybody",
    Door.GUEST: "已登录（密码） · whoever gave a password",
    Door.INSIDE: "已登录（含第二因素） · whoever is wholly signed in",
    Door.KEY: "持接口密钥的程序 · a program with a key",
    Door.WATCH: "本机程序，或审计、系统管理密钥 · a program on this machine, or an auditor's or administrator's key",
}
_HEAD = """# 网址与权限 · Every address, and who may ask for it

Made from the application by `fundcall routes --out docs/routes.md`; a test holds it to that, and others ask for every address
as everybody: with the application of one's own unit, of another, and of none. An address without a policy keeps the
server from starting. No role named: every role. What a role may see of an application is in `workflow/visible.py`. `/demo/{key}` exists
in demo data alone.
"""


def routes() -> list[Route]:
    """Every address of an installation, the demo's too."""
    with tempfile.TemporaryDirectory(prefix="fundcall-routes-") as folder:
        settings = settings_for(Path(folder), database_url="", calls="")
        install(settings)
        system = open_system(settings)
        try:
            return inventory(web(system, demo={"": Account("", "", "")}).app)
        finally:
            system.close()


def page(found: list[Route]) -> str:
    """The list as Markdown, a section a door."""
    parts = [_HEAD]
    for door, words in _DOORS.items():
        lines = list(dict.fromkeys(_line(one) for one in found if one.policy.door is door))
        if lines:
            table = "\n".join(["| 方法 method | 网址 address | 角色 roles |", "|---|---|---|", *lines])
            parts.append(f"## {words}\n\n{table}\n")
    return "\n".join(parts)


def _line(route: Route) -> str:
    """A line of the table. The addresses of the commands are one: who may give which is the table of moves' to say."""
    path, command, _ = route.path.partition("/commands/")
    told = f"`{path}{command}{{command}}` | by the table: [permissions.md](permissions.md)" if command else ""
    return f"| {route.method} | {told or f'`{path}` | {_roles(route.policy)}'} |"


def _roles(policy: Policy) -> str:
    if policy.roles >= READERS:
        rest = sorted(policy.roles - READERS)
        return ", ".join(["officers, auditor", *rest])
    return ", ".join(sorted(policy.roles))
