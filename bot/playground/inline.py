"""Inline mode: a person types ``@bot words``, the bot answers, the person sends a result."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from telegram.constants import (
    InlineQueryLimit,
    InlineQueryResultLimit,
    InlineQueryResultsButtonLimit,
)

from bot.playground.calls import Call
from bot.playground.delivery import tell_bot
from bot.playground.entities import detect, utf16_len
from bot.playground.inputs import PersonError, chat_of, json_body, sender, wanted
from bot.playground.refusals import QUERY_TOO_OLD, TEXT_LIMIT, bad_request
from bot.playground.store import Json
from bot.playground.world import World

PATIENCE_S = 10.0


async def answer_inline_query(world: World, call: Call) -> bool:
    """``answerInlineQuery``, for articles that send a text."""
    query = world.queries.get(call.text("inline_query_id"))
    if query is None or not world.queries.waits(query):
        raise bad_request(QUERY_TOO_OLD)
    results = [_result(one) for one in call.objects("results")]
    if len(results) > InlineQueryLimit.RESULTS:
        raise bad_request("RESULTS_TOO_MUCH")
    if len({one["id"] for one in results}) < len(results):
        raise bad_request("RESULT_ID_DUPLICATE")
    query.button = _button(call.object("button"))
    query.results = results
    query.answered.set()
    return True


def _result(given: Json) -> Json:
    if given.get("type") != "article":
        raise bad_request("RESULT_TYPE_INVALID")
    number, title = str(given.get("id", "")), str(given.get("title", ""))
    least, most = InlineQueryResultLimit.MIN_ID_LENGTH, InlineQueryResultLimit.MAX_ID_LENGTH
    if not least <= len(number.encode()) <= most:
        raise bad_request("RESULT_ID_INVALID")
    if not title:
        raise bad_request('can\'t find field "title"')
    content = given.get("input_message_content")
    text = str(content.get("message_text", "")) if isinstance(content, dict) else ""
    if not 1 <= utf16_len(text) <= TEXT_LIMIT:
        raise bad_request("MESSAGE_EMPTY" if not text else "MESSAGE_TOO_LONG")
    return {
        "id": number,
        "title": title,
        "description": str(given.get("description", "")),
        "text": text,
    }


def _button(given: Json) -> Json | None:
    if not given:
        return None
    limit = InlineQueryResultsButtonLimit
    parameter = str(given.get("start_parameter", ""))
    if not limit.MIN_START_PARAMETER_LENGTH <= len(parameter) <= limit.MAX_START_PARAMETER_LENGTH:
        raise bad_request("START_PARAM_INVALID")
    return {"text": str(given.get("text", "")), "start_parameter": parameter}


class InlineSide:
    """Routes below ``/playground`` with which a person uses inline mode."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[Route]:
        """What the chat page and the tests talk to."""
        inline = "/playground/chats/{chat}/inline"
        return [
            Route(inline, self.ask, methods=["POST"]),
            Route(inline + "/{query}", self.send, methods=["POST"]),
        ]

    async def ask(self, request: Request) -> Response:
        """Type words after the bot's name, and wait for what it offers."""
        chat, body = chat_of(self._world, request), await json_body(request)
        person = sender(self._world, chat, body.get("user_id"))
        text = wanted(body, "query", "")[: InlineQueryLimit.MAX_QUERY_LENGTH]
        query_id = self._world.queries.ask(person["id"])
        query = self._world.queries.get(query_id)
        assert query is not None
        kind = "sender" if chat["type"] == "private" else chat["type"]
        self._world.updates.add(
            "inline_query",
            {"id": query_id, "from": person, "query": text, "offset": "", "chat_type": kind},
        )
        try:
            await asyncio.wait_for(query.answered.wait(), PATIENCE_S)
        except TimeoutError as error:
            raise PersonError("The bot does not answer.", 504) from error
        return JSONResponse(
            {"inline_query_id": query_id, "results": query.results, "button": query.button}
        )

    async def send(self, request: Request) -> Response:
        """Send one of the results: a message of the person's, through the bot."""
        chat, body = chat_of(self._world, request), await json_body(request)
        person = sender(self._world, chat, body.get("user_id"))
        query = self._world.queries.get(request.path_params["query"])
        results = query.results if query and query.user_id == person["id"] else []
        chosen = next((one for one in results if one["id"] == body.get("result_id")), None)
        if chosen is None:
            raise PersonError("There is no such result.", 404)
        if self._world.chats.blocked(chat["id"]):
            raise PersonError("You have stopped this bot. Let it in again first.", 403)
        content: Json = {"text": chosen["text"], "via_bot": self._world.chats.bot()}
        entities = detect(chosen["text"])
        if entities:
            content["entities"] = entities
        with self._world.store.transaction():
            message = self._world.messages.post(chat, person, content)
            tell_bot(self._world, "message", message)
        return JSONResponse(message)
