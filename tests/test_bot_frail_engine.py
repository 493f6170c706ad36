"""What people read when the engine fails on them, and that nobody waits in vain."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from bot_fixtures import PATIENCE_S, TOKEN, Person, fine, newcomer, photo

from bot.meters import Meters
from bot.playground import serve
from bot.polling import polling
from bot.settings import read_settings
from bot.wire import Wire, build
from engine import EngineUnavailable, ImageEmbedding, Recommender, Suggestions, open_recommender
from storage import Storage

PHOTOS = [photo("coffee.jpg"), photo("cat.png"), photo("temple.jpg")]
STOPPED = RuntimeError("the work was stopped by SystemExit()")  # as of a thread that was ended


class Frail:
    """The engine, which fails when it is told to.

    Attributes:
        looks: What the coming looks end with; None where they go well.
        away: What every tap ends with for the time being.
    """

    def __init__(self, engine: Recommender) -> None:
        self._engine = engine
        self.looks: list[Exception | None] = []
        self.away: Exception | None = None

    async def look(self, photo: bytes, **how: Any) -> ImageEmbedding:
        error = self.looks.pop(0) if self.looks else None
        if error is not None:
            raise error
        return await self._engine.look(photo, **how)

    async def suggest(self, *what: Any, **how: Any) -> Suggestions:
        if self.away is not None:
            raise self.away
        return await self._engine.suggest(*what, **how)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)


@pytest.fixture(scope="module")
def whole() -> Iterator[Recommender]:
    """One engine for all of these tests."""
    engine = asyncio.run(open_recommender())
    yield engine
    asyncio.run(engine.close())


@pytest.fixture
def engine(whole: Recommender) -> Frail:
    return Frail(whole)


@pytest.fixture
async def bot(engine: Frail, http: httpx.AsyncClient, tmp_path: Path) -> AsyncIterator[Wire]:
    """A bot on that engine, in this process."""
    url = str(http.base_url).rstrip("/")
    settings = read_settings(telegram_bot_token=TOKEN, data_dir=tmp_path)
    storage = await Storage.open(settings.database)
    base = (f"{url}/bot", f"{url}/file/bot")
    wire = build(settings, base, storage, engine, Meters())
    await wire.application.initialize()
    updater = wire.application.updater
    assert updater is not None
    async with polling(updater, asyncio.Event()):
        yield wire
    wire.turns.stop()
    await wire.albums.close()
    await wire.lanes.drain(PATIENCE_S)
    await wire.sender.drain(PATIENCE_S)
    await wire.panels.close()
    await wire.turns.close()
    await wire.application.shutdown()
    await storage.close()


@pytest.fixture
async def http(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """The way to a Bot API server of this test's own."""
    async with (
        serve("127.0.0.1", 0, tmp_path / "server") as server,
        httpx.AsyncClient(base_url=server.url, timeout=PATIENCE_S, verify=False) as client,
    ):
        yield client


@pytest.fixture
async def ann(bot: Wire, http: httpx.AsyncClient) -> Person:
    return await newcomer(http, language_code="en")


async def test_a_photo_that_the_engine_fails_on_costs_its_album_nothing_else(
    ann: Person, engine: Frail, caplog: pytest.LogCaptureFixture
) -> None:
    engine.looks = [None, STOPPED, None]
    panel = await ann.shows(*PHOTOS, caption="#three")
    assert panel.chosen == ["#three"]
    assert len(panel.offered) == 10
    await ann.chooses(panel, panel.offered[0])
    assert [record.message for record in caplog.records if record.exc_info] == [
        "one of several photos cannot be looked at"
    ]


async def test_who_sent_an_album_that_cannot_be_shown_reads_that_and_may_try_again(
    ann: Person, engine: Frail
) -> None:
    engine.looks = [STOPPED] * 3
    sent = await ann.sends(*PHOTOS, caption="#three")
    sorry = await ann.hears(sent, "something went wrong")
    assert sorry.answers == sent
    await ann.taps(sorry, "Try again")
    panel = await ann.sees_that(sorry, lambda now: now.offered)
    assert panel.chosen == ["#three"]

    # Also where the photos were seen, and it is the suggestions that fail.
    engine.away = STOPPED
    sent = await ann.sends(*PHOTOS)
    sorry = await ann.hears(sent, "something went wrong")
    engine.away = None
    await ann.taps(sorry, "Try again")
    await ann.sees_that(sorry, lambda now: now.offered)


async def test_while_the_engine_is_away_inline_mode_has_no_hashtags_and_says_so_at_once(
    ann: Person, engine: Frail
) -> None:
    engine.away = EngineUnavailable("the cluster does not answer")
    asked = f"{ann.path}/inline"
    none = await fine(ann.http.post(asked, json={"query": "beach"}))
    assert none["results"] == []
    assert none["button"]["start_parameter"] == "photo"
    engine.away = None
    assert (await fine(ann.http.post(asked, json={"query": "beach"})))["results"]


async def test_more_below_an_old_message_says_that_the_engine_is_away_and_works_again_after_it(
    ann: Person, engine: Frail, caplog: pytest.LogCaptureFixture
) -> None:
    panel = await ann.shows(PHOTOS[0])
    without_buttons = await ann.hears(await ann.says("/help"), "Send a photo")
    engine.away = EngineUnavailable("the cluster does not answer")
    for button in ("More", "Why", "Similar"):
        tap = await ann.forges(without_buttons, panel.data(button))
        assert "cannot reach what looks at your photos" in await ann.told(tap)
    engine.away = None
    await ann.forges(without_buttons, panel.data("More"))
    more = await ann.sees_that(panel, lambda now: now.offered != panel.offered)
    assert not set(more.offered) & set(panel.offered)
    assert not [record for record in caplog.records if record.exc_info]
