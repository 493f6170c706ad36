"""Bot API methods that change or delete a message."""

from __future__ import annotations

from bot.playground.calls import Call
from bot.playground.formatting import formatted
from bot.playground.keyboards import inline_only
from bot.playground.media import media_kind
from bot.playground.messages import as_the_bot_sees
from bot.playground.refusals import NOT_MODIFIED, bad_request
from bot.playground.sending import bot_media, reachable_chat
from bot.playground.store import Json
from bot.playground.world import World

DELETE_WITHIN_S = 48 * 3600


async def edit_message_text(world: World, call: Call) -> Json:
    """``editMessageText``."""
    message = _own_message(world, call, "edit")
    if "text" not in message:
        raise bad_request("there is no text in the message to edit")
    text = formatted(call)
    if not text.text:
        raise bad_request("message text is empty")
    changes: Json = {"text": text.text, "entities": text.entities or None}
    options = call.object("link_preview_options")
    changes["link_preview_options"] = options or None
    return _apply(world, call, message, changes)


async def edit_message_caption(world: World, call: Call) -> Json:
    """``editMessageCaption``."""
    message = _own_message(world, call, "edit")
    if media_kind(message) is None:
        raise bad_request("there is no caption in the message to edit")
    caption = formatted(call, "caption")
    changes: Json = {
        "caption": caption.text or None,
        "caption_entities": caption.entities or None,
    }
    return _apply(world, call, message, changes)


async def edit_message_media(world: World, call: Call) -> Json:
    """``editMessageMedia``, for photos and documents."""
    message = _own_message(world, call, "edit")
    item = call.object("media")
    if item.get("type") not in ("photo", "document"):
        raise bad_request("can't parse InputMedia: type must be non-empty")
    kind = item["type"]
    media = await bot_media(world, call, kind, str(item.get("media") or ""), kind)
    caption = formatted(Call(call.method, item), "caption")
    old = media_kind(message)
    changes: Json = {
        **({old: None} if old else {"text": None, "entities": None}),
        **media,
        "caption": caption.text or None,
        "caption_entities": caption.entities or None,
    }
    return _apply(world, call, message, changes)


async def edit_message_reply_markup(world: World, call: Call) -> Json:
    """``editMessageReplyMarkup``."""
    return _apply(world, call, _own_message(world, call, "edit"), {})


async def delete_message(world: World, call: Call) -> bool:
    """``deleteMessage``: any message of a private chat, else the bot's own, for two days."""
    chat = reachable_chat(world, call)
    message = world.messages.get(chat["id"], call.number("message_id"))
    if message is None:
        raise bad_request("message to delete not found")
    own = message["from"]["is_bot"]
    private = chat["type"] == "private"
    late = world.clock() - message["date"] > DELETE_WITHIN_S
    if late or not (own or private or world.chats.sees_all(chat["id"])):
        raise bad_request("message can't be deleted")
    world.messages.delete(chat["id"], message["message_id"])
    return True


async def delete_messages(world: World, call: Call) -> bool:
    """``deleteMessages``: those that can be are deleted, the others are skipped."""
    chat = reachable_chat(world, call)
    numbers = call.array("message_ids") or []
    if not all(isinstance(number, int) for number in numbers) or not 1 <= len(numbers) <= 100:
        raise bad_request("message identifiers are not specified")
    for number in numbers:
        message = world.messages.get(chat["id"], number)
        if message is not None and world.clock() - message["date"] <= DELETE_WITHIN_S:
            world.messages.delete(chat["id"], message["message_id"])
    return True


def _own_message(world: World, call: Call, verb: str) -> Json:
    chat = reachable_chat(world, call)
    if not call.number("message_id"):
        raise bad_request("message identifier is not specified")
    message = world.messages.get(chat["id"], call.number("message_id"))
    if message is None:
        raise bad_request(f"message to {verb} not found")
    if not message["from"]["is_bot"]:
        raise bad_request(f"message can't be {verb}ed")
    return message


def _apply(world: World, call: Call, message: Json, changes: Json) -> Json:
    """Make an edit; an edit without a keyboard takes the old one away."""
    changes = {**changes, "reply_markup": inline_only(call)}
    if all(message.get(name) == value for name, value in changes.items()):
        raise bad_request(NOT_MODIFIED)
    return as_the_bot_sees(world.messages.edit(message, changes))
