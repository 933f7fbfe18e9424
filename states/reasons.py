"""The words of every refusal that is the system's own (the notice's rules stand in the call's data): clause, what was
wrong, what to do, each text in Chinese and in English. States, phases, commands, roles and fields are told in words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from states.errors import Refusal
from states.funding_call import FundingCall
from states.labels import FIELDS, MOVES, PHASES, ROLES, STATES, VALUES, Pair

_REASONS: Mapping[str, tuple[str, str, str, str, str]] = {
    "unknown_application": (
        "系统规则1（申报件）",
        "没有编号为 {application} 的申报件。",
        "There is no application {application}.",
        "请核对申报件编号。",
        "Check the application's id.",
    ),
    "unknown_call": (
        "系统规则1（申报件）",
        "没有编号为“{call}”的申报通知；已载入：{known}。",
        "There is no call {call}; loaded: {known}.",
        "请核对通知编号（--call），或在 FUNDCALL_CALLS 中列出通知文件。",
        "Check the call's id (--call), or name its file in FUNDCALL_CALLS.",
    ),
    "call_missing": (
        "系统规则1（申报件）",
        "未指明申报通知；已载入：{known}。",
        "No call was named; loaded: {known}.",
        "请指明通知编号（命令行用 --call）。",
        "Name the call (--call on the command line).",
    ),
    "call_not_loaded": (
        "系统规则1（申报件）",
        "申报件 {application} 属于申报通知“{call}”，而该通知未载入；已载入：{known}。",
        "The application {application} belongs to the call {call}, which is not loaded; loaded: {known}.",
        "请在 FUNDCALL_CALLS 中列出该通知的文件（多个文件用逗号分隔）后重试。",
        "Name the call's file in FUNDCALL_CALLS (several: separated by commas) and try again.",
    ),
    "application_exists": (
        "系统规则1（申报件）",
        "编号 {application} 已被使用。",
        "The id {application} is taken.",
        "请使用新的编号，或继续编辑已有草稿。",
        "Use a new id, or go on with the draft that exists.",
    ),
    "not_allowed_in_state": (
        "系统规则2（状态表）",
        "申报件当前为“{state}”，不能办理“{command}”。",
        "The application is in the state “{state}”; “{command}” is not possible from there.",
        "请查看当前状态，您现在可以办理：{commands}。",
        "See where it stands now; possible for you: {commands}.",
    ),
    "not_allowed_in_phase": (
        "系统规则2（状态表）",
        "申报件处于“{phase}”阶段，不能办理“{command}”。",
        "The application is in the phase “{phase}”; “{command}” is not possible there.",
        "可以办理的阶段：{phases}。",
        "It is possible in: {phases}.",
    ),
    "role_not_allowed": (
        "系统规则3（权限）",
        "{role}无权办理“{command}”。",
        "“{command}” is not for the role “{role}”.",
        "请由以下人员办理：{roles}。",
        "Ask one of: {roles}.",
    ),
    "other_unit": (
        "系统规则3（权限）",
        "该申报件不属于贵单位。",
        "This application is not your unit's.",
        "请使用申报单位的账号登录。",
        "Sign in with an account of the applying unit.",
    ),
    "own_unit": (
        "系统规则4（回避）",
        "您与申报单位为同一单位，应当回避。",
        "You belong to the applying unit and must recuse yourself.",
        "请由其他人员办理。",
        "Let somebody else take the case.",
    ),
    "same_person": (
        "系统规则5（职责分离）",
        "“{duty}”与本操作须由不同人员办理。",
        "“{duty}” and this must be done by different people.",
        "请由另一位有权人员办理。",
        "Let another authorised person do it.",
    ),
    "stale_version": (
        "系统规则6（并发）",
        "申报件已更新至版本 {changed}，您看到的是版本 {expected}。",
        "The application has moved on to version {changed}; you saw version {expected}.",
        "请刷新后核对变化，再次提交。",
        "Reload, look at what changed, and try again.",
    ),
    "command_id_reused": (
        "系统规则6（并发）",
        "请求编号 {command_id} 已用于另一项请求。",
        "The command id {command_id} was used for another request.",
        "请为新的请求使用新的编号。",
        "Use a new id for a new request.",
    ),
    "not_due": (
        "系统规则7（期限）",
        "期限 {deadline} 尚未到期或不存在。",
        "The deadline {deadline} is not due or not set.",
        "无需处理。",
        "Nothing to do.",
    ),
    "too_late": (
        "系统规则7（期限）",
        "办理期限已于{due}届满。",
        "The time for this ended at {due}.",
        "请联系经办人说明情况。",
        "Contact the officer in charge.",
    ),
    "too_early": (
        "系统规则7（期限）",
        "须待 {due} 之后办理。",
        "This cannot be done before {due}.",
        "请于期满后办理。",
        "Come back after that.",
    ),
    "suspended": (
        "系统规则8（暂停）",
        "项目已暂停，资金拨付中止。",
        "The project is suspended and its payments are held.",
        "请待恢复后办理。",
        "Wait until it is resumed.",
    ),
    "reason_missing": (
        "系统规则9（说明理由）",
        "“{field}”不能为空：决定须书面说明理由。",
        "“{field}” must not be empty: a decision states its reasons.",
        "请填写理由。",
        "Write down the reason.",
    ),
    "value_not_allowed": (
        "系统规则10（取值）",
        "“{field}”的取值 {value} 无效。",
        "{value} is not a value that “{field}” may have.",
        "允许的取值：{allowed}。",
        "Allowed: {allowed}.",
    ),
    "no_such_item": (
        "系统规则10（取值）",
        "未找到“{what}”。",
        "There is no {what}.",
        "请核对后重新选择。",
        "Check, and choose again.",
    ),
    "unknown_field": (
        "系统规则10（取值）",
        "申报书没有字段“{name}”。",
        "The form has no field “{name}”.",
        "本通知的字段：{known}。",
        "The call's fields: {known}.",
    ),
    "field_not_open": (
        "系统规则11（补正）",
        "补正只能修改补正通知书列明的事项；“{name}”未列入。",
        "A correction may change only what was named; “{name}” was not.",
        "请只修改列明的事项。",
        "Change only the items named.",
    ),
    "document_unknown": (
        "系统规则12（材料）",
        "未找到摘要为 {sha256} 的已上传文件。",
        "No uploaded document has the digest {sha256}.",
        "请先完整上传文件，再关联到申报件。",
        "Upload the document whole first, then attach it.",
    ),
    "correction_rounds": (
        "优化营商环境条例第三十六条（一次性告知）",
        "补正已达 {rounds} 次上限。",
        "The application has been returned {rounds} times, which is the most.",
        "请作出受理或不予受理的决定。",
        "Decide: take it in, or reject it.",
    ),
    "findings_undecided": (
        "系统规则13（审查）",
        "尚有未处理的审查事项：{findings}。",
        "Findings are still to be decided: {findings}.",
        "请逐项作出决定并写明理由。",
        "Decide each, with a reason.",
    ),
    "too_few_experts": (
        "系统规则14（评审）",
        "专家人数须不少于 {least} 名{odd}，现为 {count} 名。",
        "At least {least} experts are needed{odd}; there are {count}.",
        "请补充专家。",
        "Add experts.",
    ),
    "experts_alike": (
        "系统规则14（评审）",
        "专家重复，或来自同一单位。",
        "Experts are named twice or come from one unit.",
        "请更换专家。",
        "Choose others.",
    ),
    "expert_unknown": (
        "系统规则14（评审）",
        "专家 {expert} 不在专家库中，或其单位与专家库不符。",
        "The expert {expert} is not in the registry, or not with that unit.",
        "请从专家库中选择（fundcall experts list）。",
        "Choose one of the registry (fundcall experts list).",
    ),
    "expert_away": (
        "系统规则14（评审）",
        "专家 {expert} 在评审期间不能参加。",
        "The expert {expert} is away while scores are due.",
        "请更换专家。",
        "Choose another.",
    ),
    "conflict_of_interest": (
        "系统规则4（回避）",
        "专家 {expert} 与申报单位存在应当回避的关系：{ties}。",
        "The expert {expert} is bound to the applying unit: {ties}.",
        "该专家须回避，请更换专家。",
        "The expert must recuse; let another one review.",
    ),
    "draw_departed": (
        "系统规则14（评审）",
        "专家与抽取结果不一致（抽取：{drawn}；种子 {seed}）。",
        "These are not the experts drawn ({drawn}, by the seed {seed}).",
        "请按抽取结果指派，或在“理由”中写明调整理由。",
        "Name those drawn, or say under “Reason” why not.",
    ),
    "draw_malformed": (
        "系统规则14（评审）",
        "抽取结果不合规则：{what}。",
        "The draw does not keep the rules: {what}.",
        "请重新抽取（fundcall experts draw）。",
        "Draw again (fundcall experts draw).",
    ),
    "draw_outdated": (
        "系统规则14（评审）",
        "抽取所依据的专家库、申报件或回避关系与当前不一致。",
        "The experts, applications or ties that the draw rests on are not those of now.",
        "请重新抽取（fundcall experts draw）。",
        "Draw again (fundcall experts draw).",
    ),
    "not_assigned": (
        "系统规则14（评审）",
        "您未被指派评审该申报件，或任务状态不符。",
        "You are not assigned to this application, or not in that way.",
        "请联系评审管理员。",
        "Contact the review officer.",
    ),
    "scores_incomplete": (
        "系统规则14（评审）",
        "有效评分 {count} 份，至少需要 {least} 份。",
        "{count} scores are in; at least {least} are needed.",
        "请催交或更换专家。",
        "Remind or replace the missing experts.",
    ),
    "score_out_of_scale": (
        "系统规则14（评审）",
        "“{criterion}”的评分须为 0 至 {most} 的整数，且各项齐全。",
        "{criterion} takes whole points from 0 to {most}, and every criterion needs them.",
        "请更正评分。",
        "Mend the score.",
    ),
    "comment_missing": (
        "系统规则14（评审）",
        "“{criterion}”的评分须附评语。",
        "The points for {criterion} need a comment.",
        "请补充该项评语。",
        "Add a comment on that criterion.",
    ),
    "panel_required": (
        "系统规则14（评审）",
        "专家评分最大相差 {spread}，超过 {most}，须经会议评审。",
        "The experts' scores lie {spread} apart, more than {most}: a panel must meet.",
        "请就现有评分召开会议评审并登记纪要。",
        "Hold a panel on the scores as they stand and record it.",
    ),
    "proposal_missing": (
        "系统规则15（审批）",
        "没有可供确认或撤回的建议：应先“{commands}”。",
        "Nothing to confirm or take back: first comes “{commands}”.",
        "请先由经办人提出。",
        "It has to be proposed first.",
    ),
    "objection_open": (
        "系统规则15（审批）",
        "公示期异议尚未处理完毕，或异议成立。",
        "An objection is still open, or was upheld.",
        "请先处理异议。",
        "Decide the objections first.",
    ),
    "objector_unnamed": (
        "公示规则（实名提出异议）",
        "异议须以实名提出：须写明真实姓名或单位名称、联系地址和电子邮箱，匿名的不予受理。",
        "An objection needs a real name (a person's or a unit's), an address and a mailbox; anonymous ones are not taken.",
        "请写明真实姓名或单位名称、联系地址和电子邮箱后，在公示期内重新提出；异议人信息依法保密。",
        "Give your name, address and e-mail address and object again while the notice runs; who objects is kept secret.",
    ),
    "amount_not_allowed": (
        "系统规则16（资金）",
        "金额 {amount} 超出允许范围：{allowed}。",
        "The amount {amount} is outside what is allowed: {allowed}.",
        "请核对金额。",
        "Check the amount.",
    ),
    "envelope_exceeded": (
        "系统规则16（资金）",
        "建议金额 {amount} 超出资金余额 {left}（总额 {envelope}，其他申报件已占用 {bound}）。",
        "The amount {amount} is more than the {left} left (envelope {envelope}, bound by others {bound}).",
        "请降低金额、调整其他建议，或提议调整资金总额。",
        "Propose less, change other proposals, or have the envelope changed.",
    ),
    "quota_exceeded": (
        "系统规则16（资金）",
        "方向“{direction}”的{quota}为 {most}，其他申报件已占用 {taken}，本件需 {asked}。",
        "The direction “{direction}” may have {most} ({quota}); others have {taken} and this asks for {asked}.",
        "请调整该方向的建议，或提议调整配额。",
        "Change proposals of that direction, or have the quota changed.",
    ),
    "already_paid": (
        "系统规则16（资金）",
        "第 {instalment} 期已登记拨付。",
        "Instalment {instalment} has been recorded already.",
        "请勿重复登记。",
        "Do not record it twice.",
    ),
    "instalment_above_share": (
        "系统规则16（资金）",
        "第 {instalment} 期金额 {amount} 超过通知规定的拨付比例（允许：{allowed}）。",
        "Instalment {instalment} of {amount} is above the share that the call allows ({allowed}).",
        "请按规定比例调整分期。",
        "Divide the grant by the shares of the call.",
    ),
    "indicator_not_kept": (
        "项目协议规则",
        "考核指标“{name}”为 {promised}，应不低于申报书所列的 {filed}，且不超过 {limit}。",
        "The indicator “{name_en}” of {promised} is to be no less than the {filed} of the application, and {limit} at most.",
        "请按申报书所列或更高的数值填写；留空即按申报书所列。",
        "Give what the application says, or more; left out it is as the application says.",
    ),
    "milestone_open": (
        "系统规则16（资金）",
        "该期资金须待里程碑 {milestone}“{title}”经确认后拨付。",
        "The instalment waits for milestone {milestone}, {title}, which is not confirmed.",
        "请先确认里程碑。",
        "Confirm the milestone first.",
    ),
    "already_evaluated": (
        "系统规则18（验收）",
        "该项目已作绩效评价。",
        "The project has been evaluated already.",
        "如需更正，请按规定另行记录。",
        "A correction is recorded on its own.",
    ),
    "proposal_waits": (
        "系统规则15（审批）",
        "另有一项建议尚待确认。",
        "Another proposal waits to be confirmed.",
        "请先确认或撤回该建议。",
        "Confirm it, or take it back, first.",
    ),
    "credit_without_ground": (
        "系统规则21（信用）",
        "该申报件的结果不构成“{kind}”类信用记录的依据；现有依据：{kinds}。",
        "What became of the application is no ground for an entry “{kind}”; there is: {kinds}.",
        "请核对类型；决定生效后方可登记。",
        "Check the kind; an entry follows a final decision.",
    ),
    "credit_in_force": (
        "系统规则21（信用）",
        "该单位已因同一事由登记信用记录，且仍在有效期内。",
        "The unit has an entry in force for the same ground.",
        "请勿重复登记。",
        "Do not enter it twice.",
    ),
    "not_the_proposer": (
        "系统规则5（职责分离）",
        "只有提出建议者本人或审批人员可以撤回建议。",
        "Only who made the proposal, or an approving officer, may take it back.",
        "请由提出者或审批人员办理。",
        "Ask whoever made it, or an approving officer.",
    ),
    "period_not_well_formed": (
        "申报通知",
        "起始日期须早于结束日期。",
        "The first day must come before the last.",
        "请更正日期。",
        "Mend the dates.",
    ),
    "extension_too_long": (
        "系统规则17（延期）",
        "延期一次不超过 {months} 个月，且至多 {times} 次。",
        "An extension is at most {months} months, and there are at most {times}.",
        "请调整申请。",
        "Ask for less.",
    ),
    "already_rectified": (
        "系统规则18（验收）",
        "整改以一次为限。",
        "Faults may be rectified once only.",
        "请作出验收结论。",
        "Decide the outcome.",
    ),
    "payment_outstanding": (
        "系统规则16（资金）",
        "尚有 {amount} 未拨付或未确认。",
        "{amount} is still to be paid or confirmed.",
        "请先完成拨付与确认，再办理结项。",
        "Pay and confirm it before closing.",
    ),
    "payment_unconfirmed": (
        "系统规则16（资金）",
        "有已登记而未确认的拨付 {amount}，应退回的金额尚不能确定。",
        "A payment of {amount} is recorded and not confirmed: how much is to be paid back is not known yet.",
        "请先确认或作废该笔拨付。",
        "Confirm that payment, or void it, first.",
    ),
    "recovery_open": (
        "系统规则16（资金）",
        "尚有应退回资金 {amount} 未退回。",
        "{amount} is still to be paid back.",
        "请待资金到账并登记后，再确认追回完毕。",
        "Record what comes in; confirm when all of it is there.",
    ),
    "nothing_to_recover": (
        "系统规则16（资金）",
        "该项目没有应退回的资金，无需确认追回。",
        "Nothing was asked back from this project, so there is nothing to confirm.",
        "无需办理；到期后系统自动归档。",
        "There is nothing to do; the case is archived when its time comes.",
    ),
    "money_paid": (
        "系统规则16（资金）",
        "已登记拨付 {amount}，不能再放弃立项。",
        "A payment of {amount} is recorded; the award can no longer be waived.",
        "请与经办人联系：资金未到账的，先撤销该笔登记；已到账的，按终止办理。",
        "Ask the officer in charge to void it where no money has gone out, or else to end the project.",
    ),
    "already_done": (
        "系统规则2（状态表）",
        "“{command}”已经完成。",
        "“{command}” has been done.",
        "无需重复办理。",
        "Nothing to do.",
    ),
    "place_taken": (
        "申报通知",
        "该单位已有其他在办申报件：{others}。",
        "The unit has another live application meanwhile: {others}.",
        "请先结束其中一件。",
        "End one of them first.",
    ),
    "not_longer": (
        "系统规则20（申报窗口）",
        "新的截止时间须晚于现在（{now}），并晚于现行截止时间（{closes}）。",
        "The new close must lie ahead (it is {now}) and after the one in force ({closes}).",
        "请填写更晚的时间。",
        "Give a later instant.",
    ),
    "close_past_execution": (
        "系统规则20（申报窗口）",
        "新的截止时间须早于本通知规定的最晚完成日期（{last}）。",
        "The new close must come before the last day by which projects have to be completed ({last}).",
        "请核对年份后重新填写。",
        "Check the year, and give an earlier instant.",
    ),
    "calendar_missing": (
        "系统规则19（工作日历）",
        "{year} 年的工作日历尚未公布，无法计算期限。",
        "The working calendar of {year} is not published; the deadline cannot be computed.",
        "请经办部门办理“调整工作日历”，一次填入该年全部放假日（含1月1日）与调休上班日，或由管理员更新本系统，然后重试。",
        "Ask the office to amend the call's working days with all of that year's days off (1 January among them) and days worked, or to update this system; then try again.",
    ),
}


_CALLED: Mapping[str, Mapping[str, Pair]] = {
    "state": STATES,
    "phase": {**PHASES, "": ("无", "none")},
    "command": MOVES,
    "role": ROLES,
    "field": FIELDS,
    "kind": {one.value: (one.zh, one.en) for one in VALUES["ProposeCredit.kind"]},
}
"""Where the words of a stored name stand, by the place in a text that it fills; in the plural it fills it with several."""


_PLACE = re.compile(r"\{\w+\}")


def _pair(place: str, value: Any) -> Pair:
    """What fills that place in the Chinese and in the English text."""
    one = _CALLED.get(place)
    if one is not None:
        return one.get(value, (str(value), str(value)))
    several = _CALLED.get(place.removesuffix("s")) if place.endswith("s") else None
    if several is None or isinstance(value, str):
        return str(value), str(value)
    pairs = [several.get(name, (name, name)) for name in value]
    return "、".join(zh for zh, _ in pairs) or "无", ", ".join(en for _, en in pairs) or "nothing"


def duty_of(command: str) -> dict[str, str]:
    """What `same_person` says of a command that another person has to give."""
    zh, en = MOVES[command]
    return {"duty": zh, "duty_en": en}


def in_general(code: str, call: FundingCall) -> Pair:
    """What is wrong where a refusal has that code, whatever fills its places: by a rule of the call, or by our own."""
    rule = call.rules.get(code)
    if rule is not None:
        return rule.zh, rule.en
    _, zh, en, *_ = _REASONS[code]
    return _PLACE.sub("…", zh), _PLACE.sub("…", en)


def refuse(code: str, where: str = "", clause: str = "", **values: object) -> Refusal:
    """The refusal of that code with its texts filled in. `clause` overrides the catalogue's; stored names (`state`,
    `phase`, `command`, `role`, `field`, and several of them as `commands` and so on) become words; a value whose name
    ends in _en stands in the English texts in the place of the one without.
    """
    basis, zh, en, remedy_zh, remedy_en = _REASONS[code]
    pairs = {place: _pair(place, value) for place, value in values.items()}
    chinese = {place: pair[0] for place, pair in pairs.items()}
    english = {place: pair[1] for place, pair in pairs.items()}
    english |= {place.removesuffix("_en"): text for place, text in english.items() if place.endswith("_en")}
    zh, remedy_zh = zh.format(**chinese), remedy_zh.format(**chinese)
    en, remedy_en = en.format(**english), remedy_en.format(**english)
    return Refusal(code, clause or basis, zh, en, remedy_zh, remedy_en, where)


CODES = frozenset(_REASONS)
