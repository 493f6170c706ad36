"""Everything that the playground keeps of one chat: told, and deleted for good."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from bot.playground.store import Json
from bot.playground.whose import chat_of_update
from bot.playground.world import World

CHUNK = 6_000_000
"""Bytes of a file that are told at a time."""

Rows = dict[str, list[Json]]


class Belongings:
    """What belongs to whom; the chat itself stays, as an account does that was emptied.

    A supergroup has what the group had that it was before.
    """

    def __init__(self, world: World) -> None:
        self._world = world

    async def belongings(self, chat_id: int) -> Rows:
        """All that is kept of a chat: its people, messages, updates, events and files.

        Returns:
            Rows by table; a file's bytes are rows of their own, in base64.
        """
        line = self._world.chats.line(chat_id)
        told: Rows = {
            "chats": [chat for chat in map(self._world.chats.chat, line) if chat],
            "users": self._world.chats.members(chat_id),
            "messages": self._bodies("messages", line),
            "updates": [body for _, body in self._updates(line)],
            "events": self._bodies("events", line),
            "files": [],
            "bytes": [],
        }
        # An export that was sent earlier holds nothing but what is told here again.
        sent = [one for one in told["messages"] if one["from"]["is_bot"] and "document" in one]
        theirs = [one for one in told["messages"] if not one["from"]["is_bot"]]
        for file_id in sorted(_file_ids(told) - (_file_ids(sent) - _file_ids(theirs))):
            row = self._world.store.one(
                "SELECT path, name, mime, size, created FROM files WHERE file_id = ?", (file_id,)
            )
            if row is None:
                continue
            path, name, mime, size, created = row
            told["files"].append(
                {"file_id": file_id, "name": name, "mime": mime, "size": size, "created": created}
            )
            told["bytes"] += await asyncio.to_thread(
                _chunks, file_id, self._world.files.place(path)
            )
        return told

    async def forget(self, chat_id: int, file_ids: list[str]) -> None:
        """Delete the messages, updates, events and files of a chat, and its people's names, from
        the disk too.

        Args:
            chat_id: The chat.
            file_ids: Files of it that no message shows any more.
        """
        store, line = self._world.store, self._world.chats.line(chat_id)
        with store.transaction():
            updates = self._updates(line)
            theirs: Rows = {
                "messages": self._bodies("messages", line),
                "updates": [body for _, body in updates],
                "events": self._bodies("events", line),
            }
            for number, _ in updates:
                store.change("DELETE FROM updates WHERE update_id = ?", (number,))
            for one in line:
                for table in ("messages", "events", "queries"):
                    store.change(f"DELETE FROM {table} WHERE chat_id = ?", (one,))
            gone = self._world.files.forget(self._with_sizes(_file_ids(theirs) | set(file_ids)))
            for message in theirs["messages"]:  # open pages take them away
                where, number = message["chat"]["id"], message["message_id"]
                self._world.events.add(where, "delete", {"message_id": number}, number)
            self._world.chats.lose_names(chat_id)
        for one in line:
            self._world.calls.forget(one)
            self._world.journal.forget(one)
        await asyncio.to_thread(_unlink, gone)
        store.scrub()

    def _bodies(self, table: str, line: Sequence[int]) -> list[Json]:
        rows = [
            row
            for one in reversed(line)
            for row in self._world.store.all(f"SELECT body FROM {table} WHERE chat_id = ?", (one,))
        ]
        return [json.loads(body) for (body,) in rows]

    def _updates(self, line: Sequence[int]) -> list[tuple[int, Json]]:
        """Updates that a chat's people caused, with their numbers."""
        rows = self._world.store.all("SELECT update_id, kind, body FROM updates")
        told = [(number, {kind: json.loads(body)}) for number, kind, body in rows]
        return [(number, body) for number, body in told if chat_of_update(body) in line]

    def _with_sizes(self, file_ids: set[str]) -> set[str]:
        """Files with the other sizes of the same photo, but without what other chats show."""
        whole = set(file_ids)
        for file_id in file_ids:
            row = self._world.store.one("SELECT media FROM files WHERE file_id = ?", (file_id,))
            whole |= _file_ids(json.loads(row[0])) if row else set()
        return {one for one in whole if not self._shown(one)}

    def _shown(self, file_id: str) -> bool:
        """Whether some message still shows a file."""
        shown = self._world.store.one(
            "SELECT 1 FROM messages WHERE instr(body, ?) LIMIT 1", (f'"{file_id}"',)
        )
        return shown is not None


def _file_ids(value: Any) -> set[str]:
    """All file ids anywhere in a value."""
    return set(_walk(value))


def _walk(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("file_id"), str):
            yield value["file_id"]
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from _walk(one)


def _chunks(file_id: str, where: Path) -> list[Json]:
    """A file's bytes, a piece a row."""
    if not where.is_file():
        return []
    told, offset = [], 0
    with where.open("rb") as file:
        while piece := file.read(CHUNK):
            data = base64.b64encode(piece).decode()
            told.append({"file_id": file_id, "offset": offset, "base64": data})
            offset += len(piece)
    return told


def _unlink(places: list[Path]) -> None:
    for place in places:
        place.unlink(missing_ok=True)
