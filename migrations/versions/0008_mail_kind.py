"""What a mail is about: its kind, its project, what its reader is to the project, and the key that makes it the only one.

Of older mails the project is that of their link; a reminder gets its key from its subject, the first of several the key.
"""

import re
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

PAGE = re.compile(r"/projects/(\d{1,9})(?:[/?#]|$)")
NOTICE = re.compile(r"/notices-admin/(\d{1,9})$")
REMINDED = {
    "请在征集截止前提交申报": "call_closes", "请在期限内修改并重新提交": "correction",
    "请在揭榜截止前提交揭榜申请": "bids_close", "请准时参加路演": "roadshow",
    "公示期将满，请办理后续手续": "notice_ends", "请在期限内完成整改并申请验收": "rectification",
    "请提交执行情况报告": "report", "实施期将满，请申请验收": "term_ends", "请按期退回财政资金": "recovery",
    "请拨付并登记县市区（园区）配套资金": "county_instalment",
}  # fmt: skip
REMINDER = re.compile(f"({'|'.join(REMINDED)})（(\\d{{4}})年(\\d{{1,2}})月(\\d{{1,2}})日）：")
BATCH = 5000


def upgrade() -> None:
    project = sa.Column("project_id", sa.Integer(), sa.ForeignKey("project.id", name="fk_mail_project_id_project"))
    op.add_column("mail", project, inline_references=op.get_bind().dialect.name == "sqlite")
    op.add_column("mail", sa.Column("kind", sa.String(), nullable=False, server_default=""))
    op.add_column("mail", sa.Column("relation", sa.String(), nullable=False, server_default=""))
    op.add_column("mail", sa.Column("key", sa.String(), nullable=True))
    mail = sa.table("mail", sa.column("id"), sa.column("project_id"), sa.column("key"))
    put = mail.update().where(mail.c.id == sa.bindparam("mail"))
    put = put.values(project_id=sa.bindparam("project"), key=sa.bindparam("only"))
    found = list(about())
    for start in range(0, len(found), BATCH):
        op.get_bind().execute(put, found[start : start + BATCH])
    op.create_index("ix_mail_project", "mail", ["project_id"])
    keyed = sa.text("key IS NOT NULL")
    op.create_index(
        "uq_mail_key", "mail", ["person_id", "key"], unique=True, sqlite_where=keyed, postgresql_where=keyed
    )


def about() -> Iterator[dict[str, Any]]:
    """Yield of each mail about a project or a notice what it is about; a project that was deleted is none."""
    connection = op.get_bind()
    projects = set(connection.execute(sa.text("SELECT id FROM project")).scalars())
    given: set[tuple[int, str]] = set()
    for row in connection.execute(sa.text("SELECT id, person_id, subject, link FROM mail ORDER BY id")):
        page = PAGE.search(row.link)
        project = int(page[1]) if page and int(page[1]) in projects else None
        key = key_of(row, project)
        if key and (row.person_id, key) in given:
            key = None
        if key:
            given.add((row.person_id, key))
        if project or key:
            yield {"mail": row.id, "project": project, "only": key}


def key_of(row: Any, project: int | None) -> str | None:
    """Return the key of a reminder: what is due, of which project or notice, and on which day."""
    reminder, notice = REMINDER.match(row.subject), NOTICE.search(row.link)
    if not reminder or not (project or notice):
        return None
    todo, year, month, day = reminder.groups()
    thing = f"project:{project}" if project else f"notice:{notice[1]}"
    return f"{REMINDED[todo]}:{thing}:{year}-{int(month):02}-{int(day):02}"


def downgrade() -> None:
    op.drop_index("uq_mail_key", "mail")
    op.drop_index("ix_mail_project", "mail")
    for name in ("key", "relation", "project_id", "kind"):
        op.drop_column("mail", name)
