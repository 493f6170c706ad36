"""The tag sets that a chat has saved under names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update

from storage.errors import NameTaken, NoSuchChat
from storage.schema import chats, sets
from storage.shelf import Shelf, insert, now
from storage.values import TagSet


class Sets(Shelf):
    """Tag sets by chat; an id of another chat's is as good as none."""

    async def save_set(self, chat_id: int, name: str, tags: Sequence[str]) -> TagSet:
        """Keep tags under a name; one that the chat has already holds these instead.

        Raises:
            NoSuchChat: the chat has not been remembered.
        """
        return await self._database.write(_save, chat_id, name, tags)

    async def sets(self, chat_id: int) -> list[TagSet]:
        """All sets of a chat, by name."""
        return await self._database.read(_all, chat_id)

    async def tag_set(self, chat_id: int, set_id: int) -> TagSet | None:
        """One set of a chat."""
        return await self._database.read(_one, chat_id, set_id)

    async def rename_set(self, chat_id: int, set_id: int, name: str) -> TagSet | None:
        """Give a set another name; None where the chat has no such set.

        Raises:
            NameTaken: another set of the chat has it.
        """
        return await self._database.write(_rename, chat_id, set_id, name)

    async def delete_set(self, chat_id: int, set_id: int) -> TagSet | None:
        """Delete a set, and say which it was; None where the chat has no such set."""
        return await self._database.write(_delete, chat_id, set_id)


def _save(connection: Connection, chat_id: int, name: str, tags: Sequence[str]) -> TagSet:
    if connection.scalar(select(chats.c.id).where(chats.c.id == chat_id)) is None:
        raise NoSuchChat(f"chat {chat_id} has not been remembered")
    new = insert(connection, sets).values(
        chat_id=chat_id, name=name, tags=" ".join(tags), created_at=now()
    )
    row = connection.execute(
        new.on_conflict_do_update(
            index_elements=[sets.c.chat_id, sets.c.name],
            set_={"tags": new.excluded.tags, "created_at": new.excluded.created_at},
        ).returning(*sets.c)
    ).one()
    return _to_set(row)


def _all(connection: Connection, chat_id: int) -> list[TagSet]:
    rows = connection.execute(select(sets).where(sets.c.chat_id == chat_id))
    # Sorted here: databases differ in how they order letters.
    return sorted(map(_to_set, rows), key=lambda one: (one.name.casefold(), one.id))


def _one(connection: Connection, chat_id: int, set_id: int) -> TagSet | None:
    row = connection.execute(
        select(sets).where(sets.c.id == set_id, sets.c.chat_id == chat_id)
    ).first()
    return _to_set(row) if row else None


def _rename(connection: Connection, chat_id: int, set_id: int, name: str) -> TagSet | None:
    other = connection.scalar(
        select(sets.c.id).where(sets.c.chat_id == chat_id, sets.c.name == name, sets.c.id != set_id)
    )
    if other is not None:
        raise NameTaken("another set has this name")
    row = connection.execute(
        update(sets)
        .where(sets.c.id == set_id, sets.c.chat_id == chat_id)
        .values(name=name)
        .returning(*sets.c)
    ).first()
    return _to_set(row) if row else None


def _delete(connection: Connection, chat_id: int, set_id: int) -> TagSet | None:
    row = connection.execute(
        delete(sets).where(sets.c.id == set_id, sets.c.chat_id == chat_id).returning(*sets.c)
    ).first()
    return _to_set(row) if row else None


def _to_set(row: Row[Any]) -> TagSet:
    return TagSet(row.id, row.chat_id, row.name, tuple(row.tags.split()), row.created_at)
