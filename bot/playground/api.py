"""The Bot API over HTTP: ``/bot<token>/<method>`` and ``/file/bot<token>/<path>``."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from bot.playground.calls import Call
from bot.playground.faults import DroppedError
from bot.playground.methods import METHODS
from bot.playground.refusals import RefusedError, bad_request
from bot.playground.store import Json, strict_json
from bot.playground.whose import chat_of_call
from bot.playground.world import World

_LOG = logging.getLogger(__name__)
_TOKEN = re.compile(r"([1-9]\d{0,15}):[A-Za-z0-9_-]{1,64}")


class Hangup(Response):
    """An answer that breaks off: the client sees a dropped connection."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send(
            {
                "type": "http.response.start",
                "status": HTTPStatus.OK,
                "headers": [(b"content-length", b"1000")],
            }
        )


class BotApi:
    """The bot's side of the playground."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[Route]:
        """What the bot library talks to."""
        return [
            Route("/bot{token}/{method}", self.method, methods=["GET", "POST"]),
            Route("/file/bot{token}/{path:path}", self.file, methods=["GET"]),
        ]

    async def method(self, request: Request) -> Response:
        """One call of a method."""
        name = request.path_params["method"]
        try:
            bot_id = _bot_id(request)
            if name.lower() not in METHODS:
                raise RefusedError(HTTPStatus.NOT_FOUND, "method not found")
            self._world.chats.meet_bot(bot_id)
            async with _call(request, name) as call:
                return await self._answer(request, call, name)
        except RefusedError as refusal:
            return JSONResponse(refusal.body(), refusal.code)

    async def _answer(self, request: Request, call: Call, name: str) -> Response:
        entry = self._world.calls.begin(call, name)
        answer: Json
        code, whose = int(HTTPStatus.OK), None
        try:
            whose = chat_of_call(self._world, call)
            answer = {"ok": True, "result": await _while_connected(request, self._run(call))}
        except RefusedError as refusal:
            answer, code = refusal.body(), refusal.code
        except OverflowError:
            refused = bad_request("a number is out of range")
            answer, code = refused.body(), refused.code
        except DroppedError:
            self._end(whose, entry, {"ok": False, "description": "connection dropped"})
            return Hangup()
        except Exception:
            _LOG.exception("%s failed inside the playground", name)
            broken = RefusedError(HTTPStatus.INTERNAL_SERVER_ERROR)
            answer, code = broken.body(), broken.code
        self._end(whose, entry, answer)
        return JSONResponse(answer, code)

    def _end(self, whose: int | None, entry: Json, answer: Json) -> None:
        self._world.calls.end(entry, answer)
        self._world.journal.call(whose, entry, answer)

    async def _run(self, call: Call) -> Any:
        faults = self._world.faults
        fault = faults.meet(call.method, call.chat_id)
        if fault is not None and not fault.after:
            raise fault.error()
        faults.count(call.method, call.chat_id)
        result = await METHODS[call.method](self._world, call)
        if fault is not None:
            raise fault.error()
        return result

    async def file(self, request: Request) -> Response:
        """Download what ``getFile`` opened."""
        try:
            _bot_id(request)
            fault = self._world.faults.meet("download", None)
            if fault is not None:
                raise fault.error()
            file = self._world.files.by_path(request.path_params["path"])
            if file is None:
                raise RefusedError(HTTPStatus.NOT_FOUND)
        except RefusedError as refusal:
            return JSONResponse(refusal.body(), refusal.code)
        except DroppedError:
            return Hangup()
        return FileResponse(file.where, media_type="application/octet-stream")


async def _while_connected(request: Request, work: Coroutine[Any, Any, Any]) -> Any:
    """Await a long poll, but let go when the bot does: updates wait for its next poll."""
    if request.path_params["method"].lower() != "getupdates":
        return await work
    task = asyncio.create_task(work)
    gone = asyncio.create_task(_disconnected(request))
    try:
        await asyncio.wait({task, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise DroppedError
        return task.result()
    finally:
        task.cancel()
        gone.cancel()


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _bot_id(request: Request) -> int:
    match = _TOKEN.fullmatch(request.path_params["token"])
    if match is None:
        raise RefusedError(HTTPStatus.UNAUTHORIZED, "invalid token specified")
    return int(match[1])


@asynccontextmanager
async def _call(request: Request, name: str) -> AsyncIterator[Call]:
    """A request as a call, from its query, form or JSON body."""
    params: Json = dict(request.query_params)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json":
        try:
            body = strict_json(await request.body())
        except (ValueError, ClientDisconnect) as error:
            raise bad_request("can't parse JSON object") from error
        if not isinstance(body, dict):
            raise bad_request("object expected")
        yield Call(name.lower(), params | body)
        return
    if kind not in ("multipart/form-data", "application/x-www-form-urlencoded"):
        yield Call(name.lower(), params)
        return
    try:
        form = await request.form(max_files=30, max_fields=200)
    except (HTTPException, ClientDisconnect) as error:
        raise bad_request("can't parse the form") from error
    try:
        files: dict[str, UploadFile] = {}
        for field, value in form.multi_items():
            if isinstance(value, UploadFile):
                files[field] = value
            else:
                params[field] = value
        yield Call(name.lower(), params, files)
    finally:
        await form.close()
