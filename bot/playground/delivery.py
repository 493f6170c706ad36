"""From the person to the bot: which messages become updates, and in which shape."""

from __future__ import annotations

import secrets

from bot.playground.chats import BOT_USERNAME, as_member
from bot.playground.entities import entity_text
from bot.playground.messages import as_the_bot_sees
from bot.playground.store import Json
from bot.playground.world import World


def tell_bot(world: World, kind: str, message: Json) -> None:
    """Queue a person's message, new or edited, unless privacy mode hides it from the bot."""
    chat_id = message["chat"]["id"]
    if world.chats.blocked(chat_id):
        return
    if world.chats.sees_all(chat_id) or _meant_for_bot(message):
        world.updates.add(kind, as_the_bot_sees(message))


def tap(world: World, person: Json, message: Json, data: str) -> str:
    """A person taps a button.

    Args:
        world: Where.
        person: Who.
        message: The message under which the button stands or stood.
        data: The button's callback data.

    Returns:
        The id of the callback query.
    """
    query_id = str(10**17 + secrets.randbelow(9 * 10**17))
    chat_id = message["chat"]["id"]
    query = {
        "id": query_id,
        "from": person,
        "message": as_the_bot_sees(message),
        "chat_instance": str(-(chat_id**2) % 10**18),
        "data": data,
    }
    with world.store.transaction():
        world.store.run("INSERT INTO queries VALUES (?, ?, ?)", (query_id, chat_id, world.clock()))
        world.updates.add("callback_query", query)
    return query_id


def membership(world: World, chat: Json, person: Json, old: str, new: str) -> None:
    """Tell the bot that somebody let it in or shut it out (``my_chat_member``)."""
    bot = world.chats.bot()
    world.updates.add(
        "my_chat_member",
        {
            "chat": chat,
            "from": person,
            "date": int(world.clock()),
            "old_chat_member": as_member(bot, old),
            "new_chat_member": as_member(bot, new),
        },
    )


def _meant_for_bot(message: Json) -> bool:
    """Privacy mode: commands, mentions and replies to the bot, and what was sent through it."""
    if "via_bot" in message:
        return True
    if message.get("reply_to_message", {}).get("from", {}).get("is_bot"):
        return True
    text = message.get("text") or message.get("caption") or ""
    for entity in message.get("entities") or message.get("caption_entities") or []:
        part = entity_text(text, entity).lower()
        if entity["type"] == "mention" and part == f"@{BOT_USERNAME}":
            return True
        if entity["type"] == "bot_command" and part.partition("@")[2] in ("", BOT_USERNAME):
            return True
    return False
