"""Why an officer has to look at a scan, in words, instead of whether a code was read."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

UNREAD = "二维码未能识别"


def upgrade() -> None:
    op.add_column("signature", sa.Column("doubt", sa.String(), nullable=False, server_default=""))
    signature = sa.table("signature", sa.column("doubt"), sa.column("code_read", sa.Boolean()))
    op.execute(signature.update().where(sa.not_(signature.c.code_read)).values(doubt=UNREAD))
    op.drop_column("signature", "code_read")
    document = sa.table("document", sa.column("scan_note"))
    op.execute(document.update().where(document.c.scan_note == "unread").values(scan_note=UNREAD))


def downgrade() -> None:
    op.add_column("signature", sa.Column("code_read", sa.Boolean(), nullable=False, server_default=sa.false()))
    signature = sa.table("signature", sa.column("doubt"), sa.column("code_read", sa.Boolean()))
    op.execute(signature.update().values(code_read=signature.c.doubt == ""))
    op.drop_column("signature", "doubt")
    document = sa.table("document", sa.column("scan_note"))
    op.execute(document.update().where(document.c.scan_note == UNREAD).values(scan_note="unread"))
