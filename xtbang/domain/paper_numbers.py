"""The document number (文号) of a decision: given by the bureau's office after it was signed, and correctable."""

from collections.abc import Iterator

from sqlalchemy import select

from xtbang.actions.context import Context
from xtbang.actions.issue import issue
from xtbang.actions.notify import notify, to_parties
from xtbang.actions.registry import effect, form_guard, options
from xtbang.domain.notices import number_taken
from xtbang.models import Paper
from xtbang.rules.document_number import STANDARD
from xtbang.rules.needs import reads
from xtbang.rules.reasons import Reason
from xtbang.rules.recovery import SOURCES

# papers with a document number, a blank to write on until it is known
NUMBERED = ("termination", "recovery_notice", "revocation", "prior_notice", "urging_letter")


def _numbered(context: Context) -> dict[str, Paper]:
    """Return the current papers with a document number of their own, by the key that the officer chooses."""
    if not any(row.name in NUMBERED and row.state == "current" for row in context.rows.of(Paper)):
        return {}
    query = select(Paper).where(Paper.project_id == context.project.id, Paper.name.in_(NUMBERED))
    rows = context.session.scalars(query.where(Paper.state == "current").order_by(Paper.id))
    return {f"{row.name}:{row.subject}": row for row in rows}


def _label(paper: Paper) -> str:
    about = SOURCES.get(paper.subject) or paper.data.get("decision", "")
    return f"{paper.title}（{about}）" if about else paper.title


@options
def numbered_papers(context: Context) -> dict[str, str]:
    """Return the papers with a document number of their own, each with its present one."""
    found = {}
    for key, paper in _numbered(context).items():
        number = paper.data.get("document_number", "")
        found[key] = f"{_label(paper)}：{number or '文号空白，待填写'}"
    return found


@form_guard
@reads("paper:choice number:document_number")
def document_number_free(context: Context) -> Iterator[Reason]:
    """Yield a reason when a notice in force, or another paper of any project, already has that number."""
    number, own = context.data["number"], _numbered(context).get(context.data["paper"])
    yield from number_taken(context.session, number, "number")
    query = select(Paper).where(Paper.name.in_(NUMBERED), Paper.state == "current")
    other = context.session.scalars(query.where(Paper.data["document_number"].as_string() == number).limit(1)).first()
    if other is not None:
        by = (
            f"这份{_label(own)}" if own is not None and other.id == own.id else f"项目 {other.number} 的{_label(other)}"
        )
        text = f"文号 {number} 已用于{by}，一个文号只编一份文书，请核对。"
        yield Reason("A9.number", text, STANDARD, field="number")


@effect
@reads("paper:choice number:document_number")
def record_document_number(context: Context) -> None:
    """Issue the paper again with its document number; the version with a blank or a wrong number is superseded."""
    paper, number = _numbered(context)[context.data["paper"]], context.data["number"]
    facts = paper.data | {"document_number": number}
    issue(context, paper.name, paper.title, facts, subject=paper.subject, version=paper.version + 1)
    notify(context, "record_document_number", to_parties(), paper=_label(paper), number=number)
