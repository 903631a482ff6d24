"""Rows that have gone over from one organisation to another (承继), noted one by one so that they can go back."""

from collections.abc import Collection
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, insert, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.types import TypeEngine

from xtbang.models import Change, Organisation
from xtbang.models.base import Base, Moment

PARTY = "party"  # a column with the key of a party, "member:7", instead of the organisation's id


@dataclass
class Moved:
    """The rows in which a successor stands in the place of another organisation.

    ``rows``: group ("7" for what belongs to that project, "notice:5", "" for the people) → "table.column" → ids.
    """

    to: int  # id of the successor
    rows: dict[str, dict[str, list[int]]] = field(default_factory=dict)
    gone: list[dict[str, Any]] = field(default_factory=list)  # rows that the successor had no place for
    changes: list[int] = field(default_factory=list)  # changes of contracts with the successor among their signers
    managers: list[int] = field(default_factory=list)
    restrictions: list[int] = field(default_factory=list)  # that bind the successor
    lengthened: dict[str, int] = field(default_factory=dict)  # notice → the predecessor's restriction that it is about
    told: list[int] = field(default_factory=list)  # notices issued to the successor

    def put(self, row: Any, column: InstrumentedAttribute[Any], group: object) -> None:
        """Put the successor into the column of a row."""
        setattr(row, column.key, self.to)
        self._note(column, group, row.id)

    def put_all(
        self, session: Session, column: InstrumentedAttribute[Any], old: object, new: object, where: Collection[Any]
    ) -> None:
        """Put the new value in the place of the old one into that column of all rows of a project that fulfil ``where``."""
        table = column.class_
        for number, project_id in session.execute(select(table.id, table.project_id).where(column == old, *where)):
            self._note(column, project_id, number)
        rows = update(table).where(column == old, *where).values({column.key: new})
        session.execute(rows.execution_options(synchronize_session=False))

    def record(self, column: InstrumentedAttribute[Any], group: object, ids: Collection[int]) -> None:
        """Record rows that another statement changes."""
        for number in ids:
            self._note(column, group, number)

    def take_out(self, session: Session, row: Any, group: object) -> None:
        """Delete a row that the successor has no place for, as it has one already."""
        table = row.__table__
        values = {column.key: getattr(row, column.key) for column in table.columns}
        said = {key: value.isoformat() if isinstance(value, date) else value for key, value in values.items()}
        self.gone.append({"table": table.name, "group": str(group), "values": said})
        session.delete(row)

    def _note(self, column: InstrumentedAttribute[Any], group: object, number: int) -> None:
        name = f"{column.class_.__tablename__}.{column.key}"
        self.rows.setdefault(str(group), {}).setdefault(name, []).append(number)

    @property
    def projects(self) -> list[int]:
        """Return the ids of the projects of which something has gone over."""
        groups = {*self.rows, *(row["group"] for row in self.gone)}
        return sorted(int(group) for group in groups if group.isdigit())

    def stored(self) -> dict[str, Any]:
        """Return it as it is stored, see `OrganisationChange.moved`."""
        return asdict(self)


def put_back(session: Session, moved: Moved, old: Organisation, new: Organisation, groups: Collection[str]) -> None:
    """Put the predecessor back into the rows of these groups in which the successor still stands."""
    for group in groups:
        for name, ids in moved.rows.get(group, {}).items():
            table, _dot, column = name.partition(".")
            known = Base.metadata.tables[table]
            before, now = (_member(old), _member(new)) if column == PARTY else (old.id, new.id)
            rows = update(known).where(known.c.id.in_(ids), known.c[column] == now)
            session.execute(rows.values({column: before}))
    for row in moved.gone:
        if row["group"] in groups:
            known = Base.metadata.tables[row["table"]]
            values = {key: _read(known.c[key].type, value) for key, value in row["values"].items()}
            session.execute(insert(known).values(values))
    changes = select(Change).where(Change.id.in_(moved.changes))
    for change in session.scalars(changes).all():
        if str(change.project_id) in groups:
            hand_on_change(change, new, old)


def hand_on_change(change: Change, before: Organisation, after: Organisation) -> None:
    """Let another organisation agree and sign in a change of a contract, in the place of a member."""
    key, new = _member(before), _member(after)
    change.agreed = {new if party == key else party: at for party, at in change.agreed.items()}
    change.signers = {
        new if party == key else party: name.replace(before.name, after.name) if party == key else name
        for party, name in change.signers.items()
    }


def _member(row: Organisation) -> str:
    return f"member:{row.id}"


def _read(kind: TypeEngine[Any], value: Any) -> Any:
    reads = {Moment: datetime.fromisoformat, Date: date.fromisoformat}.get(type(kind))
    return value if reads is None or value is None else reads(value)
