"""The tables, as this version of the code reads and writes them.

The migrations build the same tables step by step; a test holds the two together.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.types import TypeDecorator


class UtcDateTime(TypeDecorator[datetime]):
    """A point in time: kept in UTC, given back with its zone (SQLite itself knows none)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a time without a zone: nobody could say later when it was."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored time needs its time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# SQLite numbers rows by itself only in a column of type INTEGER, which has 64 bits there.
RowId = BigInteger().with_variant(Integer, "sqlite")

UNSHOWN = "album IS NOT NULL AND panel_message_id IS NULL"
"""Of a session: word for word, a query that says this is led by an index of its own."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# Every update is written here before Telegram is told that it arrived.
inbox = Table(
    "inbox",
    metadata,
    Column("bot_id", BigInteger, primary_key=True, autoincrement=False),
    Column("update_id", BigInteger, primary_key=True, autoincrement=False),
    Column("body", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("done_at", UtcDateTime),
    # Whose it is: the chat, or the person where there is none. For export and deletion.
    Column("chat_id", BigInteger),
    # Serves both questions that are asked: what is not done, and what was done before a day.
    Index(None, "done_at"),
    Index(None, "chat_id", "done_at"),
)

chats = Table(
    "chats",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", String(32), nullable=False),
    Column("language", String(35)),
    Column("created_at", UtcDateTime, nullable=False),
    # JSON, which only the bot reads and writes.
    Column("settings", Text, nullable=False, server_default="{}"),
    # When its settings were last changed; with its sessions and sets it says whether it lives.
    Column("used_at", UtcDateTime),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("bot_id", BigInteger, nullable=False),
    Column("chat_id", BigInteger, ForeignKey("chats.id", ondelete="CASCADE"), nullable=False),
    Column("owner_id", BigInteger, nullable=False),
    Column("thread_id", BigInteger),
    Column("photo_message_id", BigInteger),
    Column("photo_file_id", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("language", String(35)),
    Column("embedding", LargeBinary),
    Column("panel_message_id", BigInteger),
    Column("caption_message_id", BigInteger),
    Column("state", String(16), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    # The media group that its photo came in.
    Column("album", String(64)),
    # With the bot in it: each bot counts the messages of a private chat for itself.
    UniqueConstraint("bot_id", "chat_id", "photo_message_id"),
    Index(None, "chat_id", "id"),
    Index(None, "state", "bot_id"),
    Index(None, "chat_id", "album"),
    # Albums that have not been shown: only a few at a time, and looked for all the time.
    Index(
        "ix_sessions_unshown",
        "bot_id",
        "updated_at",
        sqlite_where=text(UNSHOWN),
        postgresql_where=text(UNSHOWN),
    ),
    # Ids stand in the buttons of old messages: a deleted one must never come back.
    sqlite_autoincrement=True,
)

# Append-only: the prefix, the history and the chat's taste are all read from here.
picks = Table(
    "picks",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("session_id", BigInteger, ForeignKey("sessions.id", ondelete="CASCADE"), nullable=False),
    # Repeated from the session, so that a chat's newest picks are one walk along an index
    # and a key is unique for the bot that it came through.
    Column("chat_id", BigInteger, nullable=False),
    Column("bot_id", BigInteger, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("tag", Text),
    Column("key", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("bot_id", "key"),
    Index(None, "session_id", "id"),
    Index(None, "chat_id", "id"),
    sqlite_autoincrement=True,
)

# The further photos of a session: of an album, or joined later.
session_photos = Table(
    "session_photos",
    metadata,
    Column(
        "session_id",
        BigInteger,
        ForeignKey("sessions.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("message_id", BigInteger),
    Column("file_id", Text, nullable=False),
    Column("embedding", LargeBinary),
    UniqueConstraint("session_id", "message_id"),
    Index(None, "message_id"),
)

sets = Table(
    "sets",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("chat_id", BigInteger, ForeignKey("chats.id", ondelete="CASCADE"), nullable=False),
    Column("name", Text, nullable=False),
    # Separated by spaces, which no tag has.
    Column("tags", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("chat_id", "name"),
    # Ids stand in buttons, as those of sessions do.
    sqlite_autoincrement=True,
)

# What the bot asked, and whom: the reply to such a message is the answer. One that answers without
# being a reply stands here too, under its own id.
questions = Table(
    "questions",
    metadata,
    Column("bot_id", BigInteger, primary_key=True, autoincrement=False),
    Column(
        "chat_id",
        BigInteger,
        ForeignKey("chats.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("message_id", BigInteger, primary_key=True, autoincrement=False),
    Column("user_id", BigInteger, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("argument", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Index(None, "chat_id"),
)

# A bot's own, the same for all of its processes: what its webhook is called with.
secrets = Table(
    "secrets",
    metadata,
    Column("bot_id", BigInteger, primary_key=True, autoincrement=False),
    Column("name", String(32), primary_key=True),
    Column("value", Text, nullable=False),
)
