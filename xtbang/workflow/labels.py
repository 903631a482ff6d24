"""Name the keys of editions and forms as Chinese sentences call them."""

from xtbang.rules.fields import CONTRACT_PARTS
from xtbang.rules.reasons import Force

PARAMETERS = {
    "investment_minimum": "科研投入总额下限",
    "term_years": "实施周期上限",
    "new_tax_minimum": "执行期新增税收下限",
    "subsidy_ratio": "市级补助比例",
    "subsidy_maximum": "市级补助上限",
    "match_ratio": "配套与市级补助的倍数",
    "county_ratio": "县市区（园区）补助与市级补助的倍数",
    "issuer_payment_ratio": "拨付前发榜方应付的比例",
    "self_managed_subsidy": "自我管理项目的市级补助上限",
    "self_managed_years": "自我管理项目的实施周期上限",
    "recovery_objective": "客观原因终止的追缴比例",
    "recovery_subjective": "主观原因终止的追缴比例",
    "notice_days": "公示期",
    "clean_years": "无不良记录的年限",
    "report_months_tracked": "跟踪管理项目的报告周期",
    "report_months_self": "自我管理项目的报告周期",
}
STAGES = {"appraisal": "论证", "roadshow": "路演", "publicity": "公示", "extension": "延期"}  # that can be left out
CHECKED_BY = {"panel": "专家组", "officers": "管理部门"}  # who makes a midterm check
EVENTS = {"contract": "合同生效", "midterm": "通过中期检查", "acceptance": "通过验收"}
CONDITIONS = {  # of an instalment
    "issuer_has_paid": "发榜方已付足",
    "voucher_present": "付款凭证已认定",
    "county_match_confirmed": "县市区（园区）已确认配套",
    "county_earlier_recorded": "县市区（园区）以前各期已拨付",
    "reports_handed_in": "到期的报告已提交",
}
FORCES = {Force.MUST: "必须", Force.PRINCIPLE: "原则上", Force.ADVICE: "优先或鼓励"}
CITED = {
    "organisation": "会签和撤销",
    "conflict": "回避",
    "entries": "项目征集",
    "demand": "需求征集",
    "supply": "供给征集",
    "matching": "发榜对接",
    "market": "常态化对接",
    "board": "重大项目发榜",
    "province": "推荐申报省级项目",
    "partners": "揭榜和合作",
    "money": "资金",
    "tracking": "过程管理",
    "acceptance": "验收",
    "examination": "评审、公示和签约",
    "property": "知识产权",
    "extension": "延期",
    "objective": "客观原因终止",
    "subjective": "主观原因终止",
    "recovery": "收回资金",
    "integrity": "诚信",
    "appraisal": "需求论证",
    "choosing": "选择揭榜方",
    "roadshow": "路演",
    "approval": "拟立项、立项及资金文件",
}
ARTICLES = {"window": "征集时间", "papers": "盖章扫描件", "unfinished": "未结题不得再申报"}
FLAGS = {
    "consortium_allowed": ("可以组成联合体揭榜", "不得组成联合体揭榜"),
    "one_project_at_a_time": ("有未结题项目的不得再申报", "有未结题项目的也可以申报"),
    "scan_required": ("提交时须上传盖章扫描件", "提交时不必上传盖章扫描件"),
}
DOCUMENTS = {
    "bid": "揭榜申请书",
    "application": "项目申报书",
    "contract": "合同书",
    "report": "执行情况报告",
    "acceptance": "验收申请书",
}
AGGREGATES = {"mean": "平均", "trimmed": "去掉最高分和最低分后平均"}
CHECKS = {
    "rd_staff_within_staff": "研究开发人员不多于职工总数",
    "investment_adds_up": "计划研发投入等于自筹与申请专项之和",
    "budget_totals": "经费来源、支出预算各自合计等于科研投入总额",
    "milestone_money": "各阶段经费合计不超过科研投入总额",
    "end_after_start": "结束日期晚于开始日期",
    "spending_adds_up": "按来源和按科目的支出合计相等",
    "shares_add_up": "各方份额合计 100%",
}
FIELD_KINDS = {
    "text": "一行文字",
    "long": "多行文字",
    "whole": "整数",
    "money": "金额（万元）",
    "percent": "百分数",
    "number": "数字",
    "date": "日期",
    "datetime": "日期和时间",
    "choice": "单选",
    "choices": "多选",
    "yes": "必须勾选的声明",
    "flag": "可以勾选的一项",
    "uscc": "统一社会信用代码",
    "document_number": "发文字号",
    "phone": "电话",
    "mobile": "手机",
    "email": "电子邮箱",
    "postcode": "邮编",
    "file": "上传的文件",
    "rows": "表格",
}
ATTRIBUTES = {  # of a field, except label, kind, choices and columns
    "required": ("改为必填", "改为选填"),
    "public": ("改为发布后公开", "改为发布后不公开"),
    "printed": ("改为印在表上", "改为不印在表上"),
    "limit": "字数上限",
    "unit": "单位",
    "note": "表上的说明",
    "hint": "页面上的提示",
    "minimum": "最小值",
    "maximum": "最大值",
    "min_rows": "最少行数",
    "max_rows": "最多行数",
    "options": "程序提供的选项",
    "computed": "自动计算",
    "profile": "取自单位资料的内容",
    "prefill": "预填的内容",
    "dropped_without": "缺了就不计这一行的列",
    "takes": "可以上传的文件",
    "contract": "印在合同书的部分",
}
CHOICES = {  # of other names in the files: what each value means
    "known_to": {"offices": "各部门", "parties": "当事各方", "everyone": "揭榜的各方", "bidder": "揭榜方自己"},
    "tone": {"done": "已完成", "stop": "终止", "wait": "等待", "muted": "淡化"},
    "opens": {
        "project": "项目",
        "seat": "评审",
        "bid": "揭榜申请",
        "notice": "公告",
        "organisation": "单位",
        "mail": "邮件",
    },
    "style": {"label": "栏目名", "value": "填写的内容", "section": "各部分的标题", "long": "长文字"},
    "profile": {
        "name": "单位名称",
        "uscc": "统一社会信用代码",
        "address": "单位地址",
        "postcode": "邮编",
        "legal_name": "法定代表人姓名",
        "legal_phone": "法定代表人电话",
        "staff": "职工总数",
        "rd_staff": "研究开发人员",
        "revenue": "销售收入总额",
        "profit_tax": "利税总额",
        "rd_spend": "年研发经费",
        "kind": "单位类别",
        "region": "县市区（园区）",
        "person.name": "联系人姓名",
        "person.title": "联系人职务",
        "person.mobile": "联系人手机",
        "person.email": "联系人电子邮箱",
    },
    "contract": CONTRACT_PARTS,
}
