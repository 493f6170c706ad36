"""The first tables: inbox, chats, sessions and picks.

Types are spelled out, not taken from `storage.schema`: this step must stay as it is while the
schema moves on.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the four tables."""
    row_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "inbox",
        sa.Column("bot_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("update_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("received_at", moment, nullable=False),
        sa.Column("done_at", moment),
        sa.PrimaryKeyConstraint("bot_id", "update_id", name="pk_inbox"),
    )
    op.create_index("ix_inbox_done_at", "inbox", ["done_at"])
    op.create_table(
        "chats",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("language", sa.String(35)),
        sa.Column("created_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_chats"),
    )
    op.create_table(
        "sessions",
        sa.Column("id", row_id, nullable=False),
        sa.Column("bot_id", sa.BigInteger(), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("thread_id", sa.BigInteger()),
        sa.Column("photo_message_id", sa.BigInteger()),
        sa.Column("photo_file_id", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("language", sa.String(35)),
        sa.Column("embedding", sa.LargeBinary()),
        sa.Column("panel_message_id", sa.BigInteger()),
        sa.Column("caption_message_id", sa.BigInteger()),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("updated_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
        sa.ForeignKeyConstraint(
            ["chat_id"], ["chats.id"], name="fk_sessions_chat_id_chats", ondelete="CASCADE"
        ),
        sa.UniqueConstraint(
            "bot_id",
            "chat_id",
            "photo_message_id",
            name="uq_sessions_bot_id_chat_id_photo_message_id",
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_sessions_chat_id_id", "sessions", ["chat_id", "id"])
    op.create_index("ix_sessions_state_bot_id", "sessions", ["state", "bot_id"])
    op.create_table(
        "picks",
        sa.Column("id", row_id, nullable=False),
        sa.Column("session_id", sa.BigInteger(), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("bot_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("tag", sa.Text()),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_picks"),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name="fk_picks_session_id_sessions", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("bot_id", "key", name="uq_picks_bot_id_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_picks_session_id_id", "picks", ["session_id", "id"])
    op.create_index("ix_picks_chat_id_id", "picks", ["chat_id", "id"])
