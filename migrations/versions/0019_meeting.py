"""Meetings (会次) in place of roadshow days: every panel belongs to one; what a roadshow was keeps its id."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
TITLES = {
    "appraisal": "论证会",
    "roadshow": "路演",
    "midterm": "中期检查会",
    "acceptance": "验收会",
    "liability": "责任论证会",
}
PANEL = (
    "id, project_id, kind, status, convened_at, convened_by_id, concluded_at, opinion, favourable, result, responsible"
)
SEAT = "id, panel_id, expert_id, kind, status, invited_at, answered_at, answer_note, scores, comment, locked_at"
DAYS = sa.text(
    "INSERT INTO meeting (id, kind, title, starts_at, place, minutes, status, created_at, reason) "
    "SELECT id, 'roadshow', title, starts_at, place, minutes, 'planned', created_at, '' FROM roadshow"
)
TURNS = sa.text(
    "INSERT INTO meeting_item (id, meeting_id, project_id, position, joined_at) "
    "SELECT i.id, i.roadshow_id, i.project_id, i.position, r.created_at "
    "FROM roadshow_item i JOIN roadshow r ON r.id = i.roadshow_id"
)
CALLS = sa.text(
    "UPDATE meeting SET call_id = (SELECT MIN(p.call_id) FROM meeting_item i JOIN project p ON p.id = i.project_id "
    "WHERE i.meeting_id = meeting.id) WHERE 1 = (SELECT COUNT(DISTINCT p.call_id) FROM meeting_item i "
    "JOIN project p ON p.id = i.project_id WHERE i.meeting_id = meeting.id)"
)
PANELS = sa.text(
    "SELECT panel.id, panel.project_id, panel.kind, panel.status, panel.convened_at, panel.convened_by_id, "
    "panel.concluded_at, project.call_id, project.number, "
    "(SELECT MAX(i.roadshow_id) FROM roadshow_item i WHERE i.project_id = panel.project_id) AS day "
    "FROM panel JOIN project ON project.id = panel.project_id ORDER BY panel.id"
)
SEATS = sa.text("SELECT panel.meeting_id, seat.* FROM seat JOIN panel ON panel.id = seat.panel_id ORDER BY seat.id")
ENDED = sa.text(
    "UPDATE meeting SET status = 'closed', ended_at = "
    "(SELECT MAX(concluded_at) FROM panel WHERE panel.meeting_id = meeting.id) "
    "WHERE status = 'planned' AND EXISTS (SELECT 1 FROM panel WHERE panel.meeting_id = meeting.id "
    "AND panel.status = 'concluded') AND (SELECT COUNT(*) FROM meeting_item i WHERE i.meeting_id = meeting.id) = "
    "(SELECT COUNT(*) FROM panel WHERE panel.meeting_id = meeting.id AND panel.status = 'concluded')"
)


def upgrade() -> None:
    connection = op.get_bind()
    _create()
    for statement in (DAYS, TURNS, CALLS):
        connection.execute(statement)
    _number_on("meeting", "meeting_item")
    op.add_column("panel", sa.Column("meeting_id", sa.Integer(), nullable=True))
    _give_panels_a_meeting(connection)
    connection.execute(ENDED)
    _invite(connection)
    op.drop_table("roadshow_item")
    op.drop_table("roadshow")
    if connection.dialect.name == "sqlite":
        _rebuild(connection)
    else:
        op.alter_column("panel", "meeting_id", nullable=False)
        op.create_foreign_key(op.f("fk_panel_meeting_id_meeting"), "panel", "meeting", ["meeting_id"], ["id"])
    op.create_index(op.f("ix_panel_meeting_id"), "panel", ["meeting_id"])


def _create() -> None:
    op.create_table(
        "meeting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("starts_at", MOMENT, nullable=True),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("call_id", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ended_by_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("(status = 'planned') = (ended_at IS NULL)", name=op.f("ck_meeting_ended_has_date")),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_meeting_call_id_call")),
        sa.ForeignKeyConstraint(["created_by_id"], ["person.id"], name=op.f("fk_meeting_created_by_id_person")),
        sa.ForeignKeyConstraint(["ended_by_id"], ["person.id"], name=op.f("fk_meeting_ended_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting")),
    )
    op.create_index("ix_meeting_starts", "meeting", ["starts_at", "id"])
    op.create_index("ix_meeting_kind", "meeting", ["kind", "status"])
    op.create_table(
        "meeting_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("joined_at", MOMENT, nullable=False),
        sa.Column("left_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_meeting_item_meeting_id_meeting")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_meeting_item_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_item")),
        sa.UniqueConstraint("meeting_id", "project_id", name=op.f("uq_meeting_item_meeting_id")),
    )
    op.create_index(op.f("ix_meeting_item_project_id"), "meeting_item", ["project_id"])
    op.create_table(
        "meeting_seat",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("expert_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("invited_at", MOMENT, nullable=False),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("answer_note", sa.Text(), nullable=False),
        sa.Column("signed_in_at", MOMENT, nullable=True),
        sa.Column("fee", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["expert_id"], ["person.id"], name=op.f("fk_meeting_seat_expert_id_person")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_meeting_seat_meeting_id_meeting")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_seat")),
        sa.UniqueConstraint("meeting_id", "expert_id", name=op.f("uq_meeting_seat_meeting_id")),
    )
    op.create_index("ix_meeting_seat_expert", "meeting_seat", ["expert_id"])


def _number_on(*tables: str) -> None:
    """Let PostgreSQL number on after the rows that kept their ids."""
    if op.get_bind().dialect.name == "postgresql":
        for table in tables:
            highest = f"(SELECT MAX(id) FROM {table})"  # noqa: S608
            op.execute(f"SELECT setval('{table}_id_seq', {highest}) WHERE {highest} IS NOT NULL")


def _give_panels_a_meeting(connection: sa.Connection) -> None:
    """Put the newest panel of a roadshow on its day, every other one on a meeting of its own."""
    meeting = sa.table("meeting", *map(sa.column, "kind title place call_id status reason created_by_id".split()),
                       sa.column("created_at", MOMENT), sa.column("ended_at", MOMENT), sa.column("id"))  # fmt: skip
    item = sa.table("meeting_item", *map(sa.column, "meeting_id project_id position".split()),
                    sa.column("joined_at", MOMENT))  # fmt: skip
    panel = sa.table("panel", sa.column("id"), sa.column("meeting_id"))
    found = connection.execute(PANELS.columns(convened_at=MOMENT, concluded_at=MOMENT)).all()
    on_the_day = {
        row.project_id: row.id for row in found if row.day and row.kind == "roadshow" and row.status != "cancelled"
    }
    for row in found:
        number = row.day
        if on_the_day.get(row.project_id) != row.id:
            title = TITLES.get(row.kind, row.kind) + (f"（{row.number}）" if row.number else "")
            status = {"open": "planned", "concluded": "closed"}.get(row.status, "cancelled")
            values: dict[str, Any] = {
                "kind": row.kind, "title": title, "place": "", "call_id": row.call_id, "status": status, "reason": "",
                "created_at": row.convened_at, "created_by_id": row.convened_by_id,
                "ended_at": None if status == "planned" else row.concluded_at or row.convened_at,
            }  # fmt: skip
            number = connection.scalar(meeting.insert().values(values).returning(meeting.c.id))
            place = {"meeting_id": number, "project_id": row.project_id, "position": 1, "joined_at": row.convened_at}
            connection.execute(item.insert().values(place))
        connection.execute(panel.update().where(panel.c.id == row.id).values(meeting_id=number))


def _invite(connection: sa.Connection) -> None:
    """Make one invitation of an expert's seats on the panels of a meeting; who sits on all of them serves the whole."""
    panels: dict[int, set[int]] = {}
    found: dict[tuple[int, int], list[Any]] = {}
    for row in connection.execute(SEATS.columns(invited_at=MOMENT, answered_at=MOMENT, locked_at=MOMENT)):
        panels.setdefault(row.meeting_id, set()).add(row.panel_id)
        found.setdefault((row.meeting_id, row.expert_id), []).append(row)
    columns = [sa.column(name) for name in "meeting_id expert_id kind status answer_note".split()]
    columns += [sa.column("whole", sa.Boolean()), sa.column("invited_at", MOMENT), sa.column("answered_at", MOMENT)]
    seat = sa.table("meeting_seat", *columns)
    for (meeting_id, expert_id), rows in found.items():
        taken = next((row for row in rows if row.status in ("accepted", "locked")), rows[-1])
        values = {
            "meeting_id": meeting_id,
            "expert_id": expert_id,
            "kind": taken.kind,
            "whole": len(rows) == len(panels[meeting_id]),
            "status": "accepted" if taken.status == "locked" else taken.status,
            "invited_at": rows[0].invited_at,
            "answered_at": taken.answered_at,
            "answer_note": taken.answer_note,
        }
        connection.execute(seat.insert().values(values))


def _rebuild(connection: sa.Connection) -> None:
    """Make panel and seat anew on SQLite, which cannot add a reference that must not be empty."""
    connection.execute(sa.text("CREATE TABLE seat_kept AS SELECT * FROM seat"))
    op.drop_table("seat")
    connection.execute(sa.text("CREATE TABLE panel_kept AS SELECT * FROM panel"))
    op.drop_table("panel")
    op.create_table(
        "panel",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("convened_at", MOMENT, nullable=False),
        sa.Column("convened_by_id", sa.Integer(), nullable=False),
        sa.Column("concluded_at", MOMENT, nullable=True),
        sa.Column("opinion", sa.Text(), nullable=False),
        sa.Column("favourable", sa.Boolean(), nullable=True),
        sa.Column("result", sa.Numeric(precision=6, scale=2), nullable=True),
        sa.Column("responsible", sa.String(), nullable=False),
        sa.CheckConstraint(
            "(status = 'concluded') = (concluded_at IS NOT NULL)", name=op.f("ck_panel_concluded_has_date")
        ),
        sa.ForeignKeyConstraint(["convened_by_id"], ["person.id"], name=op.f("fk_panel_convened_by_id_person")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_panel_meeting_id_meeting")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_panel_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_panel")),
    )
    op.create_index("ix_panel_project", "panel", ["project_id", "kind"])
    op.create_table(
        "seat",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("panel_id", sa.Integer(), nullable=False),
        sa.Column("expert_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("invited_at", MOMENT, nullable=False),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("answer_note", sa.Text(), nullable=False),
        sa.Column("scores", sa.JSON(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("locked_at", MOMENT, nullable=True),
        sa.CheckConstraint("(status = 'locked') = (locked_at IS NOT NULL)", name=op.f("ck_seat_locked_has_date")),
        sa.ForeignKeyConstraint(["expert_id"], ["person.id"], name=op.f("fk_seat_expert_id_person")),
        sa.ForeignKeyConstraint(["panel_id"], ["panel.id"], name=op.f("fk_seat_panel_id_panel")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seat")),
        sa.UniqueConstraint("panel_id", "expert_id", name=op.f("uq_seat_panel_id")),
    )
    op.create_index("ix_seat_expert", "seat", ["expert_id", "status"])
    for table, columns in (("panel", f"{PANEL}, meeting_id"), ("seat", SEAT)):
        connection.execute(sa.text(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {table}_kept"))  # noqa: S608
        op.drop_table(f"{table}_kept")


def downgrade() -> None:
    raise NotImplementedError("a meeting of many projects is no roadshow")
