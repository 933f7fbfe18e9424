"""Who may do what in which state, as a page made from the table, never by hand."""

from __future__ import annotations

from states.actor import Role
from states.application import State
from states.labels import STATES
from states.programme import PROGRAMME_TABLE
from states.table import BY_MOVE, CREATE
from states.table.row import Row

_ROLES: dict[Role, str] = {
    Role.APPLICANT: "申报单位",
    Role.FORMAT_OFFICER: "形式审查",
    Role.REVIEW_OFFICER: "评审管理",
    Role.APPROVING_OFFICER: "审批",
    Role.FINANCE_OFFICER: "财务",
    Role.ACCEPTANCE_OFFICER: "验收",
    Role.HEAD: "负责人",
    Role.EXPERT: "专家",
    Role.AUDITOR: "审计",
    Role.ADMINISTRATOR: "系统管理",
    Role.SYSTEM: "系统",
    Role.PUBLIC: "公众",
}
_HEAD = f"""# 权限与状态矩阵 · Who may do what, and when

Made from the table by `fundcall call matrix --out docs/permissions.md`; a test holds it to the table, others try every
combination: what has no mark here is refused, with `role_not_allowed` or `not_allowed_in_state`, whoever asks. A ✓ opens the
guards, which may still refuse. ⧗: only what arrived before the deadline that led to this state, and waited in a queue
meanwhile, is taken; nobody is offered it. → names the state that follows; without it the application stays where it is.
`{CREATE}` makes an application (申报单位 applicant), within the window.
"""


def matrix() -> str:
    """Every state with its commands and roles, then the commands about a call as a whole, as Markdown."""
    parts = [_HEAD]
    for state in State:
        rows = [row for (source, _), row in BY_MOVE.items() if source is state]
        lines = [_line(f"`{row.command}`{_to(row, state)}", row.roles, late=state in row.late) for row in rows]
        parts.append(_section(f"{STATES[state][0]} · {state.value}", lines))
    lines = [_line(f"`{name}`", row.roles) for name, row in PROGRAMME_TABLE.items()]
    parts.append(_section("申报通知整体 · the call as a whole", lines))
    return "\n".join(parts)


def _section(title: str, lines: list[str]) -> str:
    heads = " | ".join(f"{zh}<br>{role.value}" for role, zh in _ROLES.items())
    table = [f"| 命令 command | {heads} |", "|---" * (len(_ROLES) + 1) + "|", *lines]
    return "\n".join([f"## {title}", "", *(table if lines else ["无 · none"]), ""])


def _line(name: str, roles: tuple[Role, ...], *, late: bool = False) -> str:
    return (
        f"| {name} | "
        + " | ".join("⧗" if late and role in roles else "✓" if role in roles else "" for role in _ROLES)
        + " |"
    )


def _to(row: Row, state: State) -> str:
    return f" → {row.target.value}" if row.target is not None and row.target is not state else ""


if set(_ROLES) != set(Role):
    raise TypeError("a role without a column")
