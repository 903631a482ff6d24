"""An installation of the first release, with data in it, becomes one of today."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from flask_migrate import upgrade
from sqlalchemy import Engine, MetaData, Table, create_engine, func, inspect, select, text
from sqlalchemy.exc import DBAPIError

from tests.support.postgres import PostgresServer
from tests.support.schema import TRIGGERS
from xtbang import create_app
from xtbang.extensions import db
from xtbang.migrating import add_migrations
from xtbang.models import Base

FIRST = "0001"
VERSIONS = Path(__file__).parents[2] / "migrations" / "versions"
SAMPLES: dict[type, Any] = {
    bool: True, int: 1, float: 1.0, str: "x", dict: {}, object: {}, bytes: b"x", date: date(2026, 11, 23), datetime: datetime(2026, 11, 23, tzinfo=UTC),
}  # fmt: skip
ROWS: dict[str, list[dict[str, Any]]] = {
    "signature": [{"code_read": True, "party": "issuer"}, {"code_read": False, "party": "bidder"}],
    "project": [{"state": "draft", "region": "湘潭高新区"}, {"state": "draft", "region": "雨湖区"}],
    "ledger_entry": [
        {"kind": "recovered", "source": "city", "note": "TK-1"},
        {"kind": "recovered", "source": "city", "note": "ｔｋ 1"},
        {"kind": "instalment", "source": "city", "instalment": 1, "note": "TK-1"},
        {"kind": "instalment", "source": "county", "instalment": 1, "note": "XQ-1"},
        {"kind": "instalment", "source": "county", "instalment": 1, "note": "XQ-1", "project_id": 2},
        {"kind": "issuer_payment", "source": "issuer", "note": "HD-1"},
        {"kind": "recovery_due", "source": "city", "note": "终止决定"},
        {"kind": "recovered", "source": "city", "note": "9" * 5000},
    ],
    "mail": [
        {"link": "https://bang.test/projects/1", "subject": "请受理：甲"},
        {"link": "https://bang.test/projects/2/bids?a=1", "subject": "已受理"},
        {"link": "https://bang.test/projects/12", "subject": "请提交执行情况报告（2026年1月31日）：已删除"},
        {"link": "https://bang.test/desk", "subject": "单位注册已确认"},
        {"link": "https://bang.test/projects/2", "subject": "请提交执行情况报告（2026年1月31日）：旧名"},
        {"link": "https://bang.test/projects/2", "subject": "请提交执行情况报告（2026年1月31日）：新名"},
        {
            "link": "https://bang.test/projects/2",
            "subject": "请提交执行情况报告（2026年1月31日）：新名",
            "person_id": 2,
        },
        {"link": "https://bang.test/notices-admin/3", "subject": "公示期将满，请办理后续手续（2026年12月1日）：公示"},
    ],
    "document": [{"scan_note": "unread"}, {"scan_note": "read"}, {"scan_note": ""}],
}


NOT_COUNTED = ("alembic_version", "search_term")  # the latter is what SQLite keeps of the search index
ANEW = {"search_entry", "ledger_total"}  # made anew from what is there
LATER = {date: date(2026, 12, 23), datetime: datetime(2026, 12, 23, tzinfo=UTC)}
FITTING: dict[str, dict[str, Any]] = {  # what a check of the database asks of the row of a table
    "bid": {"status": "draft"}, "notice": {"status": "draft"}, "organisation": {"status": "pending"},
    "organisation_change": {"status": "asked"}, "objection": {"status": "open"}, "voucher": {"status": "open"},
    "budget_line": {"status": "waiting"}, "holiday_year": {"status": "waiting"}, "restriction_act": {"status": "waiting"},
    "project_import": {"status": "open"}, "recusal": {"status": "open"}, "party_statement": {"panel_id": 1},
    "meeting": {"status": "planned"}, "termination": {"cause": "objective"}, "call": {"closes_at": LATER[datetime]},
    "extension": {"new_end": LATER[date]}, "receiving_account": {"source": "city", "region": ""},
}  # fmt: skip


@pytest.fixture(params=["sqlite", "postgresql"])
def first_release(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database as the first revision made it, with rows that refer to nobody."""
    url = f"sqlite:///{tmp_path}/first.db"
    if request.param == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres_server")
        server.drop_database("first_release")
        url = server.create_database("first_release")
    app = add_migrations(create_app({"INSTANCE": tmp_path, "SECRET_KEY": "test", "SQLALCHEMY_DATABASE_URI": url}))
    plain = create_engine(url)
    with app.app_context():
        upgrade(revision=FIRST)
        for name, rows in {"call": [FITTING["call"]], **ROWS}.items():
            insert(plain, name, rows)
        yield plain
        db.engine.dispose()
    plain.dispose()


def insert(database: Engine, name: str, rows: list[dict[str, Any]]) -> None:
    """Add rows, each with a sample in every other column that must have a value; they may refer to nobody."""
    with database.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        table = Table(name, MetaData(), autoload_with=connection, resolve_fks=False)
        needed = {c.name: SAMPLES[c.type.python_type] for c in table.columns if not c.nullable}
        for number, row in enumerate(rows, 1):
            whole = needed | {"draft": {}} | row | {"id": number, "version_id": number}
            connection.execute(table.insert(), {key: whole[key] for key in whole.keys() & table.columns.keys()})


def counted(database: Engine) -> dict[str, int]:
    """Return how many rows every table has."""
    with database.connect() as connection:
        names = {name for name in inspect(connection).get_table_names() if not name.startswith(NOT_COUNTED)}
        return {name: connection.scalar(select(func.count()).select_from(text(name))) or 0 for name in names}


def test_rows_of_every_release_come_along(first_release: Engine) -> None:
    """Every table has rows from its first revision on, and each further revision finds and keeps them."""
    had: dict[str, int] = {}
    revisions = sorted(path.name[:4] for path in VERSIONS.glob("[0-9]*.py"))
    for revision in revisions[revisions.index(FIRST) :]:
        upgrade(revision=revision)
        has = counted(first_release)
        kept = had.keys() & has.keys() - ANEW
        assert {name: has[name] for name in kept} == {name: had[name] for name in kept}, revision
        for name in sorted(name for name, rows in has.items() if not rows):
            insert(first_release, name, [FITTING.get(name, {})])
        had = counted(first_release)
        assert all(had.values()), revision
    assert had.keys() == Base.metadata.tables.keys()


def test_what_was_there_is_there_after_the_upgrade(first_release: Engine) -> None:
    """A code that was not read in a scan is a doubt in words now."""
    upgrade()
    with first_release.connect() as connection:
        doubts = connection.execute(text("SELECT party, doubt FROM signature ORDER BY id")).all()
        notes = connection.execute(text("SELECT scan_note FROM document ORDER BY id")).scalars().all()
    assert doubts == [("issuer", ""), ("bidder", "二维码未能识别")]
    assert notes == ["二维码未能识别", "read", ""]


def test_of_older_payments_with_one_number_the_first_bears_it(first_release: Engine) -> None:
    """Who recorded the same number again and again can still upgrade; the ledger stays as closed as it was."""
    with first_release.connect() as connection:
        triggers = set(map(tuple, connection.execute(text(TRIGGERS[first_release.dialect.name]))))
    upgrade()
    with first_release.connect() as connection:
        keys = connection.execute(text("SELECT number_key FROM ledger_entry ORDER BY id")).scalars().all()
        assert triggers and triggers <= set(map(tuple, connection.execute(text(TRIGGERS[first_release.dialect.name]))))
        with pytest.raises(DBAPIError, match="append-only"):
            connection.execute(text("UPDATE ledger_entry SET number_key = NULL"))
    assert keys == [
        "city::back:TK1", None, "city::out:TK1", "county:湘潭高新区:out:XQ1", "county:雨湖区:out:XQ1",
        "issuer:1:out:HD1", None, None,
    ]  # fmt: skip


def test_older_mails_know_their_project_and_reminders_their_key(first_release: Engine) -> None:
    """A project that was deleted is none; of a reminder that went out twice under two titles the first has the key."""
    upgrade()
    with first_release.connect() as connection:
        mails = connection.execute(text("SELECT kind, relation, project_id, key FROM mail ORDER BY id")).all()
    report = "report:project:2:2026-01-31"
    assert mails == [
        ("", "", 1, None), ("", "", 2, None), ("", "", None, None), ("", "", None, None),
        ("", "", 2, report), ("", "", 2, None), ("", "", 2, report), ("", "", None, "notice_ends:notice:3:2026-12-01"),
    ]  # fmt: skip
