"""Two bots behind one address, on one database: a kill of one of them is not noticed."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

import httpx
from bot_fixtures import (
    PATIENCE_S,
    BotProcess,
    Json,
    calls,
    eventually,
    fault,
    fine,
    newcomer,
    photo,
)
from page_fixtures import free_port
from postgres_fixtures import Server, needs_postgres
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.asgi import answering, listen
from bot.playground import serve

pytestmark = needs_postgres
SECRET = "X-Telegram-Bot-Api-Secret-Token"


class Balancer:
    """What stands in front of several bots: hands each post to the next one that is there.

    Attributes:
        alone: The number of the only bot that is handed anything; None for all.
    """

    def __init__(self, ports: list[int]) -> None:
        self.taken: list[tuple[int, Json]] = []
        self.secrets: set[str] = set()
        self.alone: int | None = None
        self._ports = ports
        self._numbers = count()

    @asynccontextmanager
    async def balancing(self) -> AsyncIterator[str]:
        """Its address."""
        port = free_port()
        app = Starlette(routes=[Route("/hook", self._pass_on, methods=["POST"])])
        unshared = httpx.Limits(max_keepalive_connections=0)
        async with (
            httpx.AsyncClient(timeout=PATIENCE_S, verify=False, limits=unshared) as self._http,
            answering(app, listen("127.0.0.1", port)),
        ):
            yield f"http://127.0.0.1:{port}/hook"

    async def _pass_on(self, request: Request) -> Response:
        body, secret = await request.body(), request.headers[SECRET]
        self.secrets.add(secret)
        for _ in self._ports:
            number = next(self._numbers) % len(self._ports)
            if self.alone is not None:
                number = self.alone
            try:
                answer = await self._http.post(
                    f"http://127.0.0.1:{self._ports[number]}/",
                    content=body,
                    headers={SECRET: secret},
                )
            except httpx.TransportError:
                continue
            if answer.is_success:
                self.taken.append((number, await request.json()))
            return Response(status_code=answer.status_code)
        return Response(status_code=502)

    def taker(self, chat: int, message_id: int) -> int | None:
        """Which bot was handed a message of a chat."""
        for number, update in self.taken:
            message = update.get("message")
            if message and (message["chat"]["id"], message["message_id"]) == (chat, message_id):
                return number
        return None


@asynccontextmanager
async def running_pair(
    database: str, folder: Path
) -> AsyncIterator[tuple[httpx.AsyncClient, Balancer, list[BotProcess]]]:
    """Two bots on a database, and what stands in front of them; at the end they are killed."""
    ports = [free_port(), free_port()]
    balancer = Balancer(ports)
    async with (
        serve("127.0.0.1", 0, folder / "server") as server,
        httpx.AsyncClient(base_url=server.url, timeout=PATIENCE_S, verify=False) as http,
        balancer.balancing() as hook,
    ):
        bots = []
        for number, port in enumerate(ports):
            home = folder / f"bot{number}"
            home.mkdir()
            webhook = {
                "TELEGRAM_WEBHOOK_URL": hook,
                "TELEGRAM_WEBHOOK_LISTEN": f"127.0.0.1:{port}",
                "DATABASE_URL": database,
            }
            bots.append(BotProcess.before(server.url, home, **webhook))
        try:
            for bot in bots:
                await bot.launch()
            for bot in bots:
                await bot.says("Tagalong is ready")
            yield http, balancer, bots
        finally:
            for bot in bots:
                await bot.ends(signal.SIGKILL)
        assert all("Traceback" not in bot.log for bot in bots), [bot.log for bot in bots]


async def test_two_bots_share_chats_in_order_and_one_takes_over_when_the_other_is_killed(
    postgres: Server, database: str, tmp_path: Path
) -> None:
    async with running_pair(database, tmp_path) as (http, balancer, bots):
        await _conversation(http, balancer, bots, postgres, database)


async def test_an_album_that_a_killed_bot_had_gathered_is_shown_by_the_other_one(
    postgres: Server, database: str, tmp_path: Path
) -> None:
    async def reads(query: str) -> list[tuple[Any, ...]]:
        return await postgres.asks(query, address=database)

    async with running_pair(database, tmp_path) as (http, balancer, bots):
        balancer.alone = 0
        ann = await newcomer(http)
        await fault(http, "sendMessage", error_code=429, retry_after=600, times=1000)
        sent = await ann.sends(photo(), photo("cat.png"), caption="#two")
        seen = "SELECT 1 FROM sessions NATURAL JOIN (SELECT session_id AS id FROM session_photos"
        seen += " WHERE embedding IS NOT NULL) AS others WHERE embedding IS NOT NULL"
        await eventually(lambda: reads(seen), "the look at both photos")
        left = "SELECT 1 FROM inbox WHERE done_at IS NULL"
        await eventually(lambda: _none(reads(left)), "the end of what the first bot was told")
        await bots[0].ends(signal.SIGKILL)
        await fine(http.delete("/playground/faults"))
        assert (await ann.panel(sent)).chosen == ["#two"]
        assert await bots[1].ends(signal.SIGTERM) == 0
        assert len([one for one in await ann.sees() if one.body["from"]["is_bot"]]) == 1


async def _conversation(
    http: httpx.AsyncClient,
    balancer: Balancer,
    bots: list[BotProcess],
    postgres: Server,
    database: str,
) -> None:
    async def reads(query: str, *values: Any) -> list[tuple[Any, ...]]:
        return await postgres.asks(query, *values, address=database)

    told = [one["parameters"]["url"] for one in await calls(http, "setWebhook")]
    assert len(told) == 2 and len(set(told)) == 1

    ann, bob = await newcomer(http), await newcomer(http)
    panel = await ann.shows(photo())
    wanted = panel.offered[:6]
    for label in wanted:  # as fast as they can be tapped: every other one goes to the other bot
        await ann.taps(panel, label)
    panel = await ann.sees_that(panel, lambda now: len(now.chosen) == len(wanted))
    assert panel.chosen == wanted
    taps = "SELECT tag, key FROM picks WHERE chat_id = $1 AND kind = 'add' ORDER BY id"
    counted = await reads(taps, ann.chat)
    assert [f"#{tag}" for tag, _ in counted] == wanted
    takers = {number for number, update in balancer.taken if "callback_query" in update}
    assert takers == {0, 1}
    # Nobody set a secret: they made one, and told Telegram the same.
    ((secret,),) = await reads("SELECT value FROM secrets")
    assert balancer.secrets == {secret}

    # One bot is in the midst of Bob's photo, and his words wait behind it, when it is killed.
    await fault(http, "sendMessage", error_code=429, retry_after=600, times=1000)
    sent = await bob.sends(photo("cat.png"), caption="#first")
    begun = "SELECT 1 FROM inbox WHERE chat_id = $1 AND attempts = 1 AND done_at IS NULL"
    await eventually(lambda: reads(begun, bob.chat), "the start of Bob's photo")
    said = [await bob.says(f"#{word}") for word in ("second", "third")]
    await eventually(lambda: balancer.taker(bob.chat, said[-1]) is not None, "Bob's words")
    picked = "SELECT tag FROM picks WHERE chat_id = $1"
    await eventually(lambda: reads(picked, bob.chat), "the tag of Bob's photo")
    assert await reads(picked, bob.chat) == [("first",)]
    killed = balancer.taker(bob.chat, sent)
    assert killed is not None
    await bots[killed].ends(signal.SIGKILL)
    await fine(http.delete("/playground/faults"))
    bobs = await bob.panel(sent)
    bobs = await bob.sees_that(bobs, lambda now: len(now.chosen) == 3)
    assert bobs.chosen == ["#first", "#second", "#third"]

    # And everybody goes on, with the one that is left.
    more = panel.offered[:2]
    for label in more:
        await ann.taps(panel, label)
    panel = await ann.sees_that(panel, lambda now: now.chosen == wanted + more)
    counted = await reads(taps, ann.chat)
    assert len(counted) == len(set(counted)) == len(wanted + more)
    await eventually(lambda: _none(reads("SELECT 1 FROM inbox WHERE done_at IS NULL")), "the end")

    left = bots[1 - killed]
    assert await left.ends(signal.SIGTERM) == 0


async def _none(rows: Any) -> bool:
    return not await rows
