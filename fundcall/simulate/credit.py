"""What a simulated project that ended badly leaves in its unit's credit record."""

from __future__ import annotations

from datetime import datetime

from fundcall.simulate.case import Case, Part
from states.actor import Role
from states.calendar import local_day
from states.commands.credit import (
    DecideCreditObjection,
    EnterCredit,
    ObjectToCredit,
    ProposeCredit,
    ProposeCreditRepair,
    RepairCredit,
)

_APPROVE = Role.APPROVING_OFFICER


def credited(case: Case, kind: str, clause: str, decided: datetime, at: datetime) -> Part:
    """Two officers make an entry for an act that ended when it was decided on; some units object, some make good."""
    grounds = {"revocation": "重复获得财政资金", "termination": "未按协议执行，经通知拒不整改"}[kind]
    ended_on = local_day(decided, case.call.timezone)
    entry = ProposeCredit(kind=kind, clause=clause, grounds=grounds, ended_on=ended_on)
    yield from case.do(at, case.officer(_APPROVE), entry)
    entered = case.later(at, 1, 3)
    yield from case.do(entered, case.officer(_APPROVE, 1), EnterCredit())
    fate = case.profile.n % 5
    if fate in (0, 4):
        objected = case.later(entered, 3, 10)
        yield from case.do(objected, case.applicant, ObjectToCredit(entry=1, grounds="延误由合作单位造成"))
        upheld = fate == 4
        reason = "经核实，情况属实" if upheld else "不影响责任认定"
        decision = DecideCreditObjection(entry=1, upheld=upheld, reason=reason)
        yield from case.do(case.later(objected, 1, 3), case.officer(_APPROVE, 2), decision)
    elif fate == 1:
        mended = case.later(entered, 400, 500)
        repair = ProposeCreditRepair(entry=1, reason="已退回全部资金并完成内部整改")
        yield from case.do(mended, case.officer(_APPROVE), repair)
        yield from case.do(case.later(mended, 1, 3), case.officer(_APPROVE, 1), RepairCredit())
