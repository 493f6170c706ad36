"""The person's side: chats, what they hold, what happens in them, and taps."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from bot.playground.chats import GROUP, MEMBER, PERSON
from bot.playground.delivery import membership, tap
from bot.playground.identity import commands_key
from bot.playground.inputs import (
    PersonError,
    chat_of,
    event_stream,
    json_body,
    known_until,
    sender,
    wanted,
)
from bot.playground.world import World

# What a browser may show in place; anything else is only downloaded, and never run.
_SHOWN = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"})
_NAME_LENGTH = 64
_DATA_BYTES = 64


class PersonSide:
    """Routes below ``/playground`` that read chats and press buttons."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[Route]:
        """What the chat page and the tests talk to."""
        chat = "/playground/chats/{chat}"
        return [
            Route("/playground/bot", self.bot),
            Route("/playground/chats", self.new_chat, methods=["POST"]),
            Route(chat, self.chat),
            Route(chat + "/members", self.join, methods=["POST"]),
            Route(chat + "/messages", self.messages, methods=["GET"]),
            Route(chat + "/events", self.events),
            Route(chat + "/taps", self.tap, methods=["POST"]),
            Route("/playground/files/{file_id}", self.file),
        ]

    async def bot(self, request: Request) -> Response:
        """The bot's name, user name, description and commands in a language."""
        store, bot = self._world.store, self._world.chats.bot()
        language = request.query_params.get("language_code", "")
        commands: Any = []
        for scope in ("all_private_chats", "default"):
            for spoken in (language, ""):
                commands = commands or store.remembered(commands_key(scope, spoken), [])
        description = store.remembered(f"description:{language}", "")
        return JSONResponse(
            {
                "name": bot["first_name"],
                "username": bot["username"],
                "description": description or store.remembered("description:", ""),
                "commands": commands,
            }
        )

    async def new_chat(self, request: Request) -> Response:
        """A new person with a private chat, or with a group that the bot is in."""
        body = await json_body(request)
        chats, kind = self._world.chats, wanted(body, "type", "private")
        if kind not in ("private", "group", "supergroup"):
            raise PersonError("The type of a chat is private, group or supergroup.")
        forum = bool(body.get("forum"))
        if forum and kind != "supergroup":
            raise PersonError("Only a supergroup has topics.")
        title = wanted(body, "title", GROUP)[:_NAME_LENGTH]
        with self._world.store.transaction():
            name = wanted(body, "name", PERSON)[:_NAME_LENGTH]
            person = chats.new_person(name, wanted(body, "language_code", "")[:16] or None)
            if kind == "private":
                chat = chats.new_private(person)
            else:
                chat = chats.new_group(
                    person, title, kind, forum=forum, admin=bool(body.get("admin"))
                )
                status = "administrator" if body.get("admin") else "member"
                membership(self._world, chat, person, "left", status)
        return JSONResponse({"chat_id": chat["id"], "user_id": person["id"]})

    async def chat(self, request: Request) -> Response:
        """A chat with its people."""
        chat = chat_of(self._world, request)
        return JSONResponse({"chat": chat, "members": self._world.chats.members(chat["id"])})

    async def join(self, request: Request) -> Response:
        """Another person joins a group."""
        chat, body = chat_of(self._world, request), await json_body(request)
        if chat["type"] == "private":
            raise PersonError("A private chat has room for one person.")
        with self._world.store.transaction():
            person = self._world.chats.new_person(
                wanted(body, "name", MEMBER)[:_NAME_LENGTH],
                wanted(body, "language_code", "")[:16] or None,
            )
            self._world.chats.join(chat["id"], person["id"])
        return JSONResponse({"user_id": person["id"]})

    async def messages(self, request: Request) -> Response:
        """All messages as they stand, or the ``last`` ones of them; ``Last-Event-ID`` says from
        where to follow the events."""
        chat_id = chat_of(self._world, request)["id"]
        count = request.query_params.get("last", "0")
        if not count.isdecimal():
            raise PersonError("“last” must be a number of messages.")
        messages = self._world.messages.all(chat_id)[-int(count) :]
        last = str(self._world.events.last(chat_id))
        return JSONResponse(messages, headers={"Last-Event-ID": last})

    async def events(self, request: Request) -> Response:
        """What happens in a chat, as server-sent events."""
        chat_id = chat_of(self._world, request)["id"]
        return event_stream(self._world.events.stream(chat_id, known_until(request)))

    async def tap(self, request: Request) -> Response:
        """Tap a button; a stale or invented one can be tapped too, as with a changed client."""
        chat, body = chat_of(self._world, request), await json_body(request)
        person = sender(self._world, chat, body.get("user_id"))
        message_id, data = body.get("message_id"), body.get("data")
        if not isinstance(message_id, int) or not isinstance(data, str):
            raise PersonError("A tap needs message_id (a number) and data (a text).")
        if not 1 <= len(data.encode()) <= _DATA_BYTES:
            raise PersonError("The data of a button has 1 to 64 bytes.")
        message = self._world.messages.get(chat["id"], message_id)
        if message is None or not message["from"]["is_bot"]:
            raise PersonError("There is no such message of the bot.", 404)
        return JSONResponse({"callback_query_id": tap(self._world, person, message, data)})

    async def file(self, request: Request) -> Response:
        """The bytes of a file."""
        file = self._world.files.get(request.path_params["file_id"])
        if file is None:
            raise PersonError("This file is gone: files are kept for some days.", 404)
        shown = file.mime in _SHOWN
        return FileResponse(
            file.where,
            media_type=file.mime if shown else "application/octet-stream",
            filename=None if shown else file.name,
            headers={
                "Cache-Control": "private, max-age=3600",
                "Content-Security-Policy": "default-src 'none'; sandbox",
            },
        )
