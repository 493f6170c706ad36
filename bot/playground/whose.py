"""Which chat an update, or a call of the bot, is about."""

from __future__ import annotations

from bot.playground.calls import Call
from bot.playground.store import Json
from bot.playground.world import World


def chat_of_update(update: Json) -> int | None:
    """The chat of an update's message, or the private chat of its person.

    Args:
        update: As the Bot API has it, with or without its id.
    """
    (body,) = (value for name, value in update.items() if name != "update_id")
    place = body if "chat" in body else body.get("message") or {}
    chat = place.get("chat") or body.get("from") or {}
    return chat.get("id")


def chat_of_call(world: World, call: Call) -> int | None:
    """The chat of a call that is about to be answered, where it is about one alone."""
    if call.chat_id is not None:
        return call.chat_id
    if call.method == "answercallbackquery":
        return _only(
            world,
            "SELECT chat_id FROM queries WHERE query_id = ?",
            call.text("callback_query_id"),
        )
    if call.method == "answerinlinequery":
        query = world.queries.get(call.text("inline_query_id"))
        return query.user_id if query else None
    if call.method == "getfile":
        return _only(
            world,
            "SELECT DISTINCT chat_id FROM messages WHERE instr(body, ?) LIMIT 2",
            f'"{call.text("file_id")}"',
        )
    return None


def _only(world: World, query: str, value: str) -> int | None:
    rows = world.store.all(query, (value,))
    return int(rows[0][0]) if len(rows) == 1 else None
