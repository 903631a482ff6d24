"""The search index: what officers and the public find, with the terms of each text.

SQLite keeps the terms in a full-text table of its own (`search_term`), PostgreSQL in a column with an inverted index.
"""

from sqlalchemy import DDL, BigInteger, ForeignKey, Index, String, Text, column, event, table
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from xtbang.models.base import Base

TERMS = table("search_term", column("rowid"), column("search_term"), column("terms"))  # SQLite only
MAKE_TERMS = (
    "CREATE VIRTUAL TABLE search_term USING fts5("
    "terms, content='', detail='none', columnsize=0, prefix='9', tokenize='ascii')"
)


class SearchEntry(Base):
    """One thing that is found: its words, and the part of a project's page (可见范围) that its reader must see.

    ``id`` follows from the row that it is about (`queries.search_sources`), so that entries of one source are in the order of their rows.
    """

    __tablename__ = "search_entry"
    __table_args__ = (
        Index("ix_search_entry_exact", "exact"),
        Index("ix_search_entry_terms", "terms", postgresql_using="gin", postgresql_with={"fastupdate": "off"}).ddl_if(
            dialect="postgresql"
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String)
    row_id: Mapped[int]  # of the row that it is about
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"), index=True)
    part: Mapped[str] = mapped_column(String, default="")
    title: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)  # title included
    folded: Mapped[str] = mapped_column(Text)  # the text as it is compared
    exact: Mapped[str] = mapped_column(String, default="")  # a number or name by which it comes first, folded
    marks: Mapped[str] = mapped_column(Text, default="")  # terms of its project's state, region …, which narrow lists
    terms: Mapped[str | None] = mapped_column(Text().with_variant(TSVECTOR(), "postgresql"))  # PostgreSQL only


event.listen(
    SearchEntry.__table__,
    "after_create",
    DDL(MAKE_TERMS).execute_if(dialect="sqlite"),  # type: ignore[no-untyped-call]
)
