"""Help on the page of a document: missing fields, the rules that apply, remarks, the next steps."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from sqlalchemy import select

from xtbang.actions.context import Context
from xtbang.domain.spending import figures, spending_reasons
from xtbang.extensions import db
from xtbang.models import Document, Project, Remark
from xtbang.queries.documents import latest
from xtbang.queries.project_rows import ProjectRows
from xtbang.rules.actor import Actor
from xtbang.rules.dates import SHANGHAI
from xtbang.rules.edition import Edition
from xtbang.rules.fields import FormDefinition
from xtbang.rules.forms import check, is_blank
from xtbang.rules.lives import Action
from xtbang.rules.money import format_percent, format_wan, plain
from xtbang.rules.reasons import Force, Reason, roots
from xtbang.rules.subsidy import amount
from xtbang.web.applicant.form_steps import steps_of
from xtbang.web.frame.filters import day, moment
from xtbang.web.frame.inputs import by_field
from xtbang.web.frame.shell import engine, policy

FORCE = {Force.PRINCIPLE: "（原则上）", Force.ADVICE: "", Force.MUST: ""}


def requirements(
    rows: ProjectRows, document: Document, definition: FormDefinition, who: Actor, action: Action
) -> dict[str, Any]:
    """Return values for the template: ``missing``, ``wrong``, ``against``, ``hints``, ``doubts``, ``rules``, ``steps`` and so on.

    ``wrong`` are the reasons about a field that is filled in; ``against`` those that are about none; ``doubts`` the hints
    about a field that is filled in.
    """
    project, edition = rows.project, policy().edition(rows.project.edition)
    missing = len(check(definition, document.draft, complete=True))
    context = engine().context(db.session, project, who, "", action, known=rows)
    reasons, hints = _asked_back(context, document, action)
    keys = {field.key for field in definition.fields}
    against = [reason for reason in reasons if reason.field.split(".")[0] not in keys]
    open_form = _form_is_open(project, document)
    returned = latest(db.session, document) if open_form else None
    return {
        "missing": missing,
        "wrong": wrong_in(document, definition, reasons),
        "against": [reason for reason in against if reason.rule != "N.scan"],
        "hints": [hint if roots([hint]) <= keys else replace(hint, field="") for hint in hints],
        "doubts": by_field(wrong_in(document, definition, hints)),
        "beside": figures(context, document) if document.kind in ("report", "acceptance") else None,
        "rules": RULES[document.kind](project, edition),
        "remarks": _remarks(returned.id) if returned else {},
        "steps": steps_of(document, missing, returned, scan=edition.scan_required) if open_form else [],
        "returned": returned.number if returned else 0,
    }


def _asked_back(context: Context, document: Document, action: Action) -> tuple[list[Reason], list[Reason]]:
    """Return what blocks handing in the draft as it is now, and the advice; of a report, which the action only chooses, too."""
    offer = engine().offer(db.session, context.project, context.actor, action.trigger, context.rows)
    reasons, hints = (list(offer.reasons), list(offer.hints)) if offer else ([], [])
    if document.kind == "report":
        for reason in spending_reasons(context, document):
            (hints if reason.force is Force.ADVICE else reasons).append(reason)
    return reasons, hints


def wrong_in(document: Document, definition: FormDefinition, reasons: Iterable[Reason]) -> list[Reason]:
    """Return the reasons beyond the form check that are about a field with something in it: a blank one is not wrong."""
    filled = {field.key for field in definition.fields if not is_blank(document.draft.get(field.key))}
    return [reason for reason in reasons if not reason.rule.startswith("F.") and reason.field.split(".")[0] in filled]


def broken_rules(rows: ProjectRows, document: Document, definition: FormDefinition, who: Actor) -> list[Reason]:
    """Return what `wrong_in` finds in the draft as it is now, when it would be handed in by this person."""
    action = policy().handed_in_by(document.kind)
    context = engine().context(db.session, rows.project, who, "", action, known=rows)
    reasons, _hints = _asked_back(context, document, action)
    return wrong_in(document, definition, reasons)


def _remarks(version_id: int) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for remark in db.session.scalars(select(Remark).where(Remark.version_id == version_id).order_by(Remark.id)):
        found.setdefault(remark.field, []).append(remark.text)
    return found


def _form_is_open(project: Project, document: Document) -> bool:
    return document.kind == "form" and project.state in policy().written_in("form")


# ---------------------------------------------------------------- the rules that apply, with the numbers of the edition


def _form_rules(project: Project, edition: Edition) -> list[str]:
    call = project.call
    until = (
        f"修改期限{day(project.correct_by)}" if project.correct_by else f"征集截止{moment(call.closes_at)}（北京时间）"
    )
    found = [f"{until}；以服务器收到的时间为准（{edition.articles['window']}）。"]
    if project.kind.endswith("_demand"):
        found += _money_rules(edition)
    return found


def _money_rules(edition: Edition) -> list[str]:
    ratio, most = edition.subsidy_ratio, edition.subsidy_maximum
    subsidy = f"市级补助不超过科研投入总额的 {format_percent(ratio.value)}，最高 {format_wan(amount(most))}（{ratio.article}）。"
    found = [
        f"科研投入总额不低于 {format_wan(amount(edition.investment_minimum))}（{edition.investment_minimum.article}）。",
        subsidy,
        f"自筹配套不低于市级补助的 {plain(edition.match_ratio.value)} 倍（{edition.match_ratio.article}）。",
        f"实施周期不超过 {plain(edition.term_years.value)} 年{FORCE[edition.term_years.force]}（{edition.term_years.article}）。",
    ]
    tax = edition.new_tax_minimum
    if tax:
        found.append(f"执行期新增税收不低于 {format_wan(amount(tax))}{FORCE[tax.force]}（{tax.article}）。")
    return found


def _bid_rules(project: Project, edition: Edition) -> list[str]:
    kinds = f"由{'、'.join(edition.bidder_kinds)}揭榜" if edition.bidder_kinds else "具备条件的法人单位均可揭榜"
    joint = (
        "可单独揭榜，也可组成联合体；联合体每个成员须用自己的账号确认" if edition.consortium_allowed else "不接受联合体"
    )
    found = [f"{kinds}，{joint}；发榜方不得参与（{edition.cite('partners')}）。"]
    if project.track == "funded" and project.bids_until:
        until = project.bids_until.astimezone(SHANGHAI)
        text = f"揭榜截止{moment(until)}；截止前揭榜申请密封，除本单位及联合体成员外任何人不能查看（{edition.cite('board')}）。"
        found.append(text)
    return found


def _application_rules(_project: Project, edition: Edition) -> list[str]:
    paid, item = edition.issuer_payment_ratio, edition.issuer_pays_before
    share = f"{format_percent(paid.value)}{FORCE[paid.force]}（{paid.article}）"
    before = [f"{item.name}拨付前，发榜方向揭榜方付款须达到总额的 {share}。"] if item and paid.value else []
    county = [
        f"县市区（园区）补助与市级补助按 1:{plain(edition.county_ratio.value)} 安排（{edition.county_ratio.article}）。"
    ]
    return [
        *_money_rules(edition),
        *(county if edition.county_ratio.value else []),
        *before,
        f"技术合同须约定知识产权的归属和分配（{edition.cite('property')}）。",
    ]


def _report_rules(_project: Project, edition: Edition) -> list[str]:
    tracked, alone = edition.report_months_tracked, edition.report_months_self
    how_often = f"{policy().city.together}跟踪管理的项目每 {tracked} 个月、自我管理的项目每 {alone} 个月报告一次"
    return [f"{how_often}（{edition.cite('tracking')}）。"]


RULES: dict[str, Any] = {
    "form": _form_rules,
    "bid": _bid_rules,
    "application": _application_rules,
    "contract": lambda _project, edition: [
        f"合同书其余内容取自申报书和规则；出具新版本后，旧版本的签章全部作废（{edition.cite('examination')}）。"
    ],
    "report": _report_rules,
    "acceptance": lambda _project, edition: [
        f"到期的执行情况报告全部提交后方可申请验收；逐项说明考核指标完成情况、经费决算和自评价（{edition.cite('acceptance')}）。"
    ],
}
