"""The sections of a project's page: those this person sees, and their names in the table of contents."""

from xtbang.queries.project_page import ProjectPage
from xtbang.web.frame.shell import policy

NAMES = {  # in the order of the page
    "facts": "基本情况",
    "bids": "揭榜申请",
    "panels": "专家评审",
    "findings": "部门意见",
    "asked_papers": "另交的材料",
    "notices": "公告",
    "contract": "合同书",
    "changes": "变更",
    "deal": "技术合同",
    "money": "资金",
    "vouchers": "付款凭证",
    "reports": "报告",
    "extensions": "延期",
    "midterms": "中期检查",
    "checks": "检查",
    "acceptance": "验收",
    "prior_notices": "告知",
    "termination": "终止",
    "form": "填报内容",
    "versions": "版本",
    "papers": "印制的文件",
    "people": "联系人",
    "events": "办理记录",
}


def sections_of(page: ProjectPage) -> dict[str, str]:
    """Return the name of every section that has something to show, in the order of the page."""
    project, sight, found = page.project, page.sight, page.found
    listed = bool(project.track) and project.state not in policy().before_bids
    contracted = page.parties or project.state == "contracting" or found.funding
    shown = {
        "facts": True,
        "bids": found.own_bids or ("bids" in sight and listed),
        "panels": found.panels or found.turns,
        "findings": found.visits,
        "asked_papers": found.asked_papers,
        "notices": found.notices,
        "contract": "contract" in sight and contracted,
        "changes": page.changes,
        "deal": found.deal,
        "money": page.money,
        "vouchers": found.vouchers,
        "reports": found.reports,
        "extensions": found.extensions,
        "midterms": found.midterms,
        "checks": found.checks,
        "acceptance": found.requests,
        "prior_notices": found.prior_notices,
        "termination": found.termination,
        "form": page.form,
        "versions": found.frozen,
        "papers": found.papers,
        "people": page.contacts,
        "events": page.events or page.steps,
    }
    named = NAMES | ({"termination": "追回资金"} if project.completed_at else {})
    return {section: name for section, name in named.items() if shown[section]}
