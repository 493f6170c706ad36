"""The chats that the bot has met."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, select, update

from storage.errors import NoSuchChat
from storage.schema import chats, inbox, picks, questions, session_photos, sessions, sets
from storage.shelf import Shelf, insert, now
from storage.values import Chat

# Built once: to build a statement takes as long as to run it.
_SETTINGS = select(chats.c.settings).where(chats.c.id == bindparam("chat"))


class Chats(Shelf):
    """Chats by their Telegram id."""

    async def remember_chat(self, chat_id: int, *, kind: str, language: str | None) -> Chat:
        """Keep a chat, or bring what is known of it up to date.

        A language of None leaves the known one as it is.
        """
        known = await self.chat(chat_id)
        if known and known.kind == kind and language in (None, known.language):
            return known  # the usual case costs no write
        return await self._database.write(_remember, chat_id, kind, language)

    async def chat(self, chat_id: int) -> Chat | None:
        """What is known of a chat."""
        return await self._database.read(_chat, chat_id)

    async def settings_of(self, chat_id: int) -> str:
        """A chat's settings, as a JSON object; empty for a chat that is not known."""
        return await self._database.read(read_settings, chat_id)

    async def set_settings(self, chat_id: int, settings: str) -> None:
        """Keep a chat's settings: a JSON object, in place of the one before.

        Raises:
            NoSuchChat: the chat has not been remembered.
        """
        await self._database.write(_set_settings, chat_id, settings)

    async def set_language(self, chat_id: int, language: str | None) -> None:
        """Let the sessions that a chat has begun speak another language."""
        await self._database.write(_set_language, chat_id, language)

    async def migrate_chat(self, old_id: int, new_id: int) -> None:
        """Move everything of a group to the supergroup that it became; twice is harmless."""
        await self._database.write(_migrate, old_id, new_id)


def read_settings(connection: Connection, chat_id: int | None) -> str:
    """A chat's settings inside a transaction; empty for a chat that is not known."""
    return connection.scalar(_SETTINGS, {"chat": chat_id}) or "{}"


def _remember(connection: Connection, chat_id: int, kind: str, language: str | None) -> Chat:
    new = insert(connection, chats).values(
        id=chat_id, kind=kind, language=language, created_at=now()
    )
    row = connection.execute(
        new.on_conflict_do_update(
            index_elements=[chats.c.id],
            set_={
                "kind": new.excluded.kind,
                "language": func.coalesce(new.excluded.language, chats.c.language),
            },
        ).returning(*chats.c)
    ).one()
    return _to_chat(row)


def _chat(connection: Connection, chat_id: int) -> Chat | None:
    row = connection.execute(select(chats).where(chats.c.id == chat_id)).first()
    return _to_chat(row) if row else None


def _set_settings(connection: Connection, chat_id: int, settings: str) -> None:
    changed = connection.execute(
        update(chats).where(chats.c.id == chat_id).values(settings=settings, used_at=now())
    )
    if not changed.rowcount:
        raise NoSuchChat(f"chat {chat_id} has not been remembered")


def _set_language(connection: Connection, chat_id: int, language: str | None) -> None:
    connection.execute(
        update(sessions).where(sessions.c.chat_id == chat_id).values(language=language)
    )


def _migrate(connection: Connection, old_id: int, new_id: int) -> None:
    old = _chat(connection, old_id)
    if old is None or old_id == new_id:
        return
    connection.execute(
        insert(connection, chats)
        .values(id=new_id, kind="supergroup", language=old.language, created_at=old.created_at)
        .on_conflict_do_nothing()
    )
    # An update from the supergroup may have come first, but hardly a change of its settings.
    connection.execute(
        update(chats)
        .where(chats.c.id == new_id, chats.c.settings == "{}")
        .values(settings=old.settings, used_at=now())
    )
    taken = select(sets.c.name).where(sets.c.chat_id == new_id)
    connection.execute(
        update(sets)
        .where(sets.c.chat_id == old_id, sets.c.name.not_in(taken))
        .values(chat_id=new_id)
    )
    # Message ids begin anew in the supergroup: an old one would soon name another message.
    connection.execute(delete(questions).where(questions.c.chat_id == old_id))
    of_old = select(sessions.c.id).where(sessions.c.chat_id == old_id)
    connection.execute(
        update(session_photos)
        .where(session_photos.c.session_id.in_(of_old))
        .values(message_id=None)
    )
    connection.execute(
        update(sessions)
        .where(sessions.c.chat_id == old_id)
        .values(
            chat_id=new_id, photo_message_id=None, panel_message_id=None, caption_message_id=None
        )
    )
    connection.execute(update(picks).where(picks.c.chat_id == old_id).values(chat_id=new_id))
    connection.execute(update(inbox).where(inbox.c.chat_id == old_id).values(chat_id=new_id))
    connection.execute(delete(chats).where(chats.c.id == old_id))


def _to_chat(row: Row[Any]) -> Chat:
    return Chat(row.id, row.kind, row.language, row.created_at, row.settings)
