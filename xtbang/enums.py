"""The closed vocabularies that several layers use."""

from enum import StrEnum


class RoleName(StrEnum):
    """The roles (角色) of people."""

    APPLICANT = "applicant"
    SCIENCE = "science"
    INDUSTRY = "industry"
    THIRD = "third"
    LEADER = "leader"
    FINANCE = "finance"
    COUNTY = "county"
    EXPERT = "expert"
    AGENCY = "agency"
    AUDITOR = "auditor"
    ADMIN = "admin"


# offices that may countersign (会签); which of them a city has, the lead first, says `City.roles`
BUREAU_ROLES = ("science", "industry", "third")

PAYING_ROLES = frozenset({"finance", "county"})  # who pays, or records that money was paid or has come back

# roles and relations to a project; those of offices are named by the city (`City.role_labels`)
ROLE_LABELS = {
    "applicant": "申报单位",
    "county": "县市区（园区）",
    "expert": "评审专家",
    "agency": "第三方专业机构",
    "auditor": "纪检审计",
    "admin": "系统管理员",
    "issuer": "发榜方",
    "bidder": "揭榜方",
    "member": "联合体成员",
    "party": "发榜方或揭榜方",
    "public": "社会公众",
    "system": "系统",
}

# the tracks of a listed entry
TRACK_LABELS = {"market": "常态化对接", "funded": "重大项目"}

# states of a bid (揭榜申请)
BID_LABELS = {
    "draft": "草稿",
    "submitted": "已提交",
    "agreed": "达成意向",
    "not_chosen": "未选中",
    "withdrawn": "已撤回",
    "released": "已解除",
}

# what a panel of experts (专家组) judges; each kind has its scoring sheet
PANEL_LABELS = {
    "appraisal": "需求论证",
    "roadshow": "路演评审",
    "midterm": "中期检查",
    "acceptance": "项目验收",
    "liability": "责任论证",
}

# what a meeting (会次) is held for
MEETING_LABELS = {
    "appraisal": "论证会",
    "roadshow": "路演",
    "inspection": "考察",
    "resolution": "党组会",
    "midterm": "中期检查会",
    "acceptance": "验收会",
    "liability": "责任论证会",
}

# states of a meeting
MEETING_STATE_LABELS = {"planned": "待举行", "closed": "已结束", "cancelled": "已取消"}

# states of a voucher (付款凭证)
VOUCHER_LABELS = {
    "open": "待核验",
    "accepted": "已认定",
    "refused": "不予认定",
    "withdrawn": "已撤回",
    "false": "弄虚作假",
}

# states of an expert's seat on a panel
SEAT_LABELS = {
    "invited": "待答复",
    "accepted": "已接受",
    "declined": "已谢绝",
    "recused": "回避",
    "locked": "已提交",
    "voided": "评分作废",
}

# kinds of published notice (公告)
NOTICE_LABELS = {
    "call": "征集通知",
    "board": "榜单公告",
    "publicity": "拟立项公示",
    "award": "中榜通告",
    "termination": "终止（追回）公告",
}

# kinds of ledger line (资金台账)
LEDGER_LABELS = {
    "issuer_payment": "发榜方付款",
    "instalment": "补助资金拨付",
    "recovery_due": "应收回",
    "recovered": "已收回",
    "written_off": "核销",
    "surplus": "多缴",
    "surplus_returned": "退还多缴",
}

# why a line of the ledger is taken back (冲正)
REVERSAL_LABELS = {
    "returned": "银行退回，款项未到账",
    "mistaken": "登记有误",
    "ruled": "依复议决定或者裁判退还",
    "recomputed": "按实际拨付重新计算",
    "revoked": "决定已撤销",
}

# who is responsible for a failure
RESPONSIBLE_LABELS = {"issuer": "发榜方", "bidder": "揭榜方", "both": "双方"}

# sources of money
SOURCE_LABELS = {"issuer": "发榜方", "city": "市级财政", "county": "县市区（园区）财政"}

# the findings that a project's page shows among opinions and inspections, by their kind
FINDING_LABELS = {
    "opinion": "本局意见",
    "inspection": "考察情况",
    "resolution": "党组会决议",
    "satisfaction": "发榜方满意度",
    "audit": "审计",
    "in_force": "合同生效",
    "accepted": "通过验收",
    "liability": "责任",
}

# the state of a call for entries
CALL_STATE_LABELS = {
    "draft": "未发布",
    "cancelled": "已取消",
    "coming": "未开始",
    "open": "征集中",
    "closed": "已截止",
}

# what became of a project in a batch, in the order of its page
BATCH_ITEM_LABELS = {"refused": "没有办成", "again": "须再办一次", "waiting": "没有办到", "done": "已办理"}

# tables of past projects
IMPORT_LABELS = {
    "open": "待会签",
    "waiting": "正在导入",
    "done": "已导入",
    "refused": "没有导入",
    "withdrawn": "已撤回",
}

# background jobs
JOB_LABELS = {
    "reminders": "写到期提醒",
    "retention": "清除期满的个人信息",
    "backup": "数据备份",
    "check_chains": "核验操作记录",
    "read_scan": "补读扫描件",
    "batch": "批量办理",
    "case_files": "导出案卷",
    "list_file": "导出表格",
    "import": "导入历年项目",
    "statistics": "统计大批次",
}

# what may happen to a registered organisation
INHERITED = (
    "inherited"  # a kind of change that is none: a former name of the predecessor, by which a successor is found
)
CHANGE_LABELS = {
    "rename": "更名",
    "code": "更换统一社会信用代码",
    "move": "迁移登记地",
    "correction": "更正登记错误",
    "dissolution": "注销",
    "revival": "撤销注销登记",
    "merger": "合并",
    "division": "分立",
    "taking_back": "撤销承继登记",
}
SUCCESSIONS = ("merger", "division")  # kinds by which another organisation takes over, see people/succession.py
TAKING_BACK = "taking_back"  # of a merger or division that was recorded by mistake, see people/succession_back.py
CHANGES_BY_TWO = (*SUCCESSIONS, TAKING_BACK)  # one person of the lead office asks, another one of the bureaus confirms

ORG_KINDS = ("企业", "高校", "科研院所", "新型研发机构", "事业单位", "科技服务机构", "创新平台")
EXPERT_KINDS = ("技术", "财务", "法律")
KIND_LABELS = {
    "tech_demand": "技术需求",
    "tech_supply": "技术供给",
    "scene_demand": "应用场景需求",
    "scene_supply": "应用场景（成果）供给",
}

# what the audit trail records besides actions, and the streams that its events belong to
EVENT_NAMES = {
    "register": "注册单位",
    "confirm_organisation": "确认单位",
    "refuse_organisation": "不予确认单位",
    "withdraw_confirmation": "撤回单位确认",
    "edit_organisation": "修改单位资料",
    "ask_change": "申请单位变更",
    "refuse_change": "不予确认单位变更",
    **{f"change_{kind}": f"单位变更：{name}" for kind, name in CHANGE_LABELS.items()},
    "succeed": "由另一单位承继",
    "ask_succession": "提出承继登记",
    "ask_taking_back": "提出撤销承继登记",
    "add_person": "添加人员",
    "edit_person": "修改人员",
    "appoint_deputy": "指定代办",
    "end_deputy": "结束代办",
    "hand_over": "离岗交接",
    "take_over": "接手工作",
    "sign_in": "登录",
    "sign_in_refused": "登录被拒绝",
    "sign_in_locked": "登录失败过多，暂停登录",
    "sign_in_slowed": "登录失败过多，放慢登录",
    "end_sign_in": "退出一台设备",
    "end_sign_ins": "退出全部设备",
    "ask_password_reset": "申请重设密码",
    "reset_password": "通过邮件重设密码",
    "ask_email_change": "申请更换登录邮箱",
    "change_email": "更换登录邮箱",
    "set_second_factor": "启用登录验证码",
    "drop_second_factor": "停用登录验证码",
    "renew_recovery_codes": "重新生成恢复码",
    "use_recovery_code": "使用恢复码",
    "reset_second_factor": "解除登录验证码",
    "open_calendar_address": "启用日历订阅地址",
    "close_calendar_address": "停用日历订阅地址",
    "export_case_files": "导出案卷",
    "export_list": "导出表格",
    "erase_personal_data": "清除期满的个人信息",
    "create_call": "新建批次",
    "edit_call": "修改批次",
    "publish_call": "发布征集通知",
    "supersede_notice": "更正公告",
    "publish_shared_notice": "发布合并公告",
    "plan_meeting": "新建会次",
    "change_meeting": "修改会次",
    "close_meeting": "结束会次",
    "cancel_meeting": "取消会次",
    "sign_in_experts": "登记专家签到",
    "print_meeting_paper": "打印会次文书",
    "reorder_meeting": "调整会次顺序",
    "reorder_roadshow": "调整路演顺序",
    "draw_experts": "抽取专家",
    "invite_again": "再次邀请专家",
    "print_sheets": "打印空白评分表",
    "print_payment_sheet": "出具批次拨款审批单",
    "record_account": "登记收款账户",
    "declare_slip": "登记汇总凭证",
    "cancel_slip": "撤销汇总凭证",
    "enter_holidays": "登记放假安排",
    "confirm_holidays": "复核放假安排",
    "refuse_holidays": "不予确认放假安排",
    "withdraw_holidays": "撤回放假安排",
    "ask_budget": "登记预算变动",
    "confirm_budget": "复核预算变动",
    "refuse_budget": "不予确认预算变动",
    "withdraw_budget": "撤回预算变动",
    "create_entry": "新建申报",
    "hand_in_import": "提交导入表格",
    "sign_import": "会签导入表格",
    "refuse_import": "不予导入",
    "finish_import": "导入完成",
    "issue_statement": "出具年度资金表",
    "restrict": "限制申报",
    "tell_restriction": "出具限制申报告知书",
    "withdraw_restriction_notice": "撤回限制申报告知书",
    "serve_restriction_notice": "登记限制申报告知书送达",
    "state_on_restriction": "陈述、申辩",
    "enter_restriction_statement": "登记陈述、申辩",
    "take_back_restriction_statement": "收回陈述、申辩的登记",
    "inherit_notice": "承继告知书",
    "lift_restriction": "解除限制",
    "restore_restriction": "恢复限制",
    "correct_restriction": "更正限制期",
    "ask_restriction": "提出限制事项，待另一人确认",
    "refuse_restriction_act": "限制事项不予确认",
    "withdraw_restriction_act": "收回限制事项",
    "admit_breaks": "说明操作记录的断点",
    "retry_mail": "重发邮件",
    "retry_job": "重做后台任务",
    "cancel_job": "取消后台任务",
    "start_batch": "批量办理",
    "cancel_batch": "停止批量办理",
}
STREAM_LABELS = {
    "project": "项目",
    "organisation": "单位",
    "person": "人员",
    "call": "批次",
    "notice": "公告",
    "meeting": "会次",
    "roadshow": "路演",
    "mail": "邮件",
    "job": "后台任务",
    "account": "收款账户",
    "retention": "个人信息保存期限",
    "chain": "操作记录",
    "batch": "批量办理",
    "import": "导入",
    "slip": "汇总凭证",
    "holidays": "放假安排",
    "joint_document": "资金文件",
    "payment_sheet": "批次拨款审批单",
    "statement": "年度资金表",
}
