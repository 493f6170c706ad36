"""What a kill, a stop or a silent Telegram does to a conversation: nothing."""

from __future__ import annotations

import asyncio
import json
import signal
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from bot_fixtures import (
    PATIENCE_S,
    TOKEN,
    BotProcess,
    Person,
    calls,
    drawn,
    eventually,
    fault,
    fine,
    newcomer,
    photo,
)
from page_fixtures import free_port

from bot.app import run
from bot.playground import Playground, serve
from bot.settings import Settings, SettingsError, read_settings

COFFEE, CAT = photo("coffee.jpg"), photo("cat.png")
ALBUM = {"media_group_id": "12345678901234567"}
SMALL = ("small.jpg", drawn("JPEG", size=(60, 40)), "image/jpeg")
BROKEN = ("broken.jpg", photo()[1][:300], "image/jpeg")
UNFINISHED = "SELECT update_id FROM inbox WHERE done_at IS NULL ORDER BY update_id"
BEGUN = "SELECT update_id FROM inbox WHERE done_at IS NULL AND attempts = 1"
LONG_S = 600


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Playground]:
    """A Bot API server that outlives the bot."""
    async with serve("127.0.0.1", 0, tmp_path / "server") as running:
        yield running


@pytest.fixture
async def http(server: Playground) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=server.url, timeout=PATIENCE_S, verify=False) as client:
        yield client


@pytest.fixture
async def bot(server: Playground, tmp_path: Path) -> AsyncIterator[BotProcess]:
    """A bot in front of that server, not started yet."""
    bot = BotProcess.before(server.url, tmp_path)
    yield bot
    if bot.process is not None:
        await bot.ends(signal.SIGKILL)
        assert "Traceback" not in bot.log


async def everything_is_confirmed(http: httpx.AsyncClient, last: int) -> None:
    """Wait until the bot has told Telegram that an update and all before it have arrived."""

    async def find() -> bool:
        polls = await calls(http, "getUpdates")
        return any(poll["parameters"].get("offset", 0) > last for poll in polls)

    await eventually(find, "the confirmation")


async def test_a_kill_amid_an_album_leaves_one_caption_with_all_its_photos(
    bot: BotProcess, http: httpx.AsyncClient
) -> None:
    ann = await newcomer(http)
    await bot.start()
    first = await ann.sends(COFFEE, caption="#two", **ALBUM)
    await eventually(lambda: bot.reads("SELECT 1 FROM sessions"), "the session")
    await bot.ends(signal.SIGKILL)
    await ann.sends(CAT, **ALBUM)
    await bot.start()
    panel = await ann.panel(first)

    def seen(photos: int) -> bool:
        rows = bot.reads(
            "SELECT embedding FROM sessions UNION ALL SELECT embedding FROM session_photos"
        )
        return len(rows) == photos and all(embedding for (embedding,) in rows)

    await eventually(lambda: seen(2), "a look at both photos")
    await ann.sends(photo("temple.jpg"), **ALBUM)  # one that comes late joins too
    await eventually(lambda: seen(3), "a look at all three")
    assert await bot.ends(signal.SIGTERM) == 0
    assert bot.reads("SELECT count(*) FROM sessions") == [(1,)]
    (only,) = [one for one in await ann.sees() if one.body["from"]["is_bot"]]
    assert only.id == panel.id
    assert only.chosen == ["#two"]


async def test_a_tap_counts_with_a_photo_that_is_being_looked_at_meanwhile(
    bot: BotProcess, http: httpx.AsyncClient
) -> None:
    ann = await newcomer(http)
    await bot.start()
    panel = await ann.shows(COFFEE, **ALBUM)
    await fault(http, "getFile", error_code=429, retry_after=2)
    await ann.sends(CAT, **ALBUM)

    async def refused() -> bool:
        return len(await calls(http, "getFile")) == 2

    await eventually(refused, "a look that has to wait")
    await ann.taps(panel, chosen := panel.offered[0])
    seen = "SELECT 1 FROM session_photos WHERE embedding IS NOT NULL"
    await eventually(lambda: bot.reads(seen), "a look at the second photo")
    await eventually(lambda: not bot.reads(UNFINISHED), "the end of all handlers")
    panel = await ann.sees_that(panel, lambda now: now.chosen == [chosen])
    await ann.taps(panel, "Why?")
    asking = await ann.sees_that(panel, lambda now: now.offered != panel.offered)
    await ann.taps(asking, "Back")
    anew = await ann.sees_that(panel, lambda now: now.chosen == [chosen] and now.offered)
    assert anew.offered == panel.offered


async def test_a_tap_does_not_wait_behind_photos_of_others(
    bot: BotProcess, http: httpx.AsyncClient
) -> None:
    ann = await newcomer(http)
    await bot.start()
    panel = await ann.shows(COFFEE)
    await fault(http, "getFile", error_code=429, retry_after=15, times=1000)
    others = [await newcomer(http) for _ in range(70)]  # more than there are places
    for person in others:
        await person.sends(SMALL)

    async def fetched() -> bool:
        return len(await calls(http, "getFile")) > 60

    await eventually(fetched, "photos that wait")
    await eventually(lambda: len(bot.reads(BEGUN)) == len(others), "the start of all of them")
    await ann.chooses(panel, panel.offered[0])
    answered = await calls(http, "sendMessage")
    assert len(answered) == 1  # none of the photos: their places are still taken


async def test_a_kill_amid_updates_loses_none_and_counts_each_once(
    bot: BotProcess, http: httpx.AsyncClient
) -> None:
    ann, ben, cleo, dan, eve, finn, gail = [await newcomer(http) for _ in range(7)]
    await bot.start()
    bens = await ben.shows(COFFEE, caption="#bens")
    cleos = await cleo.shows(COFFEE, caption="#cleos")
    await cleo.taps(cleos, "Done")
    cleos_caption = await cleo.hears(cleos.id)
    dans_older, dans_newer = await dan.shows(COFFEE), await dan.shows(CAT)
    eves, gails = await eve.shows(COFFEE), await gail.shows(CAT)

    # Telegram takes no message for a long while, so that whoever sends one waits in its handler.
    await fault(http, "sendMessage", error_code=429, retry_after=LONG_S, times=1000)
    sent = await ann.sends(COFFEE, caption="Rome #anns #rome")
    finns = await finn.sends(BROKEN, as_file=1)
    looked_at = "SELECT 1 FROM sessions WHERE chat_id = ? AND embedding IS NOT NULL"
    await eventually(lambda: bot.reads(looked_at, ann.chat), "the look at the photo")
    await ben.taps(bens, "Done")
    await cleo.taps(cleos_caption, "Edit")
    await dan.says("/cancel")
    await gail.taps(gails, gails.offered[0])
    # After an update of the weights a tap has the photo fetched again: that waits, too.
    bot.writes("UPDATE sessions SET embedding = ? WHERE chat_id = ?", b"older\0\0\0", eve.chat)
    await fault(http, "getFile", error_code=429, retry_after=LONG_S, times=1000)
    await eve.taps(eves, eves.offered[0])
    await eve.taps(eves, eves.offered[1])

    taps = "SELECT 1 FROM picks WHERE chat_id = ? AND kind = 'add'"
    await eventually(lambda: bot.reads(taps, gail.chat), "the tap in the database")
    await eventually(lambda: len(bot.reads(BEGUN)) == 6, "six updates in their handlers")
    await eventually(lambda: len(bot.reads(UNFINISHED)) == 7, "one more that waits for its turn")
    unfinished = [row[0] for row in bot.reads(UNFINISHED)]
    await everything_is_confirmed(http, unfinished[-1])
    await bot.ends(signal.SIGKILL)
    await fine(http.delete("/playground/faults"))
    await bot.start()

    anns = await ann.panel(sent)
    assert anns.chosen == ["#anns", "#rome"]
    assert "Rome" in anns.text
    assert (await ben.hears(bens.id)).block == "#bens"
    assert (await cleo.hears(cleos_caption.id)).chosen == ["#cleos"]
    await dan.hears(dans_newer.id, "put the photo aside")
    await dan.sees_that(dans_newer, lambda now: not now.buttons)
    await dan.sees_that(dans_older, lambda now: now.body == dans_older.body)
    eves = await eve.sees_that(eves, lambda now, wanted=eves.offered[:2]: now.chosen == wanted)
    await finn.hears(finns, "cannot open this picture")
    # Only its edit was still on the way: the keyboard is drawn again without anybody's asking.
    await gail.sees_that(gails, lambda now: now.chosen == gails.offered[:1])
    await eventually(lambda: not bot.reads(UNFINISHED), "the end of all handlers")

    def steps() -> list[tuple[int, str, str | None]]:
        return bot.reads("SELECT chat_id, kind, tag FROM picks ORDER BY chat_id, id")

    counted = steps()
    assert len(counted) == len(set(counted))
    assert {kind for _, kind, _ in counted} == {"own", "add", "done", "edit", "cancel"}

    # What Telegram delivers once more counts no second time.
    everybody = (ann, ben, cleo, dan, eve, finn, gail)
    said = [len(await person.sees()) for person in everybody]
    for update in unfinished:
        await fine(http.post("/playground/redeliver", json={"update_id": update}))
    for person in everybody:
        await person.all_said()
    assert steps() == counted
    assert [len(await person.sees()) - 2 for person in everybody] == said

    # And everybody goes on where they were.
    eves = await eve.chooses(eves, eves.offered[0])
    assert len(eves.chosen) == 3
    await ann.taps(anns, "Done")
    assert (await ann.hears(anns.id, "#anns")).block == "Rome\n\n#anns #rome"


async def test_what_comes_in_one_burst_or_twice_is_done_in_order_and_once(
    bot: BotProcess, http: httpx.AsyncClient
) -> None:
    ann, ben, cleo = [await newcomer(http) for _ in range(3)]
    await bot.start()
    panel = await ann.shows(COFFEE)
    (asked,) = bot.reads("SELECT body FROM inbox WHERE chat_id = ?", ann.chat)
    assert json.loads(asked[0])["message"]["message_id"] == panel.answers
    assert await bot.ends(signal.SIGTERM) == 0
    wanted = [*panel.offered[:4], "#ourdog"]
    for label in wanted[:4]:
        await ann.taps(panel, label)
    await ann.says("#ourdog")
    await bot.start()
    panel = await ann.sees_that(panel, lambda now: now.chosen == wanted)

    # Telegram takes no answer for a long while: one update is done, but nobody sees it; one waits.
    for method in ("editMessageText", "sendMessage"):
        await fault(http, method, error_code=429, retry_after=LONG_S, times=1000)
    await ann.taps(panel, panel.offered[0])
    await eventually(lambda: len(bot.reads("SELECT 1 FROM picks")) == 6, "the tap")
    said = await ben.says("/start")
    of = "SELECT update_id, attempts FROM inbox WHERE chat_id = ?"
    await eventually(lambda: bot.reads(of, ben.chat), "the command in its handler")
    ((number, _),) = bot.reads(of, ben.chat)
    await fine(http.post("/playground/redeliver", json={"update_id": number}))
    await cleo.says("/help")
    await eventually(lambda: bot.reads(of, cleo.chat), "what came after it")
    assert bot.reads(of, ben.chat) == [(number, 1)]
    await bot.ends(signal.SIGKILL)
    await fine(http.delete("/playground/faults"))
    await bot.start()

    wanted.append(panel.offered[0])
    await ann.sees_that(panel, lambda now: now.chosen == wanted)
    assert (await ben.hears(said)).text.startswith("Hi!")
    await eventually(lambda: not bot.reads(UNFINISHED), "the end of all handlers")
    assert len(bot.reads("SELECT 1 FROM picks")) == 6
    assert len([one for one in await ben.all_said() if one.id > said]) == 1


async def test_an_answer_that_is_no_reply_is_none_to_a_photo_when_it_is_handled_again(
    bot: BotProcess, http: httpx.AsyncClient
) -> None:
    ann = await newcomer(http)
    await bot.start()
    panel = await ann.shows(CAT, caption="My cat #whiskers")
    await ann.says("/sets")
    menu = await ann.hears(panel.id, "No hashtag set is saved")
    await ann.taps(menu, "Save")
    await ann.hears(menu.id, "Reply with a name")
    await fault(http, "sendMessage", error_code=429, retry_after=LONG_S, times=1000)
    answer = await ann.says("Cat")
    await eventually(lambda: bot.reads("SELECT 1 FROM sets"), "the set in the database")
    await bot.ends(signal.SIGKILL)
    await fine(http.delete("/playground/faults"))
    await bot.start()
    saved = await ann.hears(answer, "“Cat”")
    await eventually(lambda: not bot.reads(UNFINISHED), "the end of all handlers")

    # And once more, as if it had been killed right before it noted that all was done.
    assert await bot.ends(signal.SIGTERM) == 0
    bot.writes(
        "UPDATE inbox SET done_at = NULL, attempts = 1 WHERE body LIKE ?",
        f'%"message_id": {answer},%"text": "Cat"%',
    )
    assert bot.reads(UNFINISHED)
    await bot.start()
    await eventually(lambda: not bot.reads(UNFINISHED), "the end of all handlers")
    assert (await ann.all_said())[-1].body == saved.body
    now = await ann.sees_that(panel, lambda now: now.chosen)
    assert now.text == panel.text
    assert bot.reads("SELECT name FROM sets") == [("Cat",)]


@pytest.mark.parametrize("body", ["null", '{"update_id": 1, "message": 3}', "{"])
async def test_what_is_no_update_holds_up_neither_its_chat_nor_others(
    bot: BotProcess, http: httpx.AsyncClient, body: str
) -> None:
    ann, ben = [await newcomer(http) for _ in range(2)]
    await bot.start()
    panel = await ann.shows(COFFEE)
    bot.writes(
        "INSERT INTO inbox (bot_id, update_id, chat_id, body, attempts, received_at)"
        " SELECT bot_id, 1, chat_id, ?, 0, received_at FROM inbox WHERE chat_id = ?",
        body,
        ann.chat,
    )
    panel = await ann.chooses(panel, panel.offered[0])
    assert len(panel.chosen) == 1
    await ben.shows(CAT)
    await eventually(lambda: not bot.reads(UNFINISHED), "the end of all handlers")


async def test_what_the_library_cannot_read_stops_no_other_and_is_told_by_its_number_alone(
    bot: BotProcess, http: httpx.AsyncClient, tmp_path: Path
) -> None:
    ann, ben = [await newcomer(http) for _ in range(2)]
    said = await ann.says("/help")
    await ann.says("my secret")
    sent = await ben.sends(COFFEE, caption="#bens")
    await ann.says("my other secret")
    await ann.says("words of no chat")
    with closing(sqlite3.connect(tmp_path / "server" / "playground" / "playground.db")) as telegram:
        spoil = (
            "UPDATE updates SET body = json_remove(body, '$.from.id') WHERE body LIKE '%secret%'"
            " RETURNING update_id"
        )
        with telegram:
            spoiled = [number for (number,) in telegram.execute(spoil)]
            spoil = (
                "UPDATE updates SET body = json_remove(body, '$.chat')"
                " WHERE body LIKE '%words of no chat%' RETURNING update_id"
            )
            [(homeless,)] = telegram.execute(spoil)
    assert len(spoiled) == 2
    await bot.start()
    assert (await ben.panel(sent)).chosen == ["#bens"]
    await ann.hears(said, "Send a photo")
    await everything_is_confirmed(http, homeless)
    await ann.says("#later")
    await eventually(lambda: not bot.reads(UNFINISHED), "the end of all handlers")
    assert await bot.ends(signal.SIGTERM) == 0
    for number in spoiled:
        assert bot.log.count(f"update {number} cannot be read") == 1
    assert bot.log.count(f"update {homeless} cannot be understood") == 1
    for word in ("secret", "words of", "Traceback", "CRITICAL"):
        assert word not in bot.log, bot.log


async def test_a_step_that_cannot_be_written_down_holds_up_no_other_chat_and_is_not_lost(
    bot: BotProcess, http: httpx.AsyncClient
) -> None:
    ann, ben = [await newcomer(http) for _ in range(2)]
    await bot.start()
    anns, bens = await ann.shows(COFFEE), await ben.shows(CAT)
    bot.writes(
        "CREATE TRIGGER refusing BEFORE INSERT ON picks WHEN NEW.chat_id = "
        f"{ann.chat} BEGIN SELECT RAISE(ABORT, 'refused'); END"
    )
    tap = await ann.taps(anns, anns.offered[0])
    await ben.chooses(bens, bens.offered[0])
    assert "went wrong" in await ann.told(tap)
    bot.writes("DROP TRIGGER refusing")
    assert await bot.ends(signal.SIGTERM) == 0
    await bot.start()
    await ann.sees_that(anns, lambda now: now.chosen == anns.offered[:1])
    await eventually(lambda: not bot.reads(UNFINISHED), "the end of all handlers")


async def test_what_the_database_refuses_for_a_while_is_taken_up_again_in_its_order(
    bot: BotProcess, http: httpx.AsyncClient
) -> None:
    ann, ben = [await newcomer(http) for _ in range(2)]
    await bot.start()
    bot.writes(
        "CREATE TRIGGER refusing BEFORE INSERT ON sessions"
        " BEGIN SELECT RAISE(ABORT, 'refused'); END"
    )
    sent = await ann.sends(COFFEE)
    await ann.says("#own")
    await bot.says("has to be begun again")
    bot.writes("DROP TRIGGER refusing")
    panel = await ann.panel(sent)
    await ann.sees_that(panel, lambda now: now.chosen == ["#own"])
    await eventually(lambda: not bot.reads(UNFINISHED), "the end of all handlers")
    (only,) = [one for one in await ann.sees() if one.body["from"]["is_bot"]]
    assert only.id == panel.id  # nobody was told to send it once more

    # What is refused for good does not stand in its chat's way for ever.
    bot.writes(
        f"CREATE TRIGGER refusing BEFORE INSERT ON sessions WHEN NEW.chat_id = {ben.chat}"
        " BEGIN SELECT RAISE(ABORT, 'refused'); END"
    )
    sent = await ben.sends(CAT)
    await ben.hears(sent, "went wrong")
    await eventually(lambda: not bot.reads(UNFINISHED), "the end of all handlers")


async def test_a_stop_keeps_what_cannot_be_finished_now(
    bot: BotProcess, http: httpx.AsyncClient
) -> None:
    ann, ben = await newcomer(http), await newcomer(http)
    await bot.start()
    await fault(http, "sendMessage", error_code=429, retry_after=LONG_S, times=1000)
    sent = await ann.sends(COFFEE)
    said = await ben.says("/start")
    await eventually(lambda: len(bot.reads(BEGUN)) == 2, "two updates in their handlers")
    assert await bot.ends(signal.SIGTERM) == 0
    # However often it is stopped, they are not given up: only what ends the process by itself is.
    begun = "SELECT attempts FROM inbox WHERE done_at IS NULL"
    assert bot.reads(begun) == [(0,), (0,)]

    # While it is away: an update that was finished long ago, and one of today.
    row = (
        "INSERT INTO inbox (bot_id, update_id, body, attempts, received_at, done_at)"
        " VALUES (7, ?, '{}', 1, ?, ?)"
    )
    for number, hours in ((1, 25), (2, 23)):
        done = (datetime.now(UTC) - timedelta(hours=hours)).strftime("%Y-%m-%d %H:%M:%S.%f")
        bot.writes(row, number, done, done)
    await ann.says("#meanwhile")
    await fine(http.delete("/playground/faults"))
    await bot.start()

    assert (await ben.hears(said)).text.startswith("Hi!")
    panel = await ann.panel(sent)
    await ann.sees_that(panel, lambda now: now.chosen == ["#meanwhile"])
    kept = "SELECT update_id FROM inbox WHERE bot_id = 7"
    await eventually(lambda: bot.reads(kept) == [(2,)], "the sweep of the inbox")

    # Another program writes to the database for a while: the tap waits, at Telegram or here.
    with closing(sqlite3.connect(bot.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        await ann.taps(panel, panel.offered[0])
        await asyncio.sleep(1)
        assert (await ann.panel(sent)).chosen == ["#meanwhile"]
        other.execute("ROLLBACK")
    await ann.sees_that(panel, lambda now: now.chosen == ["#meanwhile", panel.offered[0]])

    await fault(http, "getUpdates", error_code=409)
    await ann.taps(panel, panel.offered[1])
    await bot.says("another process polls with this token")
    await ann.sees_that(panel, lambda now: now.chosen[2:] == [panel.offered[1]])
    assert await bot.ends(signal.SIGTERM) == 0


async def test_a_bot_that_is_there_before_telegram_waits_for_it(tmp_path: Path) -> None:
    port = free_port()
    health = f"127.0.0.1:{free_port()}"
    bot = BotProcess.before(f"http://127.0.0.1:{port}", tmp_path, METRICS_LISTEN=health)
    await bot.launch()
    await bot.says("Telegram cannot be reached")
    async with httpx.AsyncClient(base_url=f"http://{health}", verify=False) as watcher:
        for page in ("/healthz", "/readyz"):
            assert (await fine(watcher.get(page)))["status"] == "ok"
    async with (
        serve("127.0.0.1", port, tmp_path / "server") as server,
        httpx.AsyncClient(base_url=server.url, timeout=PATIENCE_S, verify=False) as http,
    ):
        ann = await newcomer(http)
        sent = await ann.sends(COFFEE)
        await bot.says("Tagalong is ready")
        panel = await ann.panel(sent)
    # And it stays when Telegram goes away in between.
    await bot.says("updates cannot be fetched")
    async with (
        serve("127.0.0.1", port, tmp_path / "server") as server,
        httpx.AsyncClient(base_url=server.url, timeout=PATIENCE_S, verify=False) as http,
    ):
        ann = Person(http, ann.chat, ann.id)
        await ann.chooses(panel, panel.offered[0])
    assert await bot.ends(signal.SIGTERM) == 0
    assert "Traceback" not in bot.log


def settings_for(url: str, folder: Path) -> Settings:
    """A bot of this process in front of a Bot API server."""
    return read_settings(
        telegram_bot_token=TOKEN, telegram_base_url=f"{url}/bot", data_dir=folder / "data"
    )


async def test_it_can_be_stopped_while_telegram_is_out_of_reach(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    bot = asyncio.create_task(run(settings_for(nobody, tmp_path)))
    await eventually(lambda: "Telegram cannot be reached" in caplog.text, "a complaint")
    signal.raise_signal(signal.SIGTERM)
    await asyncio.wait_for(bot, PATIENCE_S)


async def test_it_can_be_stopped_while_telegram_lets_nobody_poll(
    server: Playground, http: httpx.AsyncClient, tmp_path: Path
) -> None:
    await fault(http, "deleteWebhook", error_code=502, times=1000)
    bot = asyncio.create_task(run(settings_for(server.url, tmp_path)))

    async def refused() -> bool:
        return bool(await calls(http, "deleteWebhook"))

    await eventually(refused, "the start of polling")
    signal.raise_signal(signal.SIGTERM)
    await asyncio.wait_for(bot, PATIENCE_S)


async def test_a_token_that_telegram_refuses_is_named_in_one_line(
    server: Playground, http: httpx.AsyncClient, tmp_path: Path
) -> None:
    await fault(http, "getMe", error_code=401, times=1000)
    with pytest.raises(SettingsError) as caught:
        await run(settings_for(server.url, tmp_path))
    assert str(caught.value) == "TELEGRAM_BOT_TOKEN: Telegram does not know this token"
