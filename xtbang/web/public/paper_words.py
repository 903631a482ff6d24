"""Descriptions of papers for readers who know nothing else of them: what a paper is and who issues it."""

from xtbang.models import Paper
from xtbang.papers.facts.common import issuing_offices
from xtbang.papers.facts.older import facts_of
from xtbang.rules.city import City

FILLED = "{}填写，提交后由本系统登记"
# name of the paper → (description, issuer by the names of the offices if its facts do not name them)
ABOUT = {
    "form": ("单位申报“揭榜挂帅”项目时填写、提交的项目表。", FILLED.format("申报单位")),
    "receipt": ("收到所提交材料的凭证，写明编号、提交时间和内容摘要。", ""),
    "notice": ("向社会公开发布的公告。", ""),
    "agenda": ("会次（路演、论证会等）的时间、地点和项目顺序。", ""),
    "sign_in": ("会次的签到表，供专家和项目各方签名。", "{offices}打印"),
    "meeting_summary": ("会次的汇总表：每个项目的得分和结论。", "{offices}打印"),
    "meeting_minutes": ("会次的纪要：参加的专家、每个项目的结论和意见。", "{offices}打印"),
    "expert_fees": ("按签到登记的专家评审费发放表。", "{offices}打印"),
    "score_sheets": (
        "供专家组在纸上评审使用的空白评分表、评分汇总表和论证意见表：本系统只登记空白表，不登记其上手写的内容；"
        "专家组成员或路演顺序变动后，此前打印的即作废。",
        "{offices}打印",
    ),
    "panel_summary": ("专家组的评分汇总和论证意见。", "专家组作出，{lead}汇总"),
    "bid": ("单位对发榜项目提出的揭榜申请。", FILLED.format("揭榜单位")),
    "application": ("发榜方和揭榜方达成意向后，申报立项和财政补助的材料。", FILLED.format("发榜方")),
    "contract": ("发榜方、揭榜方和主管部门为项目签订的合同，各方签字盖章后生效。", "{lead}出具，由各方签订"),
    "supplement": ("变更合同内容的补充合同，各方签字盖章并登记生效后与原合同一并有效。", "{lead}出具，由各方签订"),
    "joint_document": (
        "联合下达立项和资金的文件稿，各项目的金额在附表；同一项目重新出具的，前一份即被取代。",
        "签发以后以盖章的文件为准",
    ),
    "funding": ("立项及资金文件所附的项目和金额表。", ""),
    "payment_order": ("拨付财政补助资金的审批单。", "审批拨款的部门出具"),
    "yearly_statement": (
        "一个年度各县市区（园区）、各资金来源拨付和追缴的金额；台账变动后重新出具的，前一份即被取代。",
        "财政部门出具",
    ),
    "payment_sheet": ("一批拨款的审批单，一个项目一行；某一期重新编入另一张的，前一张即被取代。", "审批拨款的部门出具"),
    "report": ("项目实施期间按期提交的执行情况报告。", FILLED.format("揭榜方")),
    "extension": ("对延长项目实施期限的申请所作的决定。", ""),
    "midterm_opinion": ("项目中期检查的结论和意见。", ""),
    "acceptance": ("项目完成后提出的验收申请。", FILLED.format("发榜方或揭榜方")),
    "acceptance_opinion": ("项目验收的结论和意见。", ""),
    "certificate": ("证明项目已经通过验收。", ""),
    "prior_notice": (
        "作出终止、追回资金、限制申报的决定以前，告知各方拟作出的决定、事实、证据、依据和陈述、申辩的权利；不是决定。",
        "",
    ),
    "restriction_notice": (
        "作出限制申报的决定以前，告知该单位拟作出的决定、事实、证据、依据和陈述、申辩的权利；不是决定。",
        "",
    ),
    "restriction": ("限制一个单位申报、揭榜和拨款的决定，写明起止日期；解除后本文书作废。", ""),
    "termination": ("终止项目，或者项目办结后追回已拨付资金的决定。", ""),
    "revocation": ("撤销已经作出的决定，写明理由、恢复到哪个环节、哪些文书作废。", ""),
    "correction": ("更正或者冲正已经办理的登记，写明原来的内容、现在的内容、理由和办理的人。", ""),
    "write_off": ("核销不能收回的财政补助资金的审批单。", "{finance}申请，{offices}审批"),
    "urging_letter": ("再次催促有关单位办理到期事项的函；不是决定。", ""),
    "recovery_notice": ("通知缴回已拨付的财政补助资金。", ""),
}


def what_it_is(paper: Paper) -> str:
    """Return a description of the paper in one sentence."""
    return ABOUT[paper.name][0]


def whose_it_is(paper: Paper, city: City) -> str:
    """Return the offices that issue the paper, or who fills it in."""
    names = {"lead": city.lead.name, "finance": city.finance.name}
    names["offices"] = "或".join(office.name for office in city.offices)
    return ABOUT[paper.name][1].format(**names) or "、".join(issuing_offices(facts_of(paper), city))
