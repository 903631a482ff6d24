"""Search (检索): everything that has all the words, in the order of the index, and no more than the reader may see.

Words stand in any order, each is any part of a text. On SQLite and PostgreSQL the same is found in the same order.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Row,
    SQLColumnExpression,
    and_,
    any_,
    cast,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import Session, aliased

from xtbang.enums import BUREAU_ROLES
from xtbang.models import Bid, CollectiveSlip, Project, SearchEntry
from xtbang.models.search import TERMS
from xtbang.queries.caller import Caller
from xtbang.queries.collective_slips import of_own_treasury
from xtbang.queries.desk.groups import Statement
from xtbang.queries.rights.lists import SEE_BUDGETS, SEE_IMPORTS, SEE_OFFICE_WORK
from xtbang.queries.rights.project_parts import FINANCE, OFFICERS, PAPERS, TREASURY
from xtbang.queries.rights.sealed_bids import READ_BIDS, readable_bid
from xtbang.queries.rights.visibility import in_common, sees_few, visible
from xtbang.queries.search_marks import terms_of_marks
from xtbang.queries.search_sources import LISTING, PROJECT, entry_id
from xtbang.rules.actor import Actor
from xtbang.rules.search_words import terms_asked, words_in

FIRST = 5  # of each kind on the page of all kinds
SIZE = 20
KINDS = {  # in the order of the page
    "project": "项目",
    "organisation": "单位",
    "person": "人员",
    "funding": "立项及资金文件",
    "voucher": "付款凭证",
    "line": "资金台账",
    "match": "县级配套",
    "panel": "专家组",
    "form": "项目表",
    "bid": "揭榜申请",
    "application": "项目申报书",
    "contract": "合同书",
    "report": "执行情况报告",
    "acceptance": "验收申请",
    "finding": "办理情况",
    "remark": "逐项意见",
    "change": "变更",
    "extension": "延期",
    "objection": "异议",
    "termination": "终止",
    "ruling": "复议诉讼结果",
    "write_off": "核销",
    "budget": "批次预算",
    "notice": "公告",
    "paper": "文书",
    "meeting": "会次",
    "restriction": "限制名单",
    "waiting_act": "待确认的限制",
    "import": "导入",
    "slip": "汇总凭证",
}
# who finds what: of projects that they may see, the parts of the page that they see; of registers, those that they open
PARTS: tuple[tuple[frozenset[str], frozenset[str]], ...] = (
    (READ_BIDS, OFFICERS | frozenset(PAPERS.values())),
    (frozenset(BUREAU_ROLES), frozenset({"objectors"})),
    (frozenset({"finance"}), FINANCE),
    (frozenset({"county"}), TREASURY),
)
REGISTERS = {
    "organisation": frozenset({"science", "admin"}),
    "person": frozenset({"admin"}),
    "budget": frozenset(SEE_BUDGETS),
    "meeting": frozenset(SEE_OFFICE_WORK),
    "restriction": frozenset({"science", "auditor", "admin"}),
    "waiting_act": frozenset({*BUREAU_ROLES, "auditor", "admin"}),
    "import": frozenset(SEE_IMPORTS),
    "slip": frozenset({"finance", "county"}),
}
OPEN = frozenset({*REGISTERS, "notice"})  # kinds that belong to no project
SEARCHERS = frozenset({"admin"}).union(*(roles for roles, _parts in PARTS))


@dataclass(frozen=True)
class Hit:
    """One thing that was found, with number and title of the project that it belongs to, if any."""

    id: int
    kind: str
    row_id: int
    text: str
    title: str
    project_id: int | None
    number: str
    project: str


@dataclass(frozen=True)
class Group:
    """The hits of one kind: what is called exactly that first, then the newest."""

    kind: str
    label: str
    hits: list[Hit]
    more: bool


def matching(
    session: Session, words: list[str], kind: str, *columns: Any, marks: Mapping[str, Any] | None = None
) -> tuple[Statement, SQLColumnExpression[int]]:
    """Return the query for entries of that kind with all of the words, and the column by which they are in order, the newest highest.

    ``marks``: only those with these marks (`queries.search_marks`).
    """
    asked, on_sqlite = terms_asked(words, kind), session.get_bind().dialect.name == "sqlite"
    begins, joins = ("*", " AND ") if on_sqlite else (":*", " & ")
    terms = [*(term + begins * beginning for term, beginning in asked), *terms_of_marks(kind, marks or {})]
    expression = joins.join(terms)
    whole = [SearchEntry.folded.contains(word, autoescape=True) for word in words if len(word) > 2]
    query: Statement = select(*columns)
    if on_sqlite:
        query = query.select_from(TERMS).join(SearchEntry, SearchEntry.id == TERMS.c.rowid)
        return query.where(TERMS.c.search_term.op("MATCH")(expression), *whole), TERMS.c.rowid
    # an array: whatever has the words is found by the index of terms and then read by its id, however much PostgreSQL thinks it is
    entry = aliased(SearchEntry)
    found = select(entry.id).where(entry.terms.op("@@")(cast(expression, TSQUERY))).scalar_subquery()
    having = SearchEntry.id == any_(func.array(found, type_=ARRAY(BigInteger)))
    return query.select_from(SearchEntry).where(having, *whole), SearchEntry.id


def projects_with(
    session: Session, search: str, *columns: Any, listed: bool = False, marks: Mapping[str, Any] | None = None
) -> tuple[Statement, SQLColumnExpression[int]]:
    """Return the query for projects that are found by those words (by the public, if ``listed``), and the column of their order.

    ``marks`` narrow them in the index; who gives them says the same of ``Project``.
    """
    query, order = matching(session, words_in(search), "listing" if listed else "project", *columns, marks=marks)
    return query.join(Project, Project.id == SearchEntry.project_id), order


def seen_with(
    caller: Caller, search: str, *columns: Any, marks: Mapping[str, Any]
) -> tuple[Statement, SQLColumnExpression[int]]:
    """Return `projects_with` for who adds that the caller sees the projects, which are looked through one by one where they are few."""
    actor = caller.actor
    if not sees_few(actor.roles):
        return projects_with(caller.session, search, *columns, marks={**marks, **in_common(actor.roles, actor.region)})
    whole = [SearchEntry.folded.contains(word, autoescape=True) for word in words_in(search)]
    query: Statement = select(*columns).join(SearchEntry, SearchEntry.id == entry_id(PROJECT, Project.id))
    return query.where(*whole), SearchEntry.id


def place_of(project_id: int, listed: bool = False) -> int:
    """Return where a project stands in the order of `projects_with`."""
    return entry_id(LISTING if listed else PROJECT, project_id)


def found_by(session: Session, search: str, **marks: Any) -> ColumnElement[bool]:
    """Return the condition for projects that are found by those words, among those with these marks."""
    query, _order = matching(session, words_in(search), "project", SearchEntry.project_id, marks=marks)
    return Project.id.in_(query)


def kinds_of(actor: Actor) -> list[str]:
    """Return the kinds of things that this person may find."""
    officer = any(actor.roles & roles for roles, _parts in PARTS)
    return [kind for kind in KINDS if (officer if kind not in REGISTERS else actor.roles & REGISTERS[kind])]


def found(caller: Caller, search: str) -> list[Group]:
    """Return what is found, by kind, in one statement; kinds of which nothing is found are left out."""
    words = words_in(search)
    kinds = kinds_of(caller.actor)
    if not words or not kinds:
        return []
    parts = [_newest(caller, words, kind, FIRST + 1) for kind in kinds]
    rows = caller.session.connection().execute(union_all(_exact(caller, search, kinds), *map(_whole, parts)))
    return _groups(rows, kinds, FIRST)


def found_of(caller: Caller, search: str, kind: str, before: int | None = None) -> Group:
    """Return what is found of one kind, the newest first; ``before`` is the id of the last entry that was seen."""
    words = words_in(search)
    if not words or kind not in kinds_of(caller.actor):
        return Group(kind, KINDS.get(kind, ""), [], False)
    rows = caller.session.connection().execute(_newest(caller, words, kind, SIZE + 1, before)).all()
    hits = [_hit(row) for row in rows]
    return Group(kind, KINDS[kind], hits[:SIZE], len(hits) > SIZE)


def every_hit(caller: Caller, search: str, kind: str) -> Iterator[Hit]:
    """Yield all that is found of one kind, the newest first, read in pages."""
    before = None
    while (group := found_of(caller, search, kind, before)).hits:
        yield from group.hits
        if not group.more:
            return
        before = group.hits[-1].id


def projects_found(caller: Caller, search: str, kind: str = "") -> Iterator[int]:
    """Yield the ids of the projects of which anything is found, of one kind or of all, each once, in the order of the page."""
    seen: set[int] = set()
    for each in kinds_of(caller.actor):
        for hit in every_hit(caller, search, each) if kind in ("", each) else ():
            if hit.project_id and hit.project_id not in seen:
                seen.add(hit.project_id)
                yield hit.project_id


COLUMNS = (
    SearchEntry.id,
    SearchEntry.kind,
    SearchEntry.row_id,
    SearchEntry.text,
    SearchEntry.title,
    SearchEntry.project_id,
    Project.number,
    Project.title.label("project"),
)


def _newest(caller: Caller, words: list[str], kind: str, size: int, before: int | None = None) -> Statement:
    marks = in_common(caller.actor.roles, caller.actor.region) if kind not in OPEN else {}
    query, order = matching(caller.session, words, kind, *COLUMNS, marks=marks)
    query = query.outerjoin(Project, Project.id == SearchEntry.project_id)
    query = query.where(*_seen(caller, [kind]), true() if before is None else order < before)
    return query.order_by(order.desc()).limit(size)


def _exact(caller: Caller, search: str, kinds: list[str]) -> Statement:
    """Return the query for what has exactly those words as its number or name."""
    query: Statement = select(*COLUMNS, literal(True).label("exact")).outerjoin(
        Project, Project.id == SearchEntry.project_id
    )
    name = " ".join(words_in(search))
    query = query.where(SearchEntry.exact == name, SearchEntry.kind.in_(kinds), *_seen(caller, kinds))
    return _inner(query.order_by(SearchEntry.id.desc()).limit(SIZE))


def _whole(query: Statement) -> Statement:
    return _inner(query.add_columns(literal(False).label("exact")))


def _inner(query: Statement) -> Statement:
    return select(query.subquery())


def _seen(caller: Caller, kinds: Collection[str]) -> list[ColumnElement[bool]]:
    """Return the conditions that this person may see an entry of those kinds."""
    actor = caller.actor
    ways: list[ColumnElement[bool]] = []
    for roles, parts in PARTS:
        if mine := actor.roles & roles:
            seen = visible(frozenset(mine), actor.person_id, None, actor.region)
            ways.append(and_(SearchEntry.part.in_(sorted(parts)), seen))
    if registers := [kind for kind in kinds if kind in OPEN]:
        ways.append(SearchEntry.kind.in_(registers))
    conditions: list[ColumnElement[bool]] = [or_(false(), *ways)]
    if "bid" in kinds:
        readable = exists().where(Bid.document_id == SearchEntry.row_id, readable_bid(caller.collected))
        conditions.append(or_(SearchEntry.kind != "bid", readable.correlate(SearchEntry, Project)))
    if "slip" in kinds:
        own = exists().where(CollectiveSlip.id == SearchEntry.row_id, of_own_treasury(actor))
        conditions.append(or_(SearchEntry.kind != "slip", own.correlate(SearchEntry)))
    return conditions


def _groups(rows: Iterable[Row[Any]], kinds: list[str], size: int) -> list[Group]:
    hits: dict[str, dict[int, Hit]] = {kind: {} for kind in kinds}
    more = set()
    for row in sorted(rows, key=lambda row: (not row.exact, -row.id)):
        of_kind = hits[row.kind]
        if row.id not in of_kind and len(of_kind) >= size:
            more.add(row.kind)
        elif row.id not in of_kind:
            of_kind[row.id] = _hit(row)
    return [Group(kind, KINDS[kind], list(of.values()), kind in more) for kind, of in hits.items() if of]


def _hit(row: Row[Any]) -> Hit:
    return Hit(row.id, row.kind, row.row_id, row.text, row.title, row.project_id, row.number or "", row.project or "")
