"""Search (检索): everything that has all the words, in the order of the index, and no more than the reader may see.

Words stand in any order, each is any part of a text. On SQLite and PostgreSQL the same is found in the same order.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ARRAY, BigInteger, ColumnElement, SQLColumnExpression, any_, cast, func, select
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import Session, aliased

from xtbang.models import Project, SearchEntry
from xtbang.models.search import TERMS
from xtbang.queries.caller import Caller
from xtbang.queries.desk.groups import Statement
from xtbang.queries.rights.visibility import in_common, sees_few
from xtbang.queries.search_marks import terms_of_marks
from xtbang.queries.search_sources import LISTING, PROJECT, entry_id
from xtbang.rules.search_words import terms_asked, words_in


def matching(
    session: Session, words: list[str], kind: str, *columns: Any, marks: Mapping[str, Any] | None = None
) -> tuple[Statement, SQLColumnExpression[int]]:
    """Return the query for entries of that kind with all of the words, and the column by which they are in order, the newest highest.

    ``marks``: only those with these marks (`queries.search_marks`).
    """
    sqlite = on_sqlite(session)
    whole = [SearchEntry.folded.contains(word, autoescape=True) for word in words if len(word) > 2]
    return with_terms(sqlite, asked_of_index(sqlite, words, kind, marks or {}), whole, *columns)


def on_sqlite(session: Session) -> bool:
    """Return whether the index is that of SQLite."""
    return session.get_bind().dialect.name == "sqlite"


def asked_of_index(sqlite: bool, words: list[str], kind: str, marks: Mapping[str, Any]) -> str:
    """Return what the index is asked for entries of that kind with all of the words and marks, as the database writes it."""
    begins, joins = ("*", " AND ") if sqlite else (":*", " & ")
    return joins.join(
        [*(term + begins * beginning for term, beginning in terms_asked(words, kind)), *terms_of_marks(kind, marks)]
    )


def with_terms(
    sqlite: bool, expression: Any, whole: list[ColumnElement[bool]], *columns: Any
) -> tuple[Statement, SQLColumnExpression[int]]:
    """Return `matching` for what is asked of the index (`asked_of_index`), given or bound later, and for words of more than two characters."""
    query: Statement = select(*columns)
    if sqlite:
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
