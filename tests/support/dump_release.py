"""Write the fixture of a release for tests/architecture/test_releases.py: both schemas, and rows of its demo.

Once, when a release is made, from its checkout::

    XTBANG_INSTANCE=/tmp/demo .venv/bin/xtbang setup --demo
    .venv/bin/python -m tests.support.dump_release /tmp/demo/xtbang.db tests/architecture/releases/NAME.json.xz --small

For an older commit ``--code`` names the folder that its files were unpacked to; its packages have to be there.
"""

import argparse
import json
import lzma
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.support.postgres import program, running_postgres

ROOT = Path(__file__).resolve().parents[2]
MIGRATE = "import sys; from xtbang.cli import cli; sys.argv = ['xtbang', 'db', 'upgrade']; cli()"
MAILS = 40
TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB 'search_*'"  # that index is built anew
EVENTS = 300  # of a small fixture
PAPERS = ("form", "contract", "payment_order", "termination", "prior_notice", "extension")  # of a small fixture
# what a bureau recorded when it waived a rule; the demo has no such case
WAIVED = {"rule": "A7.term", "reason": "攻关内容需要分两个阶段验证。"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("demo", type=Path, help="SQLite file of a demo")
    parser.add_argument("target", type=Path)
    parser.add_argument("--code", type=Path, default=ROOT, help="folder with the release's xtbang and migrations")
    parser.add_argument("--small", action="store_true", help="only projects that show every table and the main papers")
    given = parser.parse_args()
    with sqlite3.connect(":memory:") as rows, sqlite3.connect(given.demo) as demo:
        demo.backup(rows)
    revision = rows.execute("SELECT version_num FROM alembic_version").fetchone()[0]
    schema = {"sqlite": sqlite_schema(rows), "postgresql": postgres_schema(given.code)}
    trim(rows, given.small)
    waive(rows)
    tables = sorted(table for (table,) in rows.execute(TABLES))
    dump = {"revision": revision, "schema": schema, "rows": {table: contents(rows, table) for table in tables}}
    given.target.parent.mkdir(parents=True, exist_ok=True)
    plain = json.dumps(dump, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
    given.target.write_bytes(lzma.compress(plain, preset=9 | lzma.PRESET_EXTREME))
    print(given.target, f"{given.target.stat().st_size // 1024} KB,", len(dump["rows"]["project"]["rows"]), "projects")


def sqlite_schema(rows: sqlite3.Connection) -> list[str]:
    """Every table, index and trigger."""
    made = "CASE type WHEN 'table' THEN 0 WHEN 'index' THEN 1 ELSE 2 END"
    kept = "sql IS NOT NULL AND name NOT GLOB 'search_term_*'"
    every = rows.execute(f"SELECT sql FROM sqlite_master WHERE {kept} ORDER BY {made}, name")  # noqa: S608
    return [sql for (sql,) in every]


def postgres_schema(code: Path) -> str:
    """The same of PostgreSQL, made by the release's own migrations."""
    with running_postgres() as server, TemporaryDirectory() as folder:
        path = os.pathsep.join([str(code), os.environ.get("PYTHONPATH", "")])
        own = {"DATABASE_URL": server.url(), "XTBANG_INSTANCE": folder, "PYTHONPATH": path}
        subprocess.run([sys.executable, "-c", MIGRATE], check=True, cwd=code, env=os.environ | own)
        dump = [program("pg_dump"), "--schema-only", "--no-owner", "--no-privileges", "--host", str(server.folder)]
        text = subprocess.run([*dump, "-U", "xtbang", "xtbang"], check=True, capture_output=True, text=True).stdout
    lines = (
        line for line in text.splitlines() if line and not line.startswith(("--", "\\", "SET ", "SELECT pg_catalog"))
    )
    return "\n".join(lines)


def trim(rows: sqlite3.Connection, small: bool) -> None:
    """Leave few projects that still stand in every state and have every kind of paper; then what nothing refers to."""
    kept = chosen(rows, small)
    rows.execute(f"DELETE FROM project WHERE id NOT IN ({','.join(map(str, kept))})")  # noqa: S608
    for trigger in [n for (n,) in rows.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")]:
        rows.execute(f"DROP TRIGGER {trigger}")
    rows.execute("PRAGMA ignore_check_constraints = ON")  # until the row goes with its project
    while sum(orphans(rows)):
        pass
    rows.execute("DELETE FROM notice WHERE kind <> 'call' AND id NOT IN (SELECT notice_id FROM notice_item)")
    if small:  # the beginning of a chain is a chain
        rows.execute("DELETE FROM event WHERE id > ?", [EVENTS])
    if rows.execute("SELECT 1 FROM sqlite_master WHERE name = 'meeting'").fetchone():
        rows.execute("DELETE FROM meeting WHERE id NOT IN (SELECT meeting_id FROM meeting_item)")
    rows.execute("DELETE FROM mail WHERE id NOT IN (SELECT id FROM mail ORDER BY id DESC LIMIT ?)", [MAILS])
    rows.execute("UPDATE person SET password = NULL")
    while sum(orphans(rows)):
        pass


def chosen(rows: sqlite3.Connection, small: bool) -> list[int]:
    """The fewest and shortest projects that together show everything that one of them shows; few of it when small."""
    features: dict[int, set[str]] = {}
    for number, state, kind, edition in rows.execute("SELECT id, state, kind, edition FROM project"):
        features[number] = {"project"} if small else {state, kind, edition}
    for number, name in rows.execute("SELECT project_id, name FROM paper WHERE project_id IS NOT NULL"):
        features[number] |= {f"paper {name}"} if not small or name in PAPERS else set()
    for table, projects in belonging(rows).items():
        for number in projects:
            features[number].add(f"table {table}")
    sizes = dict(rows.execute("SELECT project_id, sum(length(data)) FROM paper GROUP BY project_id").fetchall())
    wanted, kept = set().union(*features.values()), []
    while wanted:
        best = max(features, key=lambda one: (len(features[one] & wanted) / (20_000 + sizes.get(one, 0)), -one))
        kept.append(best)
        wanted -= features[best]
    return sorted(kept)


def belonging(rows: sqlite3.Connection) -> dict[str, set[int]]:
    """Table → the projects that its rows are about, themselves or through what they refer to."""
    found = {"project": {number: number for (number,) in rows.execute("SELECT id FROM project")}}
    tables = [table for (table,) in rows.execute(TABLES).fetchall()]
    for _ in range(3):  # a remark is about a version of a document of a project
        for table in tables:
            references = rows.execute(f"PRAGMA foreign_key_list({table})").fetchall()
            known = sorted((reference[2] != "project", reference[2], reference[3]) for reference in references)
            if table not in found and (way := next((way for way in known if way[1] in found), None)):
                pairs = rows.execute(f"SELECT rowid, {way[2]} FROM {table}")  # noqa: S608
                found[table] = {number: found[way[1]].get(to) for number, to in pairs}
    return {table: set(projects.values()) - {None} for table, projects in found.items()}


def orphans(rows: sqlite3.Connection) -> Iterable[int]:
    """Delete rows that refer to nothing; how many, table by table. A reference that may be blank becomes so."""
    for (table,) in rows.execute(TABLES).fetchall():
        needed = {column[1] for column in rows.execute(f"PRAGMA table_info({table})") if column[3]}
        for reference in rows.execute(f"PRAGMA foreign_key_list({table})").fetchall():
            other, own, key = reference[2], reference[3], reference[4] or "id"
            lost = f"{own} IS NOT NULL AND {own} NOT IN (SELECT {key} FROM {other})"  # noqa: S608
            of_project = own in ("project_id", "notice_id") or own in needed
            deed = f"DELETE FROM {table}" if of_project else f"UPDATE {table} SET {own} = NULL"  # noqa: S608
            yield rows.execute(f"{deed} WHERE {lost}").rowcount


def waive(rows: sqlite3.Connection) -> None:
    """Let both bureaus waive a rule of every project with a payment, and its papers say so, as this release does."""
    columns = {column[1] for column in rows.execute("PRAGMA table_info(waiver)")}
    sentence = {"sentence": "实施周期为30个月，原则上不超过24个月（《办法》第七条）。"} if "sentence" in columns else {}
    people = {"science": "湘潭市科学技术局", "industry": "湘潭市工业和信息化局"}
    said = []
    (project,) = rows.execute("SELECT project_id FROM paper WHERE name = 'payment_order' LIMIT 1").fetchone()
    for role, office in people.items():
        who = (
            "SELECT p.id, p.name FROM person p JOIN person_role j ON j.person_id = p.id JOIN role r ON r.id = j.role_id"
        )
        number, name = rows.execute(f"{who} WHERE r.name = ? LIMIT 1", [role]).fetchone()
        row = (
            WAIVED | sentence | {"project_id": project, "role": role, "person_id": number, "at": "2024-05-06 02:03:04"}
        )
        marks = ", ".join(f":{name}" for name in row)
        rows.execute(f"INSERT INTO waiver ({', '.join(row)}) VALUES ({marks})", row)  # noqa: S608
        said.append(WAIVED | sentence | {"office": office, "name": name, "at": "2024-05-06T10:03+08:00"})
    every = "SELECT id, name, data FROM paper WHERE name IN ('contract', 'payment_order', 'extension')"
    for number, name, data in rows.execute(every).fetchall():
        rule = {"rule": "A11.in_time"} if name == "extension" else {}
        more = {"waivers": [item | rule for item in said]}
        facts = json.dumps(json.loads(data) | more, ensure_ascii=False)
        rows.execute("UPDATE paper SET data = ? WHERE id = ?", [facts, number])


def contents(rows: sqlite3.Connection, table: str) -> dict[str, Any]:
    """Names of columns and all rows as SQLite holds them; JSON without its escapes."""
    found = rows.execute(f"SELECT * FROM {table}")  # noqa: S608
    return {"columns": [column[0] for column in found.description], "rows": [list(map(plain, row)) for row in found]}


def plain(value: Any) -> Any:
    """JSON shorter: written without escapes, which compress badly."""
    if isinstance(value, str) and value.startswith(("{", "[")) and "\\u" in value:
        return json.dumps(json.loads(value), ensure_ascii=False)
    return value


if __name__ == "__main__":
    main()
