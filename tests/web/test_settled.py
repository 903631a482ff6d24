"""A statement that is kept as text finds what the statement itself finds."""

from datetime import date

from sqlalchemy import Date, bindparam, func, literal, select, union_all
from sqlalchemy.orm import Session

from tests.factories.records import RecordFactory
from xtbang.models import Project
from xtbang.queries.settled import settled


def test_text_finds_the_same_rows_of_the_same_types(records: RecordFactory, session: Session) -> None:
    with records.writing():
        found = [
            records.project(state, title="100 %: 电机", ends_on=date(2027, 1, 31))
            for state in ("execution", "roadshow")
        ]
        records.project("listing", title="阀门")
    columns = (Project.id, Project.created_at, Project.planned_total, Project.contract_id, Project.ends_on)
    some = select(*columns, literal("execution").label("said"), func.length(Project.title).label("long"))
    among = some.where(
        Project.state.in_(["execution", "roadshow"]), Project.id.in_(bindparam("projects", expanding=True))
    )
    both = union_all(
        among.where(Project.title.contains("%: ")),
        some.where(Project.state == "execution", Project.ends_on < bindparam("day", type_=Date)),
    )
    values = {"projects": [one.id for one in found], "day": date(2028, 1, 1)}
    kept = settled(both, session.get_bind().dialect)
    rows = session.execute(kept, values).all()
    assert [row._mapping for row in rows] == [row._mapping for row in session.execute(both, values)]
    assert sorted(row.id for row in rows) == sorted([found[0].id, *values["projects"]])
    assert session.execute(kept, values | {"projects": []}).all() == rows[2:]
    assert str(kept).count("listing") == 0 and str(kept).count(":said") <= 2
