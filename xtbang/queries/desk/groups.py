"""The parts of the desk's statements (待办): registry, columns of an entry, shared conditions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Row,
    Select,
    and_,
    cast,
    column,
    exists,
    func,
    literal,
    null,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from xtbang.models import (
    Acceptance,
    Addressee,
    Bid,
    BidMember,
    Change,
    ChangeMember,
    Countersignature,
    DocumentVersion,
    Midterm,
    Organisation,
    Paper,
    PriorNotice,
    Project,
    Signature,
)
from xtbang.queries.prepared import MINE
from xtbang.queries.rights.visibility import OWNED
from xtbang.rules.policy import Policy

Statement = Select[*tuple[Any, ...]]
Ask = Callable[[Policy, str], Statement]

issuer = aliased(Organisation, name="issuer")
ENTRY = (
    Project.id,
    Project.number,
    Project.edition,
    Project.kind,
    Project.title,
    Project.state,
    Project.track,
    Project.region,
    Project.domain,
    Project.planned_total,
    Project.subsidy_city,
    Project.completed_at,
    Project.listed_amount.label("listed_amount"),
    Project.state_since,
    issuer.name.label("issuer"),
)


STATE, EACH, OPEN, OWN = "state", "each", "open", "own"  # by what the projects of a task are found first


def silent(_row: Row[Any]) -> str:
    """Return an empty note."""
    return ""


@dataclass(frozen=True)
class Question:
    """The statement for the rows of one ``[[task]]`` of ``workflows/lifecycle.toml``, and a note for each row."""

    ask: Ask
    note: Callable[[Row[Any]], str] = silent
    begins: str = STATE
    late: bool = False  # its rows wait since the day that they were due
    within: timedelta | None = None  # after which a row is due, where it has no date of its own


TASKS: dict[str, Question] = {}  # key of the [[task]] → its statement and note


def task(
    note: Callable[[Row[Any]], str] = silent, begins: str = STATE, late: bool = False, within: timedelta | None = None
) -> Callable[[Ask], Ask]:
    """Register a statement under the function's name, the key of its ``[[task]]``.

    Its projects are found first by their ``STATE``, by a few ``OPEN`` rows that the statement names, or as the reader's ``OWN``:
    of three indexes the one with the fewest rows, which SQLite does not know. ``EACH`` of several states by itself, where most
    of the many projects in them meet the conditions: each is read in the order of its index until enough are found.
    With ``late`` a row waits since the day it was due; with ``within`` it is due so long after it began to wait.

    The function gets the policy and the role whose desk it is; what differs from reader to reader is bound
    (`queries.prepared`). ``desk.tasks`` adds the conditions on the state and on projects of one's own organisation. Columns
    are ``id``, ``title`` and ``since``; for projects those of `entries`.
    """

    def register(function: Ask) -> Ask:
        TASKS[function.__name__] = Question(function, note, begins, late, within)
        return function

    return register


def waiting_entries(*more: Any, due: Any = None, since: Any = Project.state_since) -> Statement:
    """Return projects as cards, with ``due_day`` or ``due_at``; the earliest due first, then the longest waiting."""
    shown = () if due is None else (due.label("due_day" if is_day(due) else "due_at"),)
    query: Statement = select(*ENTRY, since.label("since"), *shown, *more).select_from(Project)
    first = () if due is None else (due,) if is_given(due) else (due.asc().nulls_last(),)
    return query.join(issuer, issuer.id == Project.issuer_id).order_by(*first, since, Project.id)


def in_order_of(query: Statement, column: Any) -> Statement:
    """Return the statement in the order of a column with an index, so that it ends with the last row that is wanted.

    Rows of the same day or moment come in the order of their table.
    """
    return query.order_by(None).order_by(column, column.class_.id)


def together(parts: Sequence[tuple[int, Statement]]) -> CompoundSelect[Any]:
    """Return the rows of all statements with their ``position``; NULL in columns that a statement does not have."""
    known = [{str(item.key): item.type for item in query.selected_columns} for _position, query in parts]
    types = {key: kind for columns in known for key, kind in columns.items()}
    named = {key: column(key, kind) for key, kind in types.items()}
    empty = {key: cast(null(), kind).label(key) for key, kind in types.items()}
    return union_all(
        *(
            select(
                literal(position).label("position"),
                *(named[key] if key in columns else empty[key] for key in types),
            ).select_from(query.subquery())
            for (position, query), columns in zip(parts, known, strict=True)
        )
    )


def unindexed(column: Any) -> Any:
    """Return a column in a way that no index of it is used: the rows are found by something else."""
    return column + 0 if column.type.python_type is int else column.concat("")


def own_projects() -> ColumnElement[bool]:
    """Return the condition that the reader's organisation has a part in the project, or will have one after a change, or is heard on a decision."""
    member = select(BidMember.bid_id).where(BidMember.organisation_id == MINE)
    changing = select(ChangeMember.change_id).where(ChangeMember.organisation_id == MINE)
    told = select(Addressee.prior_notice_id).where(Addressee.organisation_id == MINE)
    ways = (
        select(OWNED.id).where(OWNED.issuer_id == MINE),
        select(Bid.project_id).where(Bid.lead_id == MINE),
        select(Bid.project_id).where(Bid.id.in_(member)),
        select(Change.project_id).where(Change.id.in_(changing)),
        select(PriorNotice.project_id).where(PriorNotice.id.in_(told)),
    )
    return Project.id.in_(union_all(*ways))


def is_day(when: Any) -> bool:
    """Return whether a column holds days, not moments."""
    return when.type.python_type is date


def is_given(column: Any) -> bool:
    """Return whether a column has a value in every row."""
    return not getattr(column.expression, "nullable", True)


def has(model: Any, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition that the project has such a row.

    The OFFSET makes PostgreSQL look it up for each project, until a page is full, and not read the whole table beforehand.
    """
    found = select(model.id).where(model.project_id == Project.id, *conditions).offset(0)
    return found.correlate_except(model).exists()


def of_rows(model: Any, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the same condition as `has` where such rows are few, for a task that begins with them."""
    return Project.id.in_(select(model.project_id).where(*conditions))


def signature_open(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition that a transition waits for the second bureau's countersignature."""
    return has(Countersignature, Countersignature.status == "open", *conditions)


def clear() -> ColumnElement[bool]:
    """Return the condition that the reader's organisation has no part in the project: no one decides on their own."""
    return and_(Project.issuer_id != MINE, ~led_by(MINE), ~member_is(MINE))


def led_by(organisation_id: Any) -> ColumnElement[bool]:
    """Return the condition that the organisation is the agreed bidder."""
    bid = exists().where(Bid.id == Project.agreed_bid_id, Bid.lead_id == organisation_id)
    return bid.correlate(Project)


def member_is(organisation_id: Any) -> ColumnElement[bool]:
    """Return the condition that the organisation is in the agreed bidder's consortium."""
    member = exists().where(BidMember.bid_id == Project.agreed_bid_id, BidMember.organisation_id == organisation_id)
    return member.correlate(Project)


def last_rectification() -> ColumnElement[bool]:
    """Return the condition for the last request for acceptance that was answered with 限期整改."""
    newest = select(func.max(Acceptance.id)).where(Acceptance.project_id == Project.id, Acceptance.status == "rectify")
    return Acceptance.id == newest.correlate(Project).scalar_subquery()


def to_be_mended() -> ColumnElement[bool]:
    """Return the condition for a planned midterm check that follows one which has to be mended (中期检查须整改)."""
    before = aliased(Midterm)
    return and_(Midterm.status == "planned", has(before, before.status == "mend"))


def contract_version() -> Any:
    """Return the id of the newest issued version of the contract; NULL before there is one, and once its paper is void."""
    stands = has(Paper, Paper.name == "contract", Paper.state == "current")
    newest = select(DocumentVersion.id).where(DocumentVersion.document_id == Project.contract_id, stands)
    return newest.order_by(DocumentVersion.number.desc()).limit(1).correlate(Project).scalar_subquery()


def signed(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition that the newest version of the contract has such a signature."""
    return has(Signature, Signature.version_id == contract_version(), *conditions)
