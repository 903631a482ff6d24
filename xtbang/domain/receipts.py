"""The receipt (回执) of whatever a party hands in: number, time, what was handed in, its digest, what comes next."""

from xtbang.actions.context import Context
from xtbang.actions.issue import issue
from xtbang.domain.bids import in_shanghai
from xtbang.models import DocumentVersion, Organisation, StoredFile
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
    return _give(context, form, "填报内容", version.sha256, version.number, subject, owner_id)


def give_receipt_of_file(context: Context, file_id: int, form: str, subject: str) -> str:
    """Issue the receipt of what is handed in with a file instead of a document, and return what its mail says."""
    digest = context.session.get_one(StoredFile, file_id).sha256
    return _give(context, form, "所附文件", digest, 0, subject, context.actor.organisation_id)


def _give(
    context: Context, form: str, digest_of: str, digest: str, version: int, subject: str, owner_id: int | None
) -> str:
    project = context.project
    kind = context.policy.actions[context.trigger].hands_in
    organisation = context.session.get_one(Organisation, context.actor.organisation_id or project.issuer_id)
    facts = {
        "number": project.number,
        "title": project.title,
        "submitter": organisation.name,
        "uscc": organisation.uscc,
        "call": project.call.title,
        "submitted_at": context.received_at.astimezone(SHANGHAI).isoformat(timespec="seconds"),
        "version": version,
        "digest_of": digest_of,
        "digest": digest,
        "form": form,
        "next": what_follows(context, project, context.trigger),
    }
    title = TITLES.get(kind, "收件回执")
    paper = issue(context, "receipt", title, facts, subject=subject, version=version or 1, owner_id=owner_id)
    return _words(context, facts, title, paper.code)


def _words(context: Context, facts: Facts, title: str, code: str) -> str:
    which = f"（第 {facts['version']} 版）" if facts["version"] else ""
    return (
        f"{title}：{facts['submitter']}提交的{facts['form']}{which}，项目编号 {facts['number']}，"
        f"已于{in_shanghai(context.received_at)}收到。回执校验码 {code}，数据摘要（SHA-256）{facts['digest']}。{facts['next']}"
    )
