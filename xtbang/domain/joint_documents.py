"""The joint document (立项及资金文件) of many projects as a paper to be signed: its text, and the table of all of them with the totals."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select

from xtbang.actions import audit
from xtbang.actions.context import Context
from xtbang.actions.issue import issue
from xtbang.models import Paper
from xtbang.papers.facts.common import joint_document

NAME, TRIGGER = "joint_document", "print_joint_document"
RECORD = "record_funding_document"  # the action by which the signed document is recorded


def issue_joint_document(contexts: Sequence[Context], number: str, dated: date) -> Paper:
    """Issue the document of these projects, in that order, unless the current one says the same.

    It is a paper of its first project. It supersedes every one in force that names one of its projects.
    """
    first, projects = contexts[0], [context.project for context in contexts]
    data = joint_document(number, dated, projects, first.edition, first.policy.city)
    wanted = {project.id for project in projects}
    current = select(Paper).where(Paper.name == NAME, Paper.state == "current").order_by(Paper.id)
    for paper in first.session.scalars(current):
        if paper.data == data:
            return paper
        if wanted & {item["project"] for item in paper.data["items"]}:
            paper.state = "superseded"
    paper = issue(first, "joint_document", "立项及资金文件", data, number=number)
    said = {"paper": paper.title, "projects": [project.id for project in projects]}
    audit.append(first, f"joint_document:{paper.id}", trigger=TRIGGER, role=first.role, data=said)
    return paper
