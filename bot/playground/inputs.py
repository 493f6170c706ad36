"""What a request of the person's side asks for, checked; what is wrong with it is said plainly."""

from __future__ import annotations

from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from bot.playground.chats import BOT_USERNAME
from bot.playground.store import Json, strict_json
from bot.playground.world import World


class PersonError(Exception):
    """Something a person cannot do; the sentence is for them.

    Args:
        sentence: What is wrong.
        status: HTTP status.
    """

    def __init__(self, sentence: str, status: int = 400) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.status = status


def chat_of(world: World, request: Request) -> Json:
    """The chat in the path.

    Raises:
        PersonError: 404.
    """
    number = request.path_params["chat"]
    known = number.removeprefix("-").isdecimal() and len(number) <= 16
    chat = world.chats.chat(int(number)) if known else None
    if chat is None:
        raise PersonError("There is no such chat.", 404)
    return chat


def sender(world: World, chat: Json, user_id: object) -> Json:
    """Who acts: the one who is named, else who opened the chat.

    Raises:
        PersonError: They are no member.
    """
    if user_id in (None, ""):
        return world.chats.members(chat["id"])[0]
    try:
        person = world.chats.member(chat["id"], int(str(user_id)))
    except ValueError:
        person = None
    if person is None:
        raise PersonError(f"This person is not in the chat with @{BOT_USERNAME}.")
    return person


async def json_body(request: Request) -> Json:
    """The body of a request, a JSON object; none counts as an empty one."""
    try:
        body = strict_json(await request.body() or b"{}")
    except ValueError as error:
        raise PersonError("This is not JSON.") from error
    if not isinstance(body, dict):
        raise PersonError("A JSON object is expected.")
    return body


def known_until(request: Request) -> int:
    """The number of the last event that the asker of a stream knows; 0: none."""
    after = request.headers.get("last-event-id") or request.query_params.get("after") or "0"
    if not after.isdecimal():
        raise PersonError("“after” must be the number of an event.")
    return int(after)


def event_stream(lines: AsyncIterator[str]) -> Response:
    """Server-sent events as an answer."""
    return StreamingResponse(
        lines,
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


def wanted(body: Json, name: str, default: str) -> str:
    """A text from a JSON body."""
    value = body.get(name, default)
    if not isinstance(value, str):
        raise PersonError(f"“{name}” must be a text.")
    return value
