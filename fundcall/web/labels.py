"""What forms and pages call the commands, their fields and the values of these, in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping

from states.funding_call import Choice

Pair = tuple[str, str]

MOVES: Mapping[str, Pair] = {
    "CreateDraft": ("建立草稿", "Open a draft"),
    "EditDraft": ("填写申报书", "Fill in the form"),
    "AddDocument": ("上传材料", "Attach a document"),
    "RemoveDocument": ("移除材料", "Remove a document"),
    "GrantSecondFiling": ("同意申报第二个项目", "Allow a second filing"),
    "SubmitApplication": ("提交申报", "Submit"),
    "WithdrawApplication": ("撤回申报", "Withdraw"),
    "ClaimFormatCheck": ("受领形式审查", "Take on the format check"),
    "DecideFinding": ("处理审查事项", "Decide a finding"),
    "SecondFinding": ("复核审查事项", "Second an override"),
    "ReassignTopic": ("调整支持方向", "Move to another topic"),
    "ReturnForCorrection": ("退回补正（一次性告知）", "Return for correction"),
    "ExtendCorrection": ("延长补正期限", "Extend the correction period"),
    "ResubmitApplication": ("补正后再次提交", "Submit the corrected application"),
    "ProposeRejection": ("提议不予受理", "Propose rejection"),
    "RejectApplication": ("确认不予受理", "Confirm the rejection"),
    "PassFormatCheck": ("形式审查通过", "Pass the format check"),
    "ReopenFormatCheck": ("重新进行形式审查", "Reopen the format check"),
    "RequestReview": ("申请复核", "Ask for a review of the decision"),
    "UpholdReview": ("复核支持申请", "Find for the unit"),
    "DismissReview": ("复核维持原决定", "Let the decision stand"),
    "StartReview": ("开始专家评审", "Start expert review"),
    "AcceptInvitation": ("接受评审邀请", "Accept the invitation"),
    "DeclineInvitation": ("谢绝评审邀请", "Decline the invitation"),
    "DeclareConflict": ("申请回避", "Declare a conflict of interest"),
    "ReplaceExpert": ("更换专家", "Replace an expert"),
    "SubmitScore": ("提交评分", "Submit the score"),
    "ReopenScore": ("退回评分", "Give a score back"),
    "RecordPanel": ("登记评审会议", "Record the panel"),
    "ProposeAward": ("提议立项", "Propose an award"),
    "ProposeDecline": ("提议不予立项", "Propose not to fund"),
    "WithdrawProposal": ("撤回建议", "Take the proposal back"),
    "PublishProposal": ("公示", "Publish the proposal"),
    "FileObjection": ("提出异议", "Object"),
    "DecideObjection": ("处理异议", "Decide an objection"),
    "ApproveApplication": ("立项", "Approve"),
    "DeclineApplication": ("不予立项", "Decline"),
    "ConfirmContacts": ("确认联系人", "Confirm contacts"),
    "SignAgreement": ("签署项目协议", "Sign the agreement"),
    "ReturnAgreement": ("退回协议修改", "Return the agreement"),
    "CountersignAgreement": ("主管部门签署协议", "Countersign the agreement"),
    "WaiveAward": ("放弃立项", "Give the award up"),
    "RecordPayment": ("登记拨付", "Record a payment"),
    "ConfirmPayment": ("确认拨付", "Confirm a payment"),
    "VoidPayment": ("作废拨付登记", "Void a payment record"),
    "ReportMilestone": ("报告里程碑", "Report a milestone"),
    "DecideMilestone": ("审核里程碑", "Decide a milestone"),
    "SubmitReport": ("提交进展报告", "Submit a progress report"),
    "DecideMidTerm": ("中期检查结论", "Decide the mid-term check"),
    "RequestChange": ("申请变更", "Ask for a change"),
    "RequestExtension": ("申请延期", "Ask for an extension"),
    "DecideRequest": ("批复申请", "Decide a request"),
    "ProposeSuspension": ("提议暂停", "Propose suspension"),
    "SuspendProject": ("确认暂停", "Confirm the suspension"),
    "ResumeProject": ("恢复项目", "Resume the project"),
    "RequestAcceptance": ("申请验收", "Ask for acceptance"),
    "ReturnAcceptanceMaterials": ("退回验收材料", "Return the acceptance materials"),
    "RequireRectification": ("要求整改", "Require rectification"),
    "ProposeOutcome": ("提议验收结论", "Propose the outcome"),
    "ConfirmOutcome": ("确认验收结论", "Confirm the outcome"),
    "EvaluatePerformance": ("绩效评价", "Evaluate performance"),
    "ProposeTermination": ("拟终止", "Propose termination"),
    "ProposeRevocation": ("拟撤销立项", "Propose revocation"),
    "SubmitDefence": ("陈述申辩", "State the unit's case"),
    "ConfirmTermination": ("确认终止", "Confirm the termination"),
    "ConfirmRevocation": ("确认撤销立项", "Confirm the revocation"),
    "RecordRecovery": ("登记退回资金", "Record money that came back"),
    "CloseRecovery": ("确认追回完毕", "Confirm that all came back"),
    "ProposeCredit": ("提议登记信用记录", "Propose a credit entry"),
    "EnterCredit": ("确认登记信用记录", "Confirm the credit entry"),
    "ObjectToCredit": ("对信用记录提出异议", "Object to a credit entry"),
    "DecideCreditObjection": ("处理信用记录异议", "Decide an objection to a credit entry"),
    "ProposeCreditRepair": ("提议信用修复", "Propose to repair the credit record"),
    "RepairCredit": ("确认信用修复", "Confirm the repair"),
}
"""What a button says, by command."""

FIELDS: Mapping[str, Pair] = {
    "achieved": ("已达成的指标", "Targets achieved"),
    "address": ("联系地址", "Address"),
    "amount_minor": ("金额", "Amount"),
    "clause": ("依据条款", "Clause"),
    "comment": ("总体意见", "Comment on the whole"),
    "comments": ("分项意见", "Comments on criteria"),
    "caused_on": ("变更原因发生日期", "Day of the cause"),
    "completed_on": ("完成日期", "Completed on"),
    "contacts": ("联系人", "Contacts"),
    "deadline": ("期限", "Deadline"),
    "detail": ("具体内容", "What exactly"),
    "due_on": ("应完成日期", "Due on"),
    "email": ("电子邮箱", "E-mail"),
    "ended_on": ("失信行为终止日", "Day on which the act ended"),
    "entry": ("信用记录", "Credit entry"),
    "end_on": ("执行期截止日", "Last day of execution"),
    "evidence": ("证明情况", "Evidence"),
    "expert": ("专家", "Expert"),
    "experts": ("专家", "Experts"),
    "field": ("涉及的字段或材料", "Field or document concerned"),
    "findings": ("评价意见", "Findings"),
    "grant_minor": ("批准金额", "Grant"),
    "granted": ("是否同意", "Granted"),
    "grounds": ("理由", "Grounds"),
    "id": ("专家账号", "Expert's account"),
    "instalment": ("第几期", "Instalment"),
    "instalments_minor": ("各期金额", "Instalments"),
    "items": ("需补正事项", "What must be mended"),
    "kind": ("类型", "Kind"),
    "milestone": ("里程碑", "Milestone"),
    "milestones": ("里程碑", "Milestones"),
    "minutes": ("会议纪要", "Minutes"),
    "name": ("名称", "Name"),
    "number": ("编号", "Number"),
    "objection": ("异议", "Objection"),
    "outcome": ("结论", "Outcome"),
    "period": ("报告期", "Period"),
    "phone": ("电话", "Telephone"),
    "points": ("评分", "Points"),
    "rating": ("等级", "Rating"),
    "reached": ("是否达到", "Reached"),
    "reason": ("理由", "Reason"),
    "recover_minor": ("应退回金额", "To be paid back"),
    "remedy": ("如何补正", "How to mend it"),
    "replacement": ("接替的专家", "In their place"),
    "request": ("申请事项", "Request"),
    "rule": ("审查事项", "Finding"),
    "seed": ("抽取种子", "Seed of the draw"),
    "start_on": ("执行期起始日", "First day of execution"),
    "subject": ("变更事项", "What is to change"),
    "summary": ("进展概要", "Summary"),
    "text": ("陈述内容", "The unit's case"),
    "title": ("标题", "Title"),
    "topic": ("支持方向", "Topic"),
    "unit": ("所在单位统一社会信用代码", "Code of the employing unit"),
    "unit_code": ("统一社会信用代码", "Unified social credit code"),
    "unit_kind": ("单位性质", "Kind of unit"),
    "unit_name": ("单位名称", "Name of the unit"),
    "until": ("有效期至", "Until"),
    "upheld": ("是否成立", "Upheld"),
    "verdict": ("处理意见", "Verdict"),
    "verified": ("核实的指标", "Targets verified"),
    "votes_against": ("反对票", "Votes against"),
    "votes_for": ("赞成票", "Votes for"),
    "waits_for": ("各期等待的里程碑（序号，0为不等待）", "Milestone that each instalment waits for (0: none)"),
}
"""What a field is called, wherever it stands."""

VALUES: Mapping[str, tuple[Choice, ...]] = {
    "verdict": (Choice("override", "予以认可", "override"), Choice("uphold", "维持该事项", "uphold")),
    "DecideMidTerm.outcome": (
        Choice("passed", "通过", "passed"),
        Choice("rectify", "整改", "rectify"),
        Choice("failed", "不通过", "failed"),
    ),
    "ProposeOutcome.outcome": (
        Choice("accepted", "验收通过", "accepted"),
        Choice("concluded", "结题", "concluded"),
        Choice("failed", "验收不通过", "failed"),
    ),
    "ProposeCredit.kind": (
        Choice("revocation", "立项被撤销", "the award was revoked"),
        Choice("termination", "因故终止", "ended for cause"),
        Choice("failure", "验收不通过", "failed at acceptance"),
        Choice("late_recovery", "逾期未退回资金", "money not paid back in time"),
    ),
    "rating": (
        Choice("excellent", "优秀", "excellent"),
        Choice("good", "良好", "good"),
        Choice("fair", "一般", "fair"),
        Choice("poor", "较差", "poor"),
    ),
}
"""Values that do not depend on the call, by field, or by command and field."""


def field_label(name: str) -> Pair:
    """What a field is called; its own name where nobody named it."""
    return FIELDS.get(name, (name, name))


def move_label(command: str) -> Pair:
    """What a command is called; in plain words of its own name where only the system or the public gives it."""
    return MOVES.get(command, (command, spelled(command)))


def spelled(name: str) -> str:
    """A stored name in plain words: ApplicationSubmitted is “application submitted”."""
    return "".join(f" {c.lower()}" if c.isupper() else c for c in name).strip()


ROLES: Mapping[str, Pair] = {
    "applicant": ("申报人", "applicant"),
    "format_officer": ("形式审查人员", "format officer"),
    "review_officer": ("评审组织人员", "review officer"),
    "approving_officer": ("审批人", "approving officer"),
    "finance_officer": ("拨付经办人", "finance officer"),
    "acceptance_officer": ("验收经办人", "acceptance officer"),
    "head": ("主管负责人", "head of the authority"),
    "expert": ("专家", "expert"),
    "auditor": ("审计人员", "auditor"),
    "administrator": ("管理员", "administrator"),
    "public": ("社会公众", "public"),
    "system": ("系统", "system"),
}
"""Roles where a table names them in both languages."""
