"""What several processes share: a bot's secrets, and a quick way to a chat's next update."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a table, and let an index tell what of a chat is not finished."""
    op.create_table(
        "secrets",
        sa.Column("bot_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("bot_id", "name", name="pk_secrets"),
    )
    op.drop_index("ix_inbox_chat_id", "inbox")
    op.create_index("ix_inbox_chat_id_done_at", "inbox", ["chat_id", "done_at"])
