"""What a chat remembers: its settings, its saved tag sets, albums, and the questions it was asked.

An update in the inbox now says whose it is, so that a chat's own can be exported and deleted.
"""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add three tables and four columns."""
    row_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    moment = sa.DateTime(timezone=True)
    op.add_column("chats", sa.Column("settings", sa.Text(), nullable=False, server_default="{}"))
    op.add_column("chats", sa.Column("used_at", moment))
    op.add_column("sessions", sa.Column("album", sa.String(64)))
    op.create_index("ix_sessions_chat_id_album", "sessions", ["chat_id", "album"])
    op.add_column("inbox", sa.Column("chat_id", sa.BigInteger()))
    op.create_index("ix_inbox_chat_id", "inbox", ["chat_id"])
    _name_owners()
    op.create_table(
        "session_photos",
        sa.Column("session_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("message_id", sa.BigInteger()),
        sa.Column("file_id", sa.Text(), nullable=False),
        sa.Column("embedding", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("session_id", "position", name="pk_session_photos"),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["sessions.id"],
            name="fk_session_photos_session_id_sessions",
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint(
            "session_id", "message_id", name="uq_session_photos_session_id_message_id"
        ),
    )
    op.create_index("ix_session_photos_message_id", "session_photos", ["message_id"])
    op.create_table(
        "sets",
        sa.Column("id", row_id, nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sets"),
        sa.ForeignKeyConstraint(
            ["chat_id"], ["chats.id"], name="fk_sets_chat_id_chats", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("chat_id", "name", name="uq_sets_chat_id_name"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "questions",
        sa.Column("bot_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("chat_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("message_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("argument", sa.Text(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("bot_id", "chat_id", "message_id", name="pk_questions"),
        sa.ForeignKeyConstraint(
            ["chat_id"], ["chats.id"], name="fk_questions_chat_id_chats", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_questions_chat_id", "questions", ["chat_id"])


def _name_owners() -> None:
    """Say of the updates that are there already whose they are."""
    inbox = sa.table(
        "inbox",
        sa.column("bot_id", sa.BigInteger),
        sa.column("update_id", sa.BigInteger),
        sa.column("body", sa.Text),
        sa.column("chat_id", sa.BigInteger),
    )
    connection = op.get_bind()
    for bot_id, update_id, body in connection.execute(
        sa.select(inbox.c.bot_id, inbox.c.update_id, inbox.c.body)
    ).all():
        chat_id = _owner(body)
        if chat_id is not None:
            connection.execute(
                sa.update(inbox)
                .where(inbox.c.bot_id == bot_id, inbox.c.update_id == update_id)
                .values(chat_id=chat_id)
            )


def _owner(body: str) -> int | None:
    """The chat of an update in Telegram's JSON; None where it names none."""
    try:
        update = json.loads(body)
        for kind in ("message", "edited_message"):
            if kind in update:
                return int(update[kind]["chat"]["id"])
        return int(update["callback_query"]["message"]["chat"]["id"])
    except (ValueError, KeyError, TypeError):
        return None
