"""Everything about one application on paper, as far as a reader may see it: what `templates/pdf/dossier.typ` shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fundcall.web.words import EVENTS, deadline_words, describe, local_due, local_time, money
from states.actor import Actor
from states.application import Application
from states.calendar import instant_of, zone
from states.events import Recorded
from states.fold import fold
from states.funding_call import FundingCall
from states.labels import STATES
from workflow.visible import happened, shown, unnamed

Pair = tuple[str, str, str]
"""A label in Chinese and English, and a value."""
_PPM = 10_000


def dossier(
    actor: Actor, call: FundingCall, application: Application, history: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """The dossier as plain values; `history` is what of the application's events the actor may see."""
    seen, last = shown(actor, application, call), history[-1]
    told = {
        "call_zh": call.title_zh,
        "call_en": call.title_en,
        "authority": call.authority_zh,
        "title": application.title,
        "number": application.number or application.id,
        "state": " ".join(STATES[application.state]),
        "reader": actor.role.value,
        "position": last["position"],
        "leaf": last["leaf"],
        "recorded": local_time(instant_of(last["recorded_at"]), call)[0],
        "facts": _facts(seen, call),
        "form": [_answer(name, value, call) for name, value in seen["form"].items()],
        "documents": [
            {"name": d["name"], "material": _material(d["material"], call), "size": f"{d['size_bytes']:,}", "sha256": d["sha256"]}
            for d in seen["documents"]
        ],
        "findings": [_finding(found, seen.get("decided", {})) for found in seen.get("findings", ())],
        "corrections": [{"clause": i["clause"], "field": i["field"], "remedy": i["remedy"]} for i in seen["correction_items"]],
        "reviews": [_review(name, one, call) for name, one in seen.get("experts", {}).items()],
        "panel": _panel(seen.get("panel")),
        "payments": [_payment(one, call) for one in seen.get("payments", ())],
        "milestones": [{"title": m["title"], "due": m["due_on"], "status": m["status"], "evidence": m["evidence"]} for m in seen["milestones"]],
        "indicators": _indicators(seen, call),
        "requests": [{"kind": r["kind"], "detail": r["detail"], "until": r["end_on"] or "", "status": r["status"]} for r in seen["requests"]],
        "history": [_event(one, call) for one in history],
    }  # fmt: skip
    whole: dict[str, Any] = unnamed(actor, application, call, told)
    return whole


def upto_seen(
    actor: Actor, events: Sequence[Recorded], leaves: Sequence[bytes]
) -> tuple[Application | None, list[dict[str, Any]]]:
    """The application as its last event that the actor may see left it, and what of its events that is; nothing that
    came afterwards shows, not even that it came.
    """
    told = [happened(actor, event, leaf) for event, leaf in zip(events, leaves, strict=True)]
    seen = [one for one in told if one is not None]
    last = seen[-1]["position"] if seen else 0
    return fold(event for event in events if event.position <= last), seen


def _indicators(seen: Mapping[str, Any], call: FundingCall) -> list[dict[str, Any]]:
    """What was filed and what the latest agreement promises, of each indicator that stands in either."""
    if not seen["agreements"]:
        return []
    agreed, form = seen["agreements"][-1]["indicators"], seen["form"]
    return [
        {
            "name": f"{one.zh} {one.en}",
            "filed": str(form.get(name, "")),
            "agreed": str(agreed.get(name, form.get(name))),
        }
        for name, one in call.indicators.items()
        if name in agreed or form.get(name) is not None
    ]


def _facts(seen: Mapping[str, Any], call: FundingCall) -> list[Pair]:
    submitted = seen["submitted_at"]
    instalments = "、".join(money(part, call.currency) for part in seen["instalments_minor"])
    found = [
        ("申报件", "application", seen["id"]),
        ("申报单位", "unit", seen.get("unit_name", "")),
        ("统一社会信用代码", "unit code", seen.get("unit_code", "")),
        ("建立时间", "created", local_time(instant_of(seen["created_at"]), call)[0]),
        ("提交时间", "submitted", local_time(instant_of(submitted), call)[0] if submitted else ""),
        ("立项金额", "granted", money(seen["grant_minor"], call.currency) if seen["grant_minor"] else ""),
        ("分期", "instalments", instalments),
        ("已拨付", "paid", money(seen["paid_minor"], call.currency) if seen["paid_minor"] else ""),
        ("应退回", "to recover", money(seen["recover_minor"], call.currency) if seen["recover_minor"] else ""),
        ("已退回", "recovered", money(seen["recovered_minor"], call.currency) if seen["recovered_minor"] else ""),
        ("执行期", "execution", f"{seen['start_on']} — {seen['end_on']}" if seen["start_on"] else ""),
        ("中期检查", "mid-term check", seen["midterm"]),
        ("结项结论", "outcome", seen["outcome"]),
        ("绩效评价", "performance", seen["performance"]),
        ("期限", "deadlines", "；".join(f"{deadline_words(call, n)[0]} {local_due(instant_of(at), call)[0]}" for n, at in seen["deadlines"].items())),
        ("报告", "reports", "；".join(f"{name} {status}" for name, status in seen["reports"].items())),
    ]  # fmt: skip
    return [fact for fact in found if fact[2]]


def _answer(name: str, value: Any, call: FundingCall) -> Pair:
    """A field of the form with its label; a topic and a choice in words, an amount written out."""
    field = call.fields.get(name)
    if field is None:
        return name, "", str(value)
    if field.type == "minor" and isinstance(value, int):
        return field.zh.removesuffix("（分）"), field.en.removesuffix(" (fen)"), money(value, call.currency)
    if isinstance(value, bool):
        return field.zh, field.en, "是 yes" if value else "否 no"
    values = value if isinstance(value, (list, tuple)) else [value]
    choices = {choice.value: choice.zh for choice in field.choices}
    topics = {topic.id: topic.title_zh for topic in call.topics.values()} if name == "topic" else {}
    return field.zh, field.en, "、".join(str(topics.get(v, choices.get(v, v))) for v in values)


def _material(name: str, call: FundingCall) -> str:
    return call.materials[name].zh if name in call.materials else name


def _finding(found: Mapping[str, Any], decided: Mapping[str, Any]) -> dict[str, str]:
    verdict = decided.get(found["rule"])
    words = {"override": "核准 overridden", "uphold": "成立 upheld"}
    return {
        "clause": found["clause"],
        "zh": found["zh"],
        "en": found["en"],
        "verdict": words.get(verdict["verdict"], verdict["verdict"]) if verdict else "待处理 open",
        "reason": verdict["reason"] if verdict else "",
        "by": "、".join(filter(None, (verdict["by"], verdict["seconded_by"]))) if verdict else "",
    }


def _review(name: str, one: Mapping[str, Any], call: FundingCall) -> dict[str, str]:
    points = (f"{c.zh} {one['points'][c.id]}/{c.points_max}" for c in call.rubric if c.id in one["points"])
    total = one["total_ppm"]
    return {
        "expert": name,
        "status": one["status"],
        "points": "；".join(points),
        "total": "" if total is None else f"{total // _PPM}.{total % _PPM:04d}%",
        "comment": one["comment"],
    }


def _panel(found: Mapping[str, Any] | None) -> list[Pair]:
    if found is None:
        return []
    names = {"minutes": ("会议纪要", "minutes"), "votes_for": ("同意", "for"), "votes_against": ("不同意", "against")}
    return [(zh, en, str(found[name])) for name, (zh, en) in names.items() if name in found]


def _payment(one: Mapping[str, Any], call: FundingCall) -> dict[str, str]:
    return {
        "instalment": str(one["instalment"]),
        "amount": money(one["amount_minor"], call.currency),
        "recorded_by": one["recorded_by"],
        "confirmed_by": one["confirmed_by"] or "待确认 to be confirmed",
    }


def _event(one: Mapping[str, Any], call: FundingCall) -> dict[str, Any]:
    """An event as the timeline of the pages tells it."""
    said = describe(one["type"], one["data"], call)
    reasons = said["reasons"] if isinstance(said["reasons"], list) else []
    lines = said["lines"] if isinstance(said["lines"], list) else []
    at = instant_of(one["effective_at"]).astimezone(zone(call.timezone))
    return {
        "at": f"{at:%Y-%m-%d %H:%M:%S}",
        "what": EVENTS.get(one["type"], "申请被拒绝"),
        "type": one["type"],
        "clause": said["clause"],
        "by": " ".join(filter(None, (one["role"], one["actor"]))),
        "position": one["position"],
        "leaf": one["leaf"][:16],
        "lines": [f"{name}: {value if isinstance(value, str) else ' '.join(value)}" for name, value in lines]
        + [f"{reason['code']} 〔{reason['clause']}〕{reason['zh']} {reason['en']}" for reason in reasons],
    }
