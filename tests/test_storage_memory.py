"""What a chat remembers beside its captions: settings, tag sets, albums, questions."""

from __future__ import annotations

import asyncio
import base64
import json
import random
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine
from storage_fixtures import (
    BOT,
    CHAT,
    PERSON,
    address,
    database_of,
    looked_into,
    on_each_kind,
    opened,
    send_photo,
)

import storage as door
from storage import (
    ANSWERED,
    NameTaken,
    NoSuchChat,
    NoSuchSession,
    PickKind,
    Question,
    Session,
    SessionState,
    Storage,
    StorageError,
)
from storage.__main__ import main
from storage.database import SCRUB_BYTES
from storage.schema import metadata

pytest_generate_tests = on_each_kind

GROUP, SUPERGROUP = -4_000_000_001, -1_004_000_000_001


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "tagalong.db"


@pytest.fixture
async def storage(kind: str, file: Path, request: pytest.FixtureRequest) -> AsyncIterator[Storage]:
    async with opened(await database_of(kind, file, request)) as storage:
        await storage.remember_chat(CHAT, kind="private", language="en")
        yield storage


async def test_settings_are_a_chats_own_and_begin_empty(storage: Storage) -> None:
    assert await storage.settings_of(CHAT) == await storage.settings_of(404) == "{}"
    await storage.set_settings(CHAT, '{"platform": "instagram"}')
    await storage.remember_chat(CHAT, kind="private", language="ja")
    assert await storage.settings_of(CHAT) == '{"platform": "instagram"}'
    chat = await storage.remember_chat(CHAT, kind="private", language=None)
    assert chat.settings == '{"platform": "instagram"}'
    with pytest.raises(NoSuchChat):
        await storage.set_settings(404, "{}")


async def test_sets_are_saved_read_renamed_and_deleted_within_their_chat(storage: Storage) -> None:
    with pytest.raises(NoSuchChat):
        await storage.save_set(404, "Beach", ["sea"])
    beach = await storage.save_set(CHAT, "Beach", ["sea", "日本", "🌊"])
    alps = await storage.save_set(CHAT, "alps", ["snow"])
    assert await storage.sets(CHAT) == [alps, beach]
    assert await storage.tag_set(CHAT, beach.id) == beach
    assert beach.tags == ("sea", "日本", "🌊")
    again = await storage.save_set(CHAT, "Beach", ["sand"])  # a name that is there: the new tags
    assert (again.id, again.tags) == (beach.id, ("sand",))

    with pytest.raises(NameTaken):
        await storage.rename_set(CHAT, alps.id, "Beach")
    renamed = await storage.rename_set(CHAT, alps.id, "Alps")
    assert renamed is not None
    assert [one.name for one in await storage.sets(CHAT)] == ["Alps", "Beach"]

    for stranger, number in ((CHAT + 1, alps.id), (CHAT, 404)):
        assert await storage.tag_set(stranger, number) is None
        assert await storage.rename_set(stranger, number, "mine") is None
        assert await storage.delete_set(stranger, number) is None
    assert await storage.delete_set(CHAT, alps.id) == renamed
    assert await storage.sets(CHAT) == [again]
    # Its number stands in the buttons of old messages.
    assert (await storage.save_set(CHAT, "alps", ["snow"])).id > again.id


async def test_photos_of_an_album_join_its_open_session_once_each_and_in_order(
    storage: Storage,
) -> None:
    session = await send_photo(storage, 11, album="album-1")
    assert await storage.session_of_album(BOT, CHAT, "album-1") == session
    for place in ((BOT + 1, CHAT, "album-1"), (BOT, CHAT + 1, "album-1"), (BOT, CHAT, "album-2")):
        assert await storage.session_of_album(*place) is None

    joined = await asyncio.gather(
        *(storage.add_photo(session.id, 12 + n % 5, f"file-{n % 5}") for n in range(20))
    )
    assert sum(new for _, new in joined) == 5
    photos = await storage.photos(session.id)
    assert [one.position for one in photos] == [1, 2, 3, 4, 5]
    assert {one.message_id for one in photos} == {12, 13, 14, 15, 16}
    await storage.set_photo_embedding(session.id, 3, b"seen")
    assert [one.embedding for one in await storage.photos(session.id)] == [
        None, None, b"seen", None, None
    ]  # fmt: skip
    for message in (11, 14):
        found = await storage.session_of_message(CHAT, message, bot_id=BOT)
        assert found is not None
        assert found.id == session.id
    await storage.update_session(session.id, state=SessionState.DONE)
    assert await storage.session_of_album(BOT, CHAT, "album-1") is None
    with pytest.raises(NoSuchSession):
        await storage.add_photo(404, 12, "file")


async def test_albums_that_nobody_shows_are_found_by_when_they_were_last_touched(
    storage: Storage,
) -> None:
    first, second, shown, done = [
        await send_photo(storage, 11 + n, album=f"album-{n}") for n in range(4)
    ]
    await send_photo(storage, 21)
    await send_photo(storage, 22, bot_id=BOT + 1, album="album-0")
    await storage.update_session(shown.id, panel_message_id=31)
    await storage.update_session(done.id, state=SessionState.DONE)

    async def found(since: datetime, before: datetime, limit: int = 9) -> list[int]:
        sessions = await storage.unshown_albums(BOT, since, before, limit)
        return [one.id for one in sessions]

    long_ago, soon = (datetime.now(UTC) + timedelta(minutes=n) for n in (-1, 1))
    assert await found(long_ago, soon) == [first.id, second.id]
    assert await found(long_ago, soon, 1) == [first.id]
    assert await found(long_ago, second.updated_at) == [first.id]
    assert await found(second.updated_at, soon) == [second.id]
    touched, _ = await storage.add_photo(first.id, 41, "file")  # it waits for more
    assert touched.position == 1
    assert await found(long_ago, soon) == [second.id, first.id]


async def test_a_question_is_answered_by_whom_it_was_asked_and_then_settled(
    storage: Storage,
) -> None:
    question = Question(BOT, CHAT, 30, PERSON, "name", "7")
    await storage.ask(question)
    await storage.ask(question)  # an update that is handled twice
    assert await storage.question(BOT, CHAT, 30, PERSON) == question
    assert await storage.question(BOT, CHAT, 30, PERSON + 1) is None
    assert await storage.question(BOT, CHAT, 32, PERSON) is None
    later = Question(BOT, CHAT, 31, PERSON, "name", "8")
    await storage.ask(later)
    moment = datetime.now(UTC)
    for since, newest in ((moment - timedelta(hours=1), later), (moment, None)):
        assert await storage.open_question(BOT, CHAT, PERSON, "name", since) == newest
    await storage.answered(later)
    await storage.answered(question)
    # It is still known as one: an edit of its answer is no caption.
    settled = await storage.question(BOT, CHAT, 30, PERSON)
    assert settled == replace(question, kind=ANSWERED)
    assert (
        await storage.open_question(BOT, CHAT, PERSON, "name", datetime.min.replace(tzinfo=UTC))
        is None
    )
    with pytest.raises(StorageError):
        await storage.ask(Question(BOT, 404, 30, PERSON, "name", "7"))


async def test_the_newest_question_waits_until_it_is_settled_or_a_session_is_touched(
    storage: Storage,
) -> None:
    long_ago = datetime.min.replace(tzinfo=UTC)

    async def waits(since: datetime = long_ago, bot: int = BOT, user: int = PERSON) -> object:
        return await storage.waiting_question(bot, CHAT, user, since, but="next")

    session = await send_photo(storage)
    assert await waits() is None
    asked = Question(BOT, CHAT, 30, PERSON, "name", "7")
    answer, other = replace(asked, message_id=34), replace(asked, message_id=31, argument="8")
    for question in (asked, other, Question(BOT, CHAT, 32, PERSON, "next", "set:7")):
        await storage.ask(question)
    assert await waits() == other
    assert await waits(since=datetime.now(UTC)) is None
    assert await waits(bot=BOT + 1) is None
    assert await waits(user=PERSON + 1) is None

    await storage.ask(answer)
    assert await waits() == answer
    await storage.answered_before(answer)  # it is not settled yet
    assert await storage.question(BOT, CHAT, 30, PERSON) == asked
    await storage.answered(answer)
    await storage.answered_before(answer)
    assert await waits() is None
    assert await storage.question(BOT, CHAT, 30, PERSON) == replace(asked, kind=ANSWERED)
    assert await storage.question(BOT, CHAT, 31, PERSON) == other

    await storage.ask(again := replace(asked, message_id=35))
    assert await waits() == again
    await storage.record(session.id, PickKind.OWN, "sea", key="tap")
    assert await waits() is None


async def test_a_group_that_becomes_a_supergroup_keeps_what_it_remembers(
    storage: Storage, file: Path
) -> None:
    session = await send_photo(storage, chat_id=GROUP, album="album-1")
    await storage.add_photo(session.id, 12, "file")
    await storage.set_settings(GROUP, '{"columns": 1}')
    await storage.save_set(GROUP, "Beach", ["sea"])
    await storage.ask(Question(BOT, GROUP, 30, PERSON, "name", ""))
    await storage.receive(BOT, 1, "{}", GROUP)
    await storage.remember_chat(SUPERGROUP, kind="supergroup", language=None)

    for _ in range(2):
        await storage.migrate_chat(GROUP, SUPERGROUP)

    assert await storage.settings_of(SUPERGROUP) == '{"columns": 1}'
    assert [one.name for one in await storage.sets(SUPERGROUP)] == ["Beach"]
    assert await storage.sets(GROUP) == []
    moved = await storage.session_of_album(BOT, SUPERGROUP, "album-1")
    assert moved is not None
    # Message ids begin anew there: the old ones must not name another message.
    assert [one.message_id for one in await storage.photos(moved.id)] == [None]
    assert await storage.session_of_message(SUPERGROUP, 12) is None
    assert await storage.question(BOT, SUPERGROUP, 30, PERSON) is None
    with looked_into(file) as other:
        assert other.execute("SELECT chat_id FROM inbox").fetchall() == [(SUPERGROUP,)]


async def test_past_captions_are_a_persons_finished_ones_newest_first(storage: Storage) -> None:
    done = []
    for message in (11, 12, 13):
        session = await send_photo(storage, message)
        await storage.record(session.id, PickKind.ADD, f"tag{message}", key=f"cq:{message}")
        await storage.update_session(session.id, state=SessionState.DONE)
        done.append(session.id)
    await storage.add_photo(done[1], 20, "file")
    for place in ({"owner_id": 1}, {"bot_id": 1}, {"chat_id": CHAT + 1}, {}):  # {}: still open
        await send_photo(storage, 14, **place)
    newest = await storage.past_caption(BOT, CHAT, PERSON)
    assert newest is not None
    assert (newest.session.id, newest.newer, newest.older) == (done[2], None, done[1])
    assert await storage.last_caption(BOT, CHAT, PERSON) == done[2]
    middle = await storage.past_caption(BOT, CHAT, PERSON, done[1])
    assert middle is not None
    assert (middle.newer, middle.older) == (done[2], done[0])
    assert (middle.position, middle.total, middle.photos) == (2, 3, 2)
    assert [pick.tag for pick in middle.picks] == ["tag12"]
    assert await storage.past_caption(BOT, CHAT, PERSON + 1, done[1]) is None
    assert await storage.past_caption(BOT, CHAT, PERSON, 404) is None
    assert await storage.past_caption(BOT, CHAT, PERSON + 1) is None


# --- privacy ---------------------------------------------------------------------------------


async def much_of(storage: Storage, chat_id: int, mark: str) -> Session:
    """A chat with a row in every table."""
    session = await send_photo(storage, chat_id=chat_id, text=mark)
    await storage.add_photo(session.id, 12, mark)
    await storage.record(session.id, PickKind.OWN, mark, key=f"{mark}:1")
    await storage.save_set(chat_id, mark, [mark])
    await storage.set_settings(chat_id, json.dumps({"mark": mark}))
    await storage.ask(Question(BOT, chat_id, 30, PERSON, "name", mark))
    await storage.receive(BOT, chat_id, json.dumps({"mark": mark}), chat_id)
    await storage.begin(BOT, chat_id)
    return await storage.update_session(session.id, embedding=mark.encode())


def on_disk(file: Path) -> bytes:
    """All that lies in a database's files."""
    return b"".join(one.read_bytes() for one in file.parent.iterdir())


async def test_all_of_a_chat_is_told_table_by_table_and_deleted_from_every_file(
    storage: Storage, file: Path
) -> None:
    await much_of(storage, CHAT, "secretmark")
    await much_of(storage, CHAT + 1, "othermark")
    told = await storage.portrait(CHAT)
    assert set(told) == set(metadata.tables) - {"secrets"}  # which are the bot's own
    assert all(len(rows) == 1 for rows in told.values()), told  # also of tables to come
    assert told["chats"][0]["settings"] == told["inbox"][0]["body"] == {"mark": "secretmark"}
    assert base64.b64decode(told["sessions"][0]["embedding"]) == b"secretmark"
    assert datetime.fromisoformat(told["sessions"][0]["created_at"]).tzinfo is not None
    assert "othermark" not in json.dumps(told)

    assert b"secretmark" in on_disk(file)
    assert await storage.forget_chat(CHAT)
    assert b"secretmark" not in on_disk(file)  # neither in the file nor in its log
    assert all(rows == [] for rows in (await storage.portrait(CHAT)).values())
    await storage.receive(BOT, 2, "{}", CHAT)  # not begun yet: it was sent afterwards
    assert await storage.forget_chat(CHAT)
    assert [row["update_id"] for row in (await storage.portrait(CHAT))["inbox"]] == [2]
    assert all(len(rows) == 1 for rows in (await storage.portrait(CHAT + 1)).values())

    # Another process that reads delays the emptying of the log, and nothing else.
    with looked_into(file) as other:
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM picks").fetchone()
        assert not await storage.forget_chat(CHAT + 1)
        assert await storage.receive(BOT, 1, "{}")
        other.execute("ROLLBACK")
    assert b"othermark" in on_disk(file)
    await storage.expire(None)
    assert b"othermark" not in on_disk(file)


@pytest.mark.parametrize("seed", [3, 12])  # with these, SQLite's own overwriting leaves one
async def test_copies_of_rows_that_moved_are_forgotten_too(
    storage: Storage, file: Path, seed: int
) -> None:
    chance = random.Random(seed)
    for number in range(250):
        chat = chance.randrange(6)
        mark = "othermark" if chat else "secretmark"
        body = json.dumps({"m": mark + "x" * chance.randrange(50, 1500)}, separators=(",", ":"))
        await storage.admit(1, number, body, chat)
        await storage.finish(1, number)
        if chance.random() < 0.08:
            assert await storage.forget_chat(chance.randrange(1, 6))
    assert await storage.forget_chat(0)
    assert b"secretmark" not in on_disk(file)


async def test_a_large_file_is_scrubbed_by_the_command_alone(
    storage: Storage, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await much_of(storage, CHAT, "secretmark")
    await storage.admit(BOT, 99, "x" * SCRUB_BYTES, CHAT + 1)
    assert not await storage.forget_chat(CHAT)
    assert not await storage.forget_chat(CHAT + 1)
    assert await asyncio.to_thread(main, ["scrub", "--database", f"sqlite:///{file}"]) == 0
    assert "nothing that was deleted is left" in capsys.readouterr().err
    left = on_disk(file)
    assert b"secretmark" not in left
    assert len(left) < SCRUB_BYTES


async def test_what_nobody_has_used_for_the_days_of_retention_goes(
    storage: Storage, file: Path
) -> None:
    fresh = await much_of(storage, CHAT, "fresh")
    await much_of(storage, CHAT + 1, "old")
    await much_of(storage, CHAT + 2, "saved")
    await much_of(storage, CHAT + 3, "set")
    ages = {
        "sessions": ("updated_at", {CHAT + 1, CHAT + 2, CHAT + 3}),
        "sets": ("created_at", {CHAT, CHAT + 1, CHAT + 3}),
        "chats": ("used_at", {CHAT, CHAT + 1, CHAT + 2}),
        "questions": ("created_at", {CHAT, CHAT + 1}),
    }
    with looked_into(file) as other:
        for table, (column, old) in ages.items():
            key = "id" if table == "chats" else "chat_id"
            for chat_id in old:
                other.execute(
                    f"UPDATE {table} SET {column} = '2020-01-01 00:00:00.000000' WHERE {key} = ?",
                    (chat_id,),
                )
    assert await storage.expire(None) == 0
    assert await storage.question(BOT, CHAT, 30, PERSON) is None
    assert await storage.question(BOT, CHAT + 2, 30, PERSON) is not None
    assert await storage.expire(datetime.now(UTC) - timedelta(days=30)) == 4
    # The chat whose photo is fresh keeps its old set, the others what made them live.
    assert [one.name for one in await storage.sets(CHAT)] == ["fresh"]
    assert await storage.session(fresh.id) is not None
    assert await storage.chat(CHAT + 1) is None
    assert await storage.sets(CHAT + 1) == []
    assert [one.name for one in await storage.sets(CHAT + 2)] == ["saved"]
    assert await storage.settings_of(CHAT + 3) == '{"mark": "set"}'
    with looked_into(file) as other:
        assert other.execute("SELECT chat_id FROM sessions").fetchall() == [(CHAT,)]
        assert other.execute("SELECT DISTINCT chat_id FROM picks").fetchall() == [(CHAT,)]


async def test_a_database_of_the_first_version_keeps_its_rows_and_learns_whose_they_are(
    file: Path,
) -> None:
    config = Config()
    config.set_main_option(
        "script_location", str(Path(door.__file__).with_name("migrations")).replace("%", "%%")
    )
    engine = create_engine(address(file))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    engine.dispose()
    bodies = {
        1: '{"update_id": 1, "message": {"chat": {"id": 51}}}',
        2: '{"update_id": 2, "edited_message": {"chat": {"id": -52}}}',
        3: '{"update_id": 3, "callback_query": {"message": {"chat": {"id": 53}}}}',
        4: "no JSON",
        5: '{"update_id": 5, "poll": {}}',
    }
    with looked_into(file) as other:
        moment = "2026-01-01 00:00:00.000000"
        other.execute("INSERT INTO chats VALUES (51, 'private', 'en', ?)", (moment,))
        for number, body in bodies.items():
            other.execute(
                "INSERT INTO inbox VALUES (?, ?, ?, 0, ?, NULL)", (BOT, number, body, moment)
            )
    async with opened(file) as storage:
        assert [row.body for row in await storage.unfinished(BOT)] == list(bodies.values())
        assert await storage.settings_of(51) == "{}"
        await storage.save_set(51, "Beach", ["sea"])
    with looked_into(file) as other:
        owners = other.execute("SELECT chat_id FROM inbox ORDER BY update_id").fetchall()
    assert owners == [(51,), (-52,), (53,), (None,), (None,)]
