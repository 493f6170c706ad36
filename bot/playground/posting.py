"""The person's side: writing, sending pictures and files, changing and deleting messages."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.playground.delivery import tell_bot
from bot.playground.entities import detect, utf16_len
from bot.playground.inputs import PersonError, chat_of, json_body, sender, wanted
from bot.playground.media import keep_file, keep_photo, media_kind
from bot.playground.photos import NotAPhotoError
from bot.playground.refusals import TEXT_LIMIT
from bot.playground.store import Json
from bot.playground.world import World

_ALBUM = 10
_KINDS = ("video", "animation", "sticker", "voice")


class Posting:
    """Routes below ``/playground`` that put something into a chat or change it."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[Route]:
        """What the chat page and the tests talk to."""
        messages = "/playground/chats/{chat}/messages"
        return [
            Route(messages, self.post, methods=["POST"]),
            Route(messages + "/{message:int}", self.edit, methods=["PATCH"]),
            Route(messages + "/{message:int}", self.delete, methods=["DELETE"]),
        ]

    async def post(self, request: Request) -> Response:
        """Send a text, or pictures and files from a form."""
        chat = chat_of(self._world, request)
        if self._world.chats.migrated(chat["id"]) is not None:
            raise PersonError("This group has moved to a supergroup.", 409)
        if self._world.chats.blocked(chat["id"]):
            raise PersonError("You have stopped this bot. Let it in again first.", 403)
        if not request.headers.get("content-type", "").startswith("multipart/form-data"):
            body = await json_body(request)
            text = wanted(body, "text", "").strip()
            if not text:
                raise PersonError("The message is empty.")
            return JSONResponse(self._send(chat, body, [_text("text", text)])[0])
        try:
            form = await request.form(max_files=_ALBUM, max_fields=20)
        except HTTPException as error:
            raise PersonError(f"This form cannot be read; up to {_ALBUM} files fit in.") from error
        try:
            contents = await self._media(form)
        finally:
            await form.close()
        sent = self._send(chat, form, contents)
        return JSONResponse(sent if len(sent) > 1 else sent[0])

    async def _media(self, form: FormData) -> list[Json]:
        """The files of a form as the contents of messages, the caption on the first."""
        uploads = [value for _, value in form.multi_items() if isinstance(value, UploadFile)]
        uploads = [upload for upload in uploads if upload.filename or upload.size]
        if not uploads:
            raise PersonError("There is no file in this form.")
        kind = str(form.get("kind") or "photo")
        if kind not in ("photo", "document", *_KINDS):
            raise PersonError(f"“kind” is one of {', '.join(_KINDS)}.")
        if str(form.get("as_file") or "") in ("1", "true"):
            kind = "document"
        contents = []
        for upload in uploads:
            try:
                if kind == "photo":
                    contents.append(await keep_photo(self._world, upload.file))
                else:
                    contents.append(await keep_file(self._world, upload, kind))
            except NotAPhotoError as error:
                raise PersonError(f"{error} You can still send it as a file.") from error
        caption = str(form.get("caption") or "").strip()
        if caption:
            contents[0] |= _text("caption", caption)
        return contents

    def _send(self, chat: Json, options: Mapping[str, Any], contents: list[Json]) -> list[Json]:
        person = sender(self._world, chat, options.get("user_id"))
        reply_to = _number(options, "reply_to_message_id")
        if reply_to is not None and self._world.messages.get(chat["id"], reply_to) is None:
            raise PersonError("The message to reply to is gone.", 404)
        extra: Json = {}
        if len(contents) > 1:
            extra["media_group_id"] = str(10**16 + secrets.randbelow(9 * 10**16))
        if options.get("media_group_id"):  # an album whose photos come one by one
            extra["media_group_id"] = str(options["media_group_id"])[:32]
        if str(options.get("forwarded") or "").lower() in ("1", "true"):
            extra["forward_origin"] = self._origin()
        thread = _number(options, "message_thread_id")
        if thread is not None:
            if not chat.get("is_forum"):
                raise PersonError("This chat has no topics.")
            extra |= {"message_thread_id": thread, "is_topic_message": True}
        sent = []
        with self._world.store.transaction():
            for content in contents:
                message = self._world.messages.post(chat, person, {**content, **extra}, reply_to)
                tell_bot(self._world, "message", message)
                sent.append(message)
        return sent

    def _origin(self) -> Json:
        """A forwarded post comes from a channel that nobody here has joined."""
        channel = {"id": -1001234567890, "type": "channel", "title": "Picture of the day"}
        return {
            "type": "channel",
            "chat": channel,
            "message_id": 42,
            "date": int(self._world.clock()) - 3600,
        }

    async def edit(self, request: Request) -> Response:
        """Change the text or caption of one's own message."""
        body = await json_body(request)
        message = self._own(request)
        field = "caption" if media_kind(message) else "text"
        if field not in body:
            raise PersonError(f"This message has a {field} to change.")
        text = wanted(body, field, "").strip()
        if not text and field == "text":
            raise PersonError("The message is empty.")
        marks = "entities" if field == "text" else "caption_entities"
        changes: Json = {field: None, marks: None, **(_text(field, text) if text else {})}
        with self._world.store.transaction():
            edited = self._world.messages.edit(message, changes)
            tell_bot(self._world, "edited_message", edited)
        return JSONResponse(edited)

    async def delete(self, request: Request) -> Response:
        """Delete a message for both sides; bots are not told."""
        chat = chat_of(self._world, request)
        if not self._world.messages.delete(chat["id"], request.path_params["message"]):
            raise PersonError("There is no such message.", 404)
        return JSONResponse({"deleted": True})

    def _own(self, request: Request) -> Json:
        chat = chat_of(self._world, request)
        message = self._world.messages.get(chat["id"], request.path_params["message"])
        if message is None or message["from"]["is_bot"]:
            raise PersonError("There is no such message of yours.", 404)
        return message


def _text(field: str, text: str) -> Json:
    """A text or caption with what a client would mark in it."""
    if utf16_len(text) > TEXT_LIMIT:
        raise PersonError(f"A message holds up to {TEXT_LIMIT:,} characters.")
    entities = detect(text)
    marks = "entities" if field == "text" else "caption_entities"
    return {field: text, marks: entities} if entities else {field: text}


def _number(options: Mapping[str, Any], name: str) -> int | None:
    value = options.get(name)
    if value in (None, ""):
        return None
    try:
        return int(str(value))
    except ValueError as error:
        raise PersonError(f"“{name}” must be a number.") from error
