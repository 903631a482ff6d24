"""The receipt (回执) of whatever a party hands in: number, time, what was handed in, its digest, what comes next."""

from xtbang.actions.context import Context
from xtbang.actions.issue import issue
from xtbang.domain.bids import in_shanghai
from xtbang.models import DocumentVersion, Organisation
from xtbang.papers.facts.text import Facts
from xtbang.queries.next_step import what_follows
from xtbang.rules.dates import SHANGHAI

TITLES = {"form": "受理回执"}  # by kind of document; the others are 收件回执


def give_receipt(
    context: Context, version: DocumentVersion, form: str, subject: str = "", owner_id: int | None = None
) -> str:
    """Issue the receipt to the organisation that acts, and return what its mail says.

    ``form`` is the name of what was handed in, ``subject`` that of its paper: a newer receipt supersedes the older one.
    """
    project = context.project
    kind = context.policy.actions[context.trigger].hands_in
    organisation = context.session.get_one(Organisation, context.actor.organisation_id or project.issuer_id)
    facts = {
        "number": project.number,
        "title": project.title,
        "submitter": organisation.name,
        "uscc": organisation.uscc,
        "call": project.call.title,
        "submitted_at": context.now.astimezone(SHANGHAI).isoformat(timespec="seconds"),
        "version": version.number,
        "digest": version.sha256,
        "form": form,
        "next": what_follows(context, project, context.trigger),
    }
    title = TITLES.get(kind, "收件回执")
    paper = issue(context, "receipt", title, facts, subject=subject, version=version.number, owner_id=owner_id)
    return _words(context, facts, title, paper.code)


def _words(context: Context, facts: Facts, title: str, code: str) -> str:
    return (
        f"{title}：{facts['submitter']}提交的{facts['form']}（第 {facts['version']} 版），项目编号 {facts['number']}，"
        f"已于{in_shanghai(context.now)}收到。回执校验码 {code}，数据摘要（SHA-256）{facts['digest']}。{facts['next']}"
    )
