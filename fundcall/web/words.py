"""How pages name states, instants, money and events."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from fundcall.web.language import N_
from states.calendar import Offset, day_and_hour, instant_of, zone
from states.clauses import of_call
from states.deadlines import half_year
from states.events import BY_COMMAND, BY_NAME, REFUSED
from states.funding_call import FundingCall
from states.labels import VALUES, Pair
from states.money import major
from states.table import ROWS

_CLAUSES = {BY_COMMAND[row.command].name: row.basis for row in ROWS}
_SHOWN = ("reason", "grounds", "clause", "comment", "summary", "deadline", "period", "outcome", "name", "rule", "verdict",
          "amount_minor", "grant_minor", "instalment", "number", "end_on", "completed_on", "detail", "text", "entry", "ended_on",
          "until", "upheld")  # fmt: skip


EVENTS: Mapping[str, str] = {
    "DraftCreated": "建立草稿", "DraftEdited": "编辑申报书", "DocumentAdded": "上传材料", "DocumentRemoved": "移除材料",
    "SecondFilingGranted": "同意申报第二项", "ApplicationSubmitted": "提交申报", "DraftLapsed": "草稿逾期失效",
    "WindowFollowed": "申报时间延长", "ErratumNoted": "通知更正", "ContactsAsked": "请确认联系人", "ContactsConfirmed": "确认联系人", "DeadlinesRescheduled": "工作日历调整，期限顺延",
    "ApplicationWithdrawn": "撤回申报", "FormatCheckClaimed": "开始形式审查", "FindingDecided": "处理审查事项",
    "FindingSeconded": "复核审查事项", "TopicReassigned": "调整支持方向", "ReturnedForCorrection": "退回补正",
    "CorrectionExtended": "延长补正期限", "ApplicationResubmitted": "补正后再次提交", "CorrectionLapsed": "逾期未补正",
    "RejectionProposed": "提议不予受理", "ApplicationRejected": "不予受理", "FormatCheckPassed": "形式审查通过",
    "FormatCheckReopened": "重新进行形式审查", "ProposalWithdrawn": "撤回建议", "AgreementReturned": "退回协议修改",
    "PaymentVoided": "作废拨付登记", "MilestoneReported": "报告里程碑", "MilestoneDecided": "里程碑审核",
    "PerformanceEvaluated": "绩效评价",
    "ReviewRequested": "申请复核", "ReviewUpheld": "复核支持申请", "ReviewDismissed": "复核维持原决定",
    "DeadlinePassed": "期限届满", "ReminderDue": "提醒", "ReviewStarted": "进入专家评审", "InvitationAccepted": "专家接受邀请",
    "InvitationDeclined": "专家谢绝邀请", "ConflictDeclared": "专家申请回避", "ExpertReplaced": "更换专家",
    "ScoreSubmitted": "专家提交评分", "ScoreReopened": "退回评分", "PanelRecorded": "评审会议记录",
    "AwardProposed": "提议立项", "DeclineProposed": "提议不予立项", "ProposalPublished": "公示", "ObjectionFiled": "提出异议",
    "ObjectionDecided": "异议处理", "ApplicationApproved": "立项", "ApplicationDeclined": "不予立项",
    "AgreementSigned": "单位签署协议", "AgreementCountersigned": "协议生效", "AwardWaived": "放弃立项",
    "AwardLapsed": "视为放弃立项", "PaymentRecorded": "登记拨付", "PaymentConfirmed": "确认拨付",
    "ExecutionStarted": "进入执行期", "ReportSubmitted": "提交进展报告", "ReportMarkedLate": "进展报告逾期",
    "ReportEscalated": "逾期报告升级", "MidTermDecided": "中期检查", "ChangeRequested": "申请变更",
    "ExtensionRequested": "申请延期", "RequestDecided": "申请批复", "SuspensionProposed": "提议暂停",
    "ProjectSuspended": "项目暂停", "ProjectResumed": "项目恢复", "ExecutionEnded": "执行期届满",
    "AcceptanceRequested": "申请验收", "AcceptanceMaterialsReturned": "退回验收材料", "RectificationRequired": "验收整改",
    "OutcomeProposed": "提议验收结论", "ApplicationClosed": "结项", "AcceptanceMarkedOverdue": "逾期未验收",
    "AcceptanceEscalated": "逾期验收升级", "TerminationProposed": "拟终止", "RevocationProposed": "拟撤销",
    "DefenceSubmitted": "陈述申辩", "ApplicationTerminated": "终止", "ApplicationRevoked": "撤销立项",
    "RecoveryRecorded": "登记退回资金", "RecoveryClosed": "资金追回完毕", "ApplicationArchived": "归档",
    "CreditProposed": "提议登记信用记录", "CreditEntered": "登记信用记录", "CreditObjectionFiled": "对信用记录提出异议",
    "CreditObjectionDecided": "信用记录异议处理", "CreditRepairProposed": "提议信用修复", "CreditRepaired": "信用修复",
    "CreditExpired": "信用记录期满",
}  # fmt: skip
MAIL_STATUSES: Mapping[str, str] = {
    "dead": N_("dead letters"),
    "queued": N_("waiting to be sent"),
    "sending": N_("being sent"),
    "held": N_("waiting for the day's mail"),
    "accepted": N_("taken by the relay"),
    "digested": N_("told in the day's mail"),
    "bounced": N_("sent back"),
    "failed": N_("refused for good"),
    "unknown": N_("may not have arrived"),
    "unaddressed": N_("no address known"),
}
"""What a notice's status means; dead letters are several of them together."""


def deadline_words(call: FundingCall, name: str) -> Pair:
    """A deadline (kind[:detail]) as the call calls it, or a reminder of one (kind[:detail]~length)."""
    armed, _, before = name.partition("~")
    kind, _, detail = armed.partition(":")
    period = call.periods.get(kind)
    zh, en = (period.zh, period.en) if period is not None else (kind, kind)
    zh, en = (f"{zh} {half_year(detail)}", f"{en} {detail}") if detail else (zh, en)
    if not before:
        return zh, en
    left_zh, left_en = Offset.parse(before).words
    return f"{zh}（提前{left_zh}提醒）", f"{en} (reminder {left_en} before)"


def money(minor: int, currency: str) -> str:
    """An amount in minor units, written out."""
    return f"{major(minor)} {currency}"


def describe(event_type: str, data: Mapping[str, Any], call: FundingCall) -> dict[str, object]:
    """An event in words, by as much of its data as the reader may see: its clause, what it said, and for a refusal its
    reasons.
    """
    if event_type == REFUSED:
        reasons = data["refusals"]
        return {"clause": "、".join(dict.fromkeys(r["clause"] for r in reasons)), "lines": [], "reasons": reasons,
                "command": data["command"]}  # fmt: skip
    clause = of_call(_CLAUSES.get(event_type, "{submit}"), call)
    if "deadline" in data:
        clause = call.period(data["deadline"].partition("~")[0]).basis
    command = BY_NAME[event_type].command if event_type in BY_NAME else ""
    lines = [(name, _value(command, name, data[name], call)) for name in _SHOWN if data.get(name) not in (None, "")]
    return {"clause": clause, "lines": lines, "reasons": [], "command": ""}


def _value(command: str, name: str, value: object, call: FundingCall) -> str | Pair:
    if name == "deadline":
        return deadline_words(call, str(value))
    if name == "until":
        return local_due(instant_of(str(value)), call)
    if name == "rule" and (rule := call.rules.get(str(value))) is not None:
        return rule.zh, rule.en
    if isinstance(value, bool):
        return ("是", "yes") if value else ("否", "no")
    if name.endswith("_minor") and isinstance(value, int):
        return money(value, call.currency)
    return chosen(command, name, value)


def chosen(command: str, name: str, value: object) -> str | Pair:
    """What a field of a command says: the words of a choice, or as it stands."""
    choices = VALUES.get(f"{command}.{name}") or VALUES.get(name, ())
    return next(((one.zh, one.en) for one in choices if one.value == value), str(value))


def runs(entries: Iterable[Mapping[str, Any]]) -> list[list[Mapping[str, Any]]]:
    """Edits that followed one another by the same hand and led to no mail together, everything else by itself: a form that
    saves itself leaves many.
    """
    found: list[list[Mapping[str, Any]]] = []
    for entry in entries:
        last = found[-1][-1] if found else None
        if last is not None and _hand(entry) is not None and _hand(entry) == _hand(last):
            found[-1].append(entry)
        else:
            found.append([entry])
    return found


def _hand(entry: Mapping[str, Any]) -> str | None:
    """Whose edit an entry is; None for what is no edit, or led to a mail."""
    return str(entry["event"]["actor"]) if entry["event"]["type"] == "DraftEdited" and not entry["notices"] else None


class Wall(NamedTuple):
    """The clock on a wall somewhere: its time zone, and what its time is called."""

    zone: str
    zh: str
    en: str

    def minute(self, instant: datetime) -> str:
        """An instant to the minute; the zone stands beside it."""
        return f"{instant.astimezone(zone(self.zone)):%Y-%m-%d %H:%M}"

    def due(self, due_at: datetime) -> str:
        """By when to act, as mails say it: midnight is 24:00 of the day before; the zone stands beside it."""
        return " ".join(map(str, day_and_hour(due_at, self.zone)))

    def named(self, told: str) -> Pair:
        """A time that was told by it, with the zone."""
        return f"{told} {self.zh}", f"{told} {self.en}"


SHANGHAI = Wall("Asia/Shanghai", "北京时间 Asia/Shanghai", "Asia/Shanghai time")
"""Where what is of no one call is told."""


def wall_of(call: FundingCall | None) -> Wall:
    """The clock of a call's place."""
    if call is None:
        return SHANGHAI
    return Wall(call.timezone, f"{call.timezone_zh} {call.timezone}", f"{call.timezone} time")


def on_wall(instant: datetime, call: FundingCall | None) -> Pair:
    """An instant on the wall of a call's place, to the minute, with the zone: as its forms ask for it."""
    wall = wall_of(call)
    return wall.named(wall.minute(instant))


def local_time(instant: datetime, call: FundingCall | None) -> Pair:
    """The same to the second."""
    wall = wall_of(call)
    return wall.named(f"{instant.astimezone(zone(wall.zone)):%Y-%m-%d %H:%M:%S}")


def local_micro(instant: datetime, call: FundingCall | None) -> Pair:
    """The same to the microsecond, where that decides."""
    wall = wall_of(call)
    return wall.named(f"{instant.astimezone(zone(wall.zone)):%Y-%m-%d %H:%M:%S.%f}")


def local_due(due_at: datetime, call: FundingCall | None) -> Pair:
    """By when to act on the call's wall, with the zone."""
    wall = wall_of(call)
    return wall.named(wall.due(due_at))


def size(size_bytes: int) -> str:
    """A size as people say it; small ones in kB."""
    return f"{size_bytes / 2**20:.1f} MB" if size_bytes >= 2**20 else f"{max(1, round(size_bytes / 1024))} kB"


LEFT = (N_("%d d"), N_("%d h"), N_("%d min"), N_("%s left"), N_("%s ago"))
"""Days, hours, minutes; before and after."""
SECOND = N_("%d s")
"""What a countdown by script adds at its end."""


def time_left(due: datetime, now: datetime, say: Callable[[str], str]) -> str:
    """How long it is until an instant, or since, in days, hours and minutes. static/clock.js tells it the same way."""
    days, hours, least, ahead, past = map(say, LEFT)
    minutes = int(abs((due - now).total_seconds())) // 60
    parts = ((minutes // 1440, days), (minutes // 60 % 24, hours), (minutes % 60, least))
    told = " ".join(text % number for number, text in parts if number or text == least)
    return (ahead if due > now else past) % told
