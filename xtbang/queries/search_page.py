"""The page of a search (检索): what is found of each kind, and no more than the reader may see.

The statement of all kinds is built once for the same roles and number of longer words: to build it takes longer than to run it.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Row,
    String,
    and_,
    bindparam,
    exists,
    false,
    literal,
    or_,
    select,
    true,
    union_all,
)

from xtbang.enums import BUREAU_ROLES
from xtbang.models import Bid, CollectiveSlip, Project, SearchEntry
from xtbang.queries.caller import Caller
from xtbang.queries.collective_slips import of_own_treasury
from xtbang.queries.desk.groups import Statement
from xtbang.queries.prepared import COLLECTED, ME, REGION, bound, prepared
from xtbang.queries.rights.lists import SEE_BUDGETS, SEE_IMPORTS, SEE_OFFICE_WORK
from xtbang.queries.rights.project_parts import FINANCE, OFFICERS, PAPERS, TREASURY
from xtbang.queries.rights.sealed_bids import READ_BIDS, readable_bid
from xtbang.queries.rights.visibility import in_common, visible
from xtbang.queries.search import asked_of_index, on_sqlite, with_terms
from xtbang.queries.search_sources import DOCUMENTS
from xtbang.rules.actor import Actor
from xtbang.rules.search_words import words_in

FIRST = 5  # of each kind on the page of all kinds
SIZE = 20
ANY_SIGN = re.compile("[%_/]")  # what LIKE does not take as it stands
ESCAPED = r"/\g<0>"
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
PART_OF = {  # the part that everything of a kind stands in, where it is one alone
    **DOCUMENTS,
    "project": "form",
    "remark": "remarks",
    "line": "money",
    "match": "money",
    "funding": "money",
    "finding": "findings",
    "termination": "termination",
    "ruling": "people",
    "write_off": "termination",
    "extension": "contract",
    "change": "contract",
    "panel": "seats",
}
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


def kinds_of(actor: Actor) -> list[str]:
    """Return the kinds of things that this person may find."""
    parts = {part for roles, parts in PARTS if actor.roles & roles for part in parts}
    return [
        kind for kind in KINDS if (actor.roles & REGISTERS[kind] if kind in REGISTERS else parts & _parts(kind, parts))
    ]


def _parts(kind: str, parts: Collection[str]) -> frozenset[str]:
    """Return those of the parts in which things of that kind may stand."""
    return frozenset({PART_OF[kind]} & set(parts) if kind in PART_OF else parts)


def found(caller: Caller, search: str) -> list[Group]:
    """Return what is found, by kind, in one statement; kinds of which nothing is found are left out."""
    words = words_in(search)
    kinds = kinds_of(caller.actor)
    if not words or not kinds:
        return []
    asking = _Asking(caller.actor.roles, on_sqlite(caller.session), len(_longer(words)))
    query = prepared(caller.policy, ("search", asking), lambda: asking.first_of(kinds))
    return _groups(_rows(caller, query, words, *kinds), kinds, FIRST)


def found_of(caller: Caller, search: str, kind: str, before: int | None = None) -> Group:
    """Return what is found of one kind, the newest first; ``before`` is the id of the last entry that was seen."""
    words = words_in(search)
    if not words or kind not in kinds_of(caller.actor):
        return Group(kind, KINDS.get(kind, ""), [], False)
    asking = _Asking(caller.actor.roles, on_sqlite(caller.session), len(_longer(words)))
    rows = _rows(caller, asking.newest(kind, SIZE + 1, before is not None), words, kind, before=before)
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
BEFORE = bindparam("before", type_=Integer())  # the id of the last entry that was seen
NAME = bindparam("name", type_=String())  # all that was typed


def _longer(words: list[str]) -> list[str]:
    """Return the words that two neighbouring characters do not find alone."""
    return [word for word in words if len(word) > 2]


def _rows(caller: Caller, query: Any, words: list[str], *kinds: str, **more: Any) -> list[Any]:
    """Return the rows of a statement of `_Asking` for these words."""
    actor, sqlite = caller.actor, on_sqlite(caller.session)
    common = in_common(actor.roles, actor.region)
    terms = {f"terms_{kind}": asked_of_index(sqlite, words, kind, {} if kind in OPEN else common) for kind in kinds}
    whole = {f"whole_{place}": f"%{ANY_SIGN.sub(ESCAPED, word)}%" for place, word in enumerate(_longer(words))}
    values = bound(caller, name=" ".join(words), **terms, **whole, **more)
    return list(caller.session.connection().execute(query, values))


@dataclass(frozen=True)
class _Asking:
    """The statements of the page of a reader with these roles, for so many words of more than two characters."""

    roles: frozenset[str]
    sqlite: bool
    longer: int

    def first_of(self, kinds: list[str]) -> Any:
        """Return the query for the first of every kind, in one statement."""
        parts = [self.newest(kind, FIRST + 1).add_columns(literal(False).label("exact")) for kind in kinds]
        return union_all(*(select(query.subquery()) for query in (self._exact(kinds), *parts)))

    def newest(self, kind: str, size: int, later: bool = False) -> Statement:
        """Return the query for the newest of a kind, those after `BEFORE` if ``later``."""
        whole: list[ColumnElement[bool]] = [
            SearchEntry.folded.like(bindparam(f"whole_{n}"), escape="/") for n in range(self.longer)
        ]
        expression = bindparam(f"terms_{kind}", type_=String())
        query, order = with_terms(self.sqlite, expression, whole, *COLUMNS)
        query = query.outerjoin(Project, Project.id == SearchEntry.project_id)
        query = query.where(*self._seen([kind]), order < BEFORE if later else true())
        return query.order_by(order.desc()).limit(size)

    def _exact(self, kinds: list[str]) -> Statement:
        """Return the query for what has exactly those words as its number or name."""
        query: Statement = select(*COLUMNS, literal(True).label("exact"))
        query = query.outerjoin(Project, Project.id == SearchEntry.project_id)
        query = query.where(SearchEntry.exact == NAME, SearchEntry.kind.in_(kinds), *self._seen(kinds))
        return query.order_by(SearchEntry.id.desc()).limit(SIZE)

    def _seen(self, kinds: Collection[str]) -> list[ColumnElement[bool]]:
        """Return the conditions that the reader may see an entry of those kinds."""
        ways: list[ColumnElement[bool]] = []
        for roles, parts in PARTS:
            if mine := self.roles & roles:
                some = {part for kind in kinds if kind not in OPEN for part in _parts(kind, parts)}
                within = or_(false(), *(SearchEntry.part == part for part in sorted(some)))
                ways.append(and_(within, visible(mine, ME, None, REGION)))
        ways += [SearchEntry.kind == kind for kind in kinds if kind in OPEN]
        conditions: list[ColumnElement[bool]] = [or_(false(), *ways)]
        if "bid" in kinds:
            readable = exists().where(Bid.document_id == SearchEntry.row_id, readable_bid(COLLECTED))
            conditions.append(or_(SearchEntry.kind != "bid", readable.correlate(SearchEntry, Project)))
        if "slip" in kinds:
            own = exists().where(CollectiveSlip.id == SearchEntry.row_id, of_own_treasury(self.roles, REGION))
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
