"""Bot API methods that put something new into a chat."""

from __future__ import annotations

import secrets
from http import HTTPStatus

from starlette.datastructures import UploadFile
from telegram.constants import ChatAction

from bot.playground.calls import Call
from bot.playground.formatting import Formatted, formatted
from bot.playground.keyboards import reply_markup
from bot.playground.media import keep_file, keep_photo
from bot.playground.messages import as_the_bot_sees
from bot.playground.photos import NotAPhotoError
from bot.playground.refusals import PHOTO_LIMIT, UPLOAD_LIMIT, RefusedError, bad_request
from bot.playground.store import Json
from bot.playground.world import World

_ACTIONS = frozenset(action.value for action in ChatAction)


def reachable_chat(world: World, call: Call) -> Json:
    """The chat that a call is about.

    Raises:
        RefusedError: It is not there, has become another one, or shut the bot out.
    """
    chat_id = call.chat_id
    if chat_id is None and not call.text("chat_id"):
        raise bad_request("chat_id is empty")
    chat = world.chats.chat(chat_id) if chat_id is not None else None
    if chat is None or chat_id is None:
        raise bad_request("chat not found")
    moved = world.chats.migrated(chat_id)
    if moved is not None:
        reason = "group chat was upgraded to a supergroup chat"
        raise RefusedError(HTTPStatus.BAD_REQUEST, reason, {"migrate_to_chat_id": moved})
    if world.chats.blocked(chat_id):
        private = chat["type"] == "private"
        reason = "bot was blocked by the user" if private else "bot was kicked from the group chat"
        raise RefusedError(HTTPStatus.FORBIDDEN, reason)
    return chat


async def send_message(world: World, call: Call) -> Json:
    """``sendMessage``."""
    chat = reachable_chat(world, call)
    text = formatted(call)
    if not text.text:
        raise bad_request("message text is empty")
    content: Json = {"text": text.text}
    if text.entities:
        content["entities"] = text.entities
    options = call.object("link_preview_options")
    if options:
        content["link_preview_options"] = options
    return _post(world, call, chat, content)


async def send_photo(world: World, call: Call) -> Json:
    """``sendPhoto``."""
    chat = reachable_chat(world, call)
    content = _captioned(call, await bot_media(world, call, "photo", call.text("photo"), "photo"))
    return _post(world, call, chat, content)


async def send_document(world: World, call: Call) -> Json:
    """``sendDocument``."""
    chat = reachable_chat(world, call)
    media = await bot_media(world, call, "document", call.text("document"), "document")
    return _post(world, call, chat, _captioned(call, media))


async def send_media_group(world: World, call: Call) -> list[Json]:
    """``sendMediaGroup``: 2–10 photos or documents as an album."""
    chat = reachable_chat(world, call)
    items = call.objects("media")
    if not 2 <= len(items) <= 10:
        raise bad_request("wrong number of messages to send specified")
    kinds = [str(item.get("type")) for item in items]
    if set(kinds) not in ({"photo"}, {"document"}):
        raise bad_request("Can't use the media of the specified type in the album")
    contents = []
    for item, kind in zip(items, kinds, strict=True):
        media = await bot_media(world, call, kind, str(item.get("media") or ""), kind)
        contents.append(_captioned(Call(call.method, item), media))
    group = {"media_group_id": str(secrets.randbelow(10**17))}
    return [_post(world, call, chat, {**content, **group}) for content in contents]


async def send_chat_action(world: World, call: Call) -> bool:
    """``sendChatAction``."""
    chat = reachable_chat(world, call)
    action = call.text("action")
    if action not in _ACTIONS:
        raise bad_request("wrong parameter action in request")
    world.events.add(chat["id"], "action", {"action": action})
    return True


async def bot_media(world: World, call: Call, field: str, value: str, kind: str) -> Json:
    """A photo or document that the bot uploads with a call, or names by its file id.

    Args:
        world: Where.
        call: The call with its uploads.
        field: The upload's field, where ``value`` does not name another (``attach://…``).
        value: A file id, ``attach://name``, or nothing.
        kind: ``photo`` or ``document``.

    Raises:
        RefusedError: 400, when there is no such file or it cannot be sent so.
    """
    attached = value.removeprefix("attach://") if value.startswith("attach://") else field
    upload = call.files.get(attached)
    if upload is not None:
        return await _uploaded(world, upload, kind)
    known = world.files.get(value)
    if known is None:
        if value.startswith(("http://", "https://")):
            raise bad_request("failed to get HTTP URL content")
        missing = f"there is no {kind} in the request"
        raise bad_request("wrong file identifier/HTTP URL specified" if value else missing)
    if kind not in known.media:
        raise bad_request(f"can't use file of type {_title(known.media)} as {kind.title()}")
    return known.media


async def _uploaded(world: World, upload: UploadFile, kind: str) -> Json:
    size = upload.size or 0
    if size == 0:
        raise bad_request("file must be non-empty")
    if size > (PHOTO_LIMIT if kind == "photo" else UPLOAD_LIMIT):
        raise RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    if kind == "document":
        return await keep_file(world, upload)
    try:
        return await keep_photo(world, upload.file)
    except NotAPhotoError as error:
        raise bad_request(error.word) from error


def _title(media: Json) -> str:
    return next(iter(media), "unknown").title()


def _captioned(call: Call, media: Json) -> Json:
    caption: Formatted = formatted(call, "caption")
    content = dict(media)
    if caption.text:
        content["caption"] = caption.text
    if caption.entities:
        content["caption_entities"] = caption.entities
    return content


def _post(world: World, call: Call, chat: Json, content: Json) -> Json:
    markup = reply_markup(call)
    if markup is not None:
        content["reply_markup"] = markup
    thread = call.number("message_thread_id")
    if thread:
        if not chat.get("is_forum"):
            raise bad_request("message thread not found")
        content |= {"message_thread_id": thread, "is_topic_message": True}
    if call.flag("protect_content"):
        content["has_protected_content"] = True
    reply_to = _reply_to(world, call, chat)
    return as_the_bot_sees(world.messages.post(chat, world.chats.bot(), content, reply_to))


def _reply_to(world: World, call: Call, chat: Json) -> int | None:
    given = call.object("reply_parameters")
    message_id = given.get("message_id") or call.number("reply_to_message_id")
    if not isinstance(message_id, int):
        raise bad_request("can't parse reply parameters: message_id must be a number")
    if not message_id:
        return None
    if world.messages.get(chat["id"], message_id) is not None:
        return message_id
    lenient = given.get("allow_sending_without_reply")
    if lenient or call.flag("allow_sending_without_reply"):
        return None
    raise bad_request("message to be replied not found")
