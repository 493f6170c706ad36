"""Photos on their way from Telegram to the engine: how many at a time, and who says stop."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path

import httpx
from bot_fixtures import PATIENCE_S, TOKEN, calls, eventually, newcomer
from PIL import Image
from telegram import Bot
from telegram.request import HTTPXRequest

from bot.budget import Budget
from bot.photos import Photos
from bot.playground import serve
from engine import EngineBusy, open_recommender


def slow_to_decode() -> bytes:
    """A picture of few bytes and many pixels, and not yet a heavy one."""
    out = io.BytesIO()
    Image.new("RGB", (4000, 4000), (90, 120, 60)).save(out, "PNG")
    return out.getvalue()


async def test_the_engine_says_when_it_is_full_and_no_photo_is_fetched_in_vain(
    tmp_path: Path,
) -> None:
    async with (
        serve("127.0.0.1", 0, tmp_path) as server,
        httpx.AsyncClient(base_url=server.url, timeout=PATIENCE_S, verify=False) as http,
        Bot(
            TOKEN,
            f"{server.url}/bot",
            f"{server.url}/file/bot",
            request=HTTPXRequest(256, pool_timeout=PATIENCE_S, read_timeout=PATIENCE_S),
        ) as bot,
    ):
        ann = await newcomer(http)
        sent = await bot.send_document(ann.chat, slow_to_decode(), filename="wall.png")
        assert sent.document is not None
        file_id = sent.document.file_id
        engine = await open_recommender()
        photos = Photos(bot, engine, local=False)
        looks = [asyncio.create_task(photos.look(file_id, chat)) for chat in range(1, 201)]
        try:
            async with asyncio.timeout(PATIENCE_S):
                await asyncio.wait(looks, return_when=asyncio.FIRST_EXCEPTION)
            refused = [one.exception() for one in looks if one.done() and one.exception()]
            assert refused and all(isinstance(one, EngineBusy) for one in refused)
            fetched = len(await calls(http, "getFile"))
            late = [asyncio.create_task(photos.look(file_id, chat)) for chat in range(500, 540)]
            looks += late
            await eventually(lambda: sum(one.done() for one in late) > 20, "refusals")
            # Some may have found room meanwhile.
            assert len(await calls(http, "getFile")) < fetched + 20
        finally:
            for look in looks:
                look.cancel()
            await asyncio.gather(*looks, return_exceptions=True)
            await engine.close()


async def test_bytes_are_handed_out_in_order_and_come_back() -> None:
    budget, held = Budget(100, 10), []

    async def holds(name: str, size: int, gate: asyncio.Event) -> None:
        async with budget.share(size):
            held.append(name)
            try:
                await gate.wait()
            finally:
                held.remove(name)

    first, rest = asyncio.Event(), asyncio.Event()
    tasks = {
        name: asyncio.create_task(holds(name, size, first if name == "a" else rest))
        for name, size in (("a", 60), ("b", 1), ("c", 40), ("d", 30), ("huge", 500), ("e", 1))
    }

    async def settled() -> list[str]:
        for _ in range(6):
            await asyncio.sleep(0)
        return held

    assert await settled() == ["a", "b"]  # d and e would fit, but c asked before
    tasks["d"].cancel()
    first.set()
    assert await settled() == ["b", "c"]
    tasks["c"].cancel()  # what was held comes back, too
    tasks["huge"].cancel()
    assert await settled() == ["b", "e"]
    rest.set()
    await asyncio.gather(*tasks.values(), return_exceptions=True)
    async with budget.share(500):  # more than all is all
        assert not held
