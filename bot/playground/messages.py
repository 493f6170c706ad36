"""The messages of all chats as they stand now, both sides, and the events that they cause."""

from __future__ import annotations

import json

from bot.playground.events import Events
from bot.playground.store import Clock, Json, Store, dump


def as_the_bot_sees(message: Json) -> Json:
    """A message without what only people's clients get: reply keyboards and forced replies."""
    seen = dict(message)
    if "inline_keyboard" not in seen.get("reply_markup", {}):
        seen.pop("reply_markup", None)
    if "reply_to_message" in seen:
        seen["reply_to_message"] = as_the_bot_sees(seen["reply_to_message"])
    return seen


class Messages:
    """Bot API ``Message`` objects; what a message replies to is looked up when it is read."""

    def __init__(self, store: Store, events: Events, clock: Clock) -> None:
        self._store = store
        self._events = events
        self._clock = clock

    def post(self, chat: Json, sender: Json, content: Json, reply_to: int | None = None) -> Json:
        """Put a message at the end of a chat.

        Args:
            chat: Its ``Chat``.
            sender: Its ``User``.
            content: What it holds: ``text``, ``photo``, ``reply_markup``, …
            reply_to: The id of the message that it answers.

        Returns:
            The ``Message``.
        """
        chat_id = chat["id"]
        with self._store.transaction():
            row = self._store.one("SELECT next_message_id FROM chats WHERE chat_id = ?", (chat_id,))
            assert row is not None
            message_id = int(row[0])
            self._store.change(
                "UPDATE chats SET next_message_id = ? WHERE chat_id = ?", (message_id + 1, chat_id)
            )
            body = {
                "message_id": message_id,
                "from": sender,
                "chat": chat,
                "date": int(self._clock()),
                **content,
            }
            self._store.run(
                "INSERT INTO messages VALUES (?, ?, ?, ?)",
                (chat_id, message_id, reply_to, dump(body)),
            )
            message = self._with_reply(chat_id, body, reply_to)
            self._events.add(chat_id, "message", {"message": message}, message_id)
        return message

    def get(self, chat_id: int, message_id: int) -> Json | None:
        """A message as it stands now."""
        row = self._store.one(
            "SELECT body, reply_to FROM messages WHERE chat_id = ? AND message_id = ?",
            (chat_id, message_id),
        )
        return self._with_reply(chat_id, json.loads(row[0]), row[1]) if row else None

    def all(self, chat_id: int) -> list[Json]:
        """A chat's messages in order."""
        rows = self._store.all(
            "SELECT body, reply_to FROM messages WHERE chat_id = ? ORDER BY message_id",
            (chat_id,),
        )
        return [self._with_reply(chat_id, json.loads(body), reply) for body, reply in rows]

    def edit(self, message: Json, changes: Json) -> Json:
        """Change a message.

        Args:
            message: As it stands.
            changes: New values; ``None`` takes a field away.

        Returns:
            The message as it stands now.
        """
        chat_id, message_id = message["chat"]["id"], message["message_id"]
        body = {key: value for key, value in message.items() if key != "reply_to_message"}
        body |= {"edit_date": int(self._clock()), **changes}
        body = {key: value for key, value in body.items() if value is not None}
        with self._store.transaction():
            self._store.change(
                "UPDATE messages SET body = ? WHERE chat_id = ? AND message_id = ?",
                (dump(body), chat_id, message_id),
            )
            edited = self.get(chat_id, message_id)
            assert edited is not None
            self._events.add(chat_id, "edit", {"message": edited}, message_id)
        return edited

    def delete(self, chat_id: int, message_id: int) -> bool:
        """Take a message out of its chat.

        Returns:
            Whether it was there.
        """
        with self._store.transaction():
            gone = self._store.change(
                "DELETE FROM messages WHERE chat_id = ? AND message_id = ?", (chat_id, message_id)
            )
            if gone:
                self._events.add(chat_id, "delete", {"message_id": message_id}, message_id)
        return bool(gone)

    def sweep(self, before: float) -> None:
        """Delete messages that were sent before a time, and what told of them."""
        with self._store.transaction():
            for chat_id, message_id in self._store.all(
                "SELECT chat_id, message_id FROM messages"
                " WHERE max(json_extract(body, '$.date'),"
                " coalesce(json_extract(body, '$.edit_date'), 0)) < ?",
                (before,),
            ):
                self.delete(chat_id, message_id)
                self._events.renew(chat_id, message_id, None)

    def _with_reply(self, chat_id: int, body: Json, reply_to: int | None) -> Json:
        if reply_to is None:
            return body
        row = self._store.one(
            "SELECT body FROM messages WHERE chat_id = ? AND message_id = ?", (chat_id, reply_to)
        )
        return {**body, "reply_to_message": json.loads(row[0])} if row else body
