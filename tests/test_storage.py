"""What the storage keeps, through its door, in real databases of both kinds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from storage_fixtures import (
    BOT,
    CHAT,
    PERSON,
    PHOTO,
    database_of,
    looked_into,
    on_each_kind,
    opened,
    send_photo,
)

from storage import (
    Begun,
    Chat,
    InboxRow,
    NoSuchChat,
    NoSuchSession,
    PickKind,
    Scene,
    Session,
    SessionState,
    Stepping,
    Storage,
    StorageUnavailable,
)

ADD, MORE, UNDO = PickKind.ADD, PickKind.MORE, PickKind.UNDO
HUGE = 2**62

pytest_generate_tests = on_each_kind


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "tagalong.db"


@pytest.fixture
async def storage(kind: str, file: Path, request: pytest.FixtureRequest) -> AsyncIterator[Storage]:
    async with opened(await database_of(kind, file, request)) as storage:
        yield storage


@pytest.fixture
async def session(storage: Storage) -> Session:
    return await send_photo(storage)


def adding(tag: str) -> Callable[[Scene], tuple[PickKind, str]]:
    """What a tap on a tag means, wherever the session stands."""
    return lambda scene: (ADD, tag)


# --- the inbox -------------------------------------------------------------------------------


async def test_an_update_stays_in_the_inbox_until_it_is_finished(storage: Storage) -> None:
    assert await storage.receive(BOT, 100, '{"first": 1}')
    assert await storage.receive(BOT, 101, '{"second": 2}')
    await storage.finish(BOT, 100)
    assert await storage.unfinished(BOT) == [InboxRow(101, '{"second": 2}', attempts=0)]


async def test_a_redelivered_update_is_known_before_and_after_it_is_finished(
    storage: Storage,
) -> None:
    assert await storage.receive(BOT, 100, "{}")
    assert not await storage.receive(BOT, 100, "{}")
    await storage.finish(BOT, 100)
    assert not await storage.receive(BOT, 100, "{}")
    assert await storage.unfinished(BOT) == []


async def test_one_update_delivered_fifty_times_at_once_is_new_once(storage: Storage) -> None:
    told = await asyncio.gather(*(storage.receive(BOT, 100, "{}") for _ in range(50)))
    assert told.count(True) == 1
    assert len(await storage.unfinished(BOT)) == 1


async def test_two_bots_may_see_the_same_update_id(storage: Storage) -> None:
    assert await storage.receive(BOT, 100, "mine")
    assert await storage.receive(BOT + 1, 100, "yours")
    await storage.finish(BOT, 100)
    assert [row.body for row in await storage.unfinished(BOT + 1)] == ["yours"]


async def test_unfinished_updates_come_in_the_order_of_their_arrival(storage: Storage) -> None:
    for update_id in (900, 12, HUGE):
        await storage.receive(BOT, update_id, "{}")
    assert [row.update_id for row in await storage.unfinished(BOT)] == [900, 12, HUGE]


async def test_a_chats_updates_come_one_after_the_other_and_chats_by_their_waiting(
    storage: Storage,
) -> None:
    for update_id, chat in ((7, 1), (5, 2), (3, 1), (9, None)):
        await storage.receive(BOT, update_id, "{}", chat)
    await storage.receive(BOT + 1, 1, "{}", 3)
    assert await storage.depth(BOT) == 4
    assert await storage.waiting_chats(BOT, limit=10) == [1, 2, None]
    assert await storage.waiting_chats(BOT, limit=2, without=[7]) == [2, 1]

    async def following(chat: int | None, *without: int) -> list[int]:
        rows = await storage.next_updates(BOT, chat, 2, without)
        return [row.update_id for row in rows]

    await storage.receive(BOT, 2, "{}", 1)
    assert await following(1) == [7, 3]
    assert await following(1, 7) == [3, 2]
    assert await following(None) == [9]
    assert await following(4) == []
    await storage.finish(BOT, 7)
    assert await following(1) == [3, 2]
    assert await storage.depth(BOT) == 4


async def test_a_secret_is_made_once_for_everybody_who_asks(storage: Storage) -> None:
    told = await asyncio.gather(*(storage.secret(BOT, "webhook") for _ in range(10)))
    assert len(set(told)) == 1 and len(told[0]) >= 32
    assert await storage.secret(BOT, "other") != told[0]
    assert await storage.secret(BOT + 1, "webhook") != told[0]
    assert told[0] not in str(await storage.portrait(CHAT))


async def test_each_attempt_at_an_update_is_counted_across_restarts(file: Path) -> None:
    async with opened(file) as storage:
        await storage.remember_chat(CHAT, kind="private", language=None)
        await storage.set_settings(CHAT, '{"buttons": 4}')
        await storage.receive(BOT, 100, "{}", CHAT)
        first = await storage.begin(BOT, CHAT)
        assert first == Begun(InboxRow(100, "{}", 1), '{"buttons": 4}', more=False)
        await storage.receive(BOT, 90, "{}", CHAT)
        again = await storage.begin(BOT, CHAT)
        assert again == Begun(InboxRow(100, "{}", 2), '{"buttons": 4}', more=True)
    async with opened(file) as storage:
        assert [row.attempts for row in await storage.unfinished(BOT)] == [2, 0]
        other = await storage.begin(BOT, CHAT, [100])
        assert other == Begun(InboxRow(90, "{}", 1), '{"buttons": 4}', more=False)
        assert await storage.begin(BOT, CHAT + 1) is None
        await storage.receive(BOT, 101, "{}")
        of_nobody = await storage.begin(BOT, None)
        assert of_nobody == Begun(InboxRow(101, "{}", 1), "{}", more=False)


async def test_an_update_is_begun_as_it_is_written_down_where_nothing_else_of_its_chat_waits(
    storage: Storage,
) -> None:
    await storage.remember_chat(CHAT, kind="private", language=None)
    await storage.set_settings(CHAT, '{"buttons": 4}')
    first = await storage.admit(BOT, 100, "one", CHAT)
    assert first == Begun(InboxRow(100, "one", 1), '{"buttons": 4}', more=False)
    assert await storage.unfinished(BOT) == [first.update]
    # Delivered once more while it is handled, and once more when it is done.
    assert await storage.admit(BOT, 100, "one", CHAT, [100]) is None
    await storage.finish(BOT, 100)
    assert await storage.admit(BOT, 100, "one", CHAT) is None
    assert await storage.unfinished(BOT) == []
    # Each chat for itself, and what comes from none.
    assert await storage.admit(BOT, 101, "{}", None) == Begun(InboxRow(101, "{}", 1), "{}", False)
    assert await storage.admit(BOT, 102, "{}", 1) == Begun(InboxRow(102, "{}", 1), "{}", False)


async def test_a_beginning_can_be_taken_back_but_not_the_end(storage: Storage) -> None:
    for number in (1, 2, 3):
        await storage.receive(BOT, number, "{}", CHAT + number)
    for number in (1, 1, 2):
        await storage.begin(BOT, CHAT + number)
    await storage.finish(BOT, 2)
    await storage.put_back(BOT, 1, 2, 3, 4)
    await storage.put_back(BOT + 1, 1)
    assert [row.attempts for row in await storage.unfinished(BOT)] == [1, 0]
    assert await storage.begin(BOT, CHAT + 2) is None


async def test_what_waits_of_a_chat_is_begun_before_what_arrives(storage: Storage) -> None:
    await storage.receive(BOT, 7, "older", CHAT)
    assert await storage.admit(BOT, 5, "newer", CHAT) == Begun(InboxRow(7, "older", 1), "{}", True)
    # A process that was killed then has begun it in vain.
    assert await storage.admit(BOT, 5, "newer", CHAT) == Begun(InboxRow(7, "older", 2), "{}", True)
    newer = await storage.begin(BOT, CHAT, finished=[7])
    assert newer == Begun(InboxRow(5, "newer", 1), "{}", more=False)
    assert await storage.begin(BOT, CHAT, [5]) is None
    assert await storage.begin(BOT, CHAT, finished=[5]) is None
    assert await storage.unfinished(BOT) == []


async def test_a_step_is_written_down_with_its_update_where_that_begins(
    storage: Storage, session: Session
) -> None:
    await storage.set_settings(CHAT, '{"buttons": 4}')
    begun = await storage.admit(
        BOT, 1, "one", CHAT, (), Stepping(session.id, adding("sea"), "cq:1", 5)
    )
    scene = await storage.scene(session.id, recent=5)
    assert scene is not None and [pick.tag for pick in scene.picks] == ["sea"]
    assert begun == Begun(InboxRow(1, "one", 1), '{"buttons": 4}', more=False, scene=scene)
    # One that is known already, or that has to wait, brings no step.
    assert (
        await storage.admit(BOT, 1, "", CHAT, [1], Stepping(session.id, adding("a"), "k")) is None
    )
    waits = await storage.admit(BOT, 2, "", CHAT, (), Stepping(session.id, adding("b"), "cq:2"))
    assert waits == Begun(InboxRow(1, "one", 2), '{"buttons": 4}', more=True)
    await storage.finish(BOT, 1, 2)
    # A step without a session leaves the update; one that fails leaves neither.
    lost = await storage.admit(BOT, 3, "", CHAT, (), Stepping(404, adding("c"), "cq:3"))
    assert lost == Begun(InboxRow(3, "", 1), '{"buttons": 4}', more=False)
    await storage.finish(BOT, 3)

    def broken(scene: Scene) -> None:
        raise LookupError

    with pytest.raises(LookupError):
        await storage.admit(BOT, 4, "", CHAT, (), Stepping(session.id, broken, "cq:4"))
    assert await storage.unfinished(BOT) == []
    assert await storage.scene(session.id, recent=5) == scene


async def test_an_update_that_arrives_twice_at_once_is_begun_once(storage: Storage) -> None:
    begun = await asyncio.gather(*(storage.admit(BOT, 1, "{}", CHAT, [1]) for _ in range(20)))
    assert [one for one in begun if one] == [Begun(InboxRow(1, "{}", 1), "{}", more=False)]


async def test_finished_updates_are_emptied_after_a_day_and_unfinished_ones_stay(
    storage: Storage, file: Path
) -> None:
    for update_id in (1, 2, 3):
        await storage.receive(BOT, update_id, "{}")
    await storage.finish(BOT, 1)
    await storage.finish(BOT, 2)
    with looked_into(file) as other:  # the first one was finished 25 hours ago
        other.execute(
            "UPDATE inbox SET done_at = strftime('%Y-%m-%d %H:%M:%f000', done_at, '-25 hours') "
            "WHERE update_id = 1"
        )
    a_day_ago = datetime.now(UTC).astimezone() - timedelta(days=1)
    assert await storage.sweep(a_day_ago) == 1
    assert await storage.sweep(a_day_ago) == 0
    assert await storage.receive(BOT, 1, "{}")
    assert not await storage.receive(BOT, 2, "{}")
    assert [row.update_id for row in await storage.unfinished(BOT)] == [3, 1]


async def test_sweeping_before_a_time_without_a_zone_is_refused(storage: Storage) -> None:
    with pytest.raises(ValueError, match="zone"):
        await storage.sweep(datetime(2026, 1, 1))


# --- chats -----------------------------------------------------------------------------------


async def test_a_chat_is_remembered_and_brought_up_to_date(storage: Storage) -> None:
    assert await storage.chat(CHAT) is None
    first = await storage.remember_chat(CHAT, kind="private", language="en")
    assert first == await storage.chat(CHAT)
    changed = await storage.remember_chat(CHAT, kind="private", language="ja")
    assert changed == Chat(CHAT, "private", "ja", first.created_at)
    assert await storage.remember_chat(CHAT, kind="private", language=None) == changed


async def test_a_new_chat_remembered_by_many_tasks_at_once_is_one_chat(storage: Storage) -> None:
    met = await asyncio.gather(
        *(storage.remember_chat(CHAT, kind="group", language=None) for _ in range(20))
    )
    assert len(set(met)) == 1


async def test_a_group_that_becomes_a_supergroup_keeps_its_sessions_and_picks(
    storage: Storage,
) -> None:
    group, supergroup = -4_000_000_001, -1_004_000_000_001
    old = await send_photo(storage, chat_id=group)
    await storage.update_session(old.id, panel_message_id=12)
    await storage.record(old.id, ADD, "sea", key="cq:1")
    # An update from the new group may come first.
    await storage.remember_chat(supergroup, kind="supergroup", language=None)

    for _ in range(2):
        await storage.migrate_chat(group, supergroup)

    assert await storage.chat(group) is None
    moved = await storage.newest_open_session(supergroup)
    assert moved is not None
    assert moved.id == old.id
    assert [pick.tag for pick in await storage.chat_picks(supergroup)] == ["sea"]
    assert await storage.chat_picks(group) == []


async def test_a_supergroups_messages_are_not_taken_for_the_old_groups(storage: Storage) -> None:
    group, supergroup = -4_000_000_001, -1_004_000_000_001
    old = await send_photo(storage, message=11, chat_id=group)
    await storage.update_session(old.id, panel_message_id=12, caption_message_id=13)
    await storage.migrate_chat(group, supergroup)
    for message in (11, 12, 13):
        assert await storage.session_of_message(supergroup, message) is None
    new = await send_photo(storage, message=11, chat_id=supergroup)
    assert new.id != old.id


# --- sessions --------------------------------------------------------------------------------


async def test_a_photo_delivered_twice_has_one_session(storage: Storage) -> None:
    first = await send_photo(storage)
    again = await send_photo(storage)
    assert again == first
    assert first.state is SessionState.OPEN
    assert (await send_photo(storage, message=12)).id != first.id


async def test_two_bots_of_one_person_do_not_mistake_each_others_messages(
    storage: Storage,
) -> None:
    mine = await send_photo(storage)
    yours = await send_photo(storage, bot_id=BOT + 1)
    assert yours.id != mine.id
    assert await storage.session_of_message(CHAT, 11, bot_id=BOT) == mine
    assert await storage.newest_open_session(CHAT, PERSON, bot_id=BOT) == mine
    assert await storage.open_sessions(BOT + 1) == [yours]


async def test_a_photo_of_an_unknown_chat_is_refused(storage: Storage) -> None:
    with pytest.raises(NoSuchChat):
        await storage.open_session(PHOTO)


async def test_a_session_is_found_by_its_photo_its_panel_and_its_caption(
    storage: Storage, session: Session
) -> None:
    changed = await storage.update_session(session.id, panel_message_id=12, caption_message_id=13)
    for message in (11, 12, 13):
        assert await storage.session_of_message(CHAT, message) == changed
    assert await storage.session_of_message(CHAT, 14) is None
    assert await storage.session_of_message(CHAT + 1, 12) is None


async def test_a_change_touches_only_what_it_names(storage: Storage, session: Session) -> None:
    embedding = bytes(range(256)) * 11
    await storage.update_session(session.id, embedding=embedding, text='<b>&"海 🌊')
    after = await storage.update_session(session.id, state=SessionState.DONE)
    assert after == await storage.session(session.id)
    assert after.embedding == embedding
    assert after.text == '<b>&"海 🌊'
    assert after.state is SessionState.DONE
    assert after.photo_file_id == session.photo_file_id
    assert after.updated_at > session.updated_at
    assert after.created_at == session.created_at


async def test_an_embedding_can_be_dropped_again(storage: Storage, session: Session) -> None:
    await storage.update_session(session.id, embedding=b"seen")
    assert (await storage.update_session(session.id, embedding=None)).embedding is None


async def test_the_session_of_the_newest_step_is_the_one_touched_last_through_a_bot(
    storage: Storage, session: Session
) -> None:
    assert await storage.session_of_newest_step(BOT, CHAT) is None
    second = await send_photo(storage, message=20)
    await storage.record(second.id, PickKind.DONE, None, key="tap 1")
    await storage.record(session.id, PickKind.OWN, "sea", key="tap 2")
    other = await send_photo(storage, message=20, bot_id=BOT + 1)
    await storage.record(other.id, PickKind.OWN, "sea", key="tap 3")
    newest = await storage.session_of_newest_step(BOT, CHAT)
    assert newest == await storage.session(session.id)
    assert newest.updated_at > session.updated_at
    assert await storage.session_of_newest_step(BOT, CHAT + 1) is None


async def test_the_newest_open_session_is_the_one_that_typed_words_go_to(
    storage: Storage, session: Session
) -> None:
    second = await send_photo(storage, message=20)
    neighbour = await send_photo(storage, message=21, owner_id=PERSON + 1)
    assert await storage.newest_open_session(CHAT) == neighbour
    assert await storage.newest_open_session(CHAT, PERSON) == second
    assert await storage.newest_open_session(CHAT, PERSON, before=second.id) == session
    await storage.add_photo(session.id, 20, "its file")
    await storage.update_session(second.id, state=SessionState.CANCELLED)
    session = await storage.newest_open_session(CHAT, PERSON) or session
    assert session.photo_message_id != 20
    assert await storage.session_of_message(CHAT, 20) == session  # its photo joined that one
    assert await storage.newest_open_session(CHAT + 1) is None


async def test_open_sessions_are_listed_for_drawing_their_keyboards_again(
    storage: Storage, session: Session
) -> None:
    second = await send_photo(storage, message=20)
    await storage.update_session(session.id, state=SessionState.DONE)
    assert await storage.open_sessions(BOT) == [second]
    assert await storage.open_sessions() == [second]
    assert await storage.open_sessions(BOT + 1) == []
    assert await storage.open_sessions(BOT, since=second.updated_at) == [second]
    later = second.updated_at + timedelta(microseconds=1)
    assert await storage.open_sessions(BOT, since=later) == []


async def test_ids_of_64_bits_and_times_in_utc_come_back_as_they_went_in(file: Path) -> None:
    before = datetime.now(UTC)
    async with opened(file) as storage:
        sent = await send_photo(storage, message=HUGE, chat_id=-HUGE, owner_id=HUGE, bot_id=HUGE)
    async with opened(file) as storage:
        session = await storage.session(sent.id)
    assert session == sent
    assert (session.chat_id, session.owner_id, session.photo_message_id) == (-HUGE, HUGE, HUGE)
    assert session.created_at.tzinfo is UTC
    assert before <= session.created_at <= datetime.now(UTC)


async def test_a_session_that_is_not_there_is_said_so(storage: Storage) -> None:
    assert await storage.session(404) is None
    assert await storage.tap(404, ADD, "sea", key="cq:1") is None
    with pytest.raises(NoSuchSession):
        await storage.record(404, ADD, "sea", key="cq:1")
    with pytest.raises(NoSuchSession):
        await storage.update_session(404, text="hello")


# --- picks -----------------------------------------------------------------------------------


async def test_picks_come_back_in_the_order_of_the_taps(storage: Storage, session: Session) -> None:
    steps = [(ADD, "sea"), (MORE, "sky blue sand"), (PickKind.OWN, "ourdog"), (UNDO, None)]
    for number, (kind, tag) in enumerate(steps):
        assert await storage.record(session.id, kind, tag, key=f"cq:{number}")
    picks = await storage.picks(session.id)
    assert [(pick.kind, pick.tag) for pick in picks] == steps
    assert all(isinstance(pick.kind, PickKind) for pick in picks)


async def test_one_callback_query_counts_once_even_when_fifty_tasks_race(
    storage: Storage, session: Session
) -> None:
    counted = await asyncio.gather(
        *(storage.record(session.id, ADD, "sea", key="cq:1") for _ in range(50))
    )
    assert counted.count(True) == 1
    assert [pick.tag for pick in await storage.picks(session.id)] == ["sea"]


async def test_fifty_taps_at_once_all_count(storage: Storage, session: Session) -> None:
    answers = await asyncio.gather(
        *(storage.tap(session.id, ADD, f"tag{n}", key=f"cq:{n}") for n in range(50))
    )
    assert all(answer is not None and answer[2] for answer in answers)
    tags = [pick.tag for pick in await storage.picks(session.id)]
    assert sorted(tags) == sorted(f"tag{n}" for n in range(50))
    # Each tap saw itself and everything before it, and nothing else.
    assert [[pick.tag for pick in answer[1]] for answer in answers if answer] == [
        tags[: tags.index(f"tag{n}") + 1] for n in range(50)
    ]


async def test_a_step_answers_with_all_that_is_drawn_after_it(
    storage: Storage, session: Session
) -> None:
    await storage.set_settings(CHAT, '{"columns": 1}')
    await storage.add_photo(session.id, 77, "another")
    assert await storage.scene(404) is None
    assert await storage.step(Stepping(404, adding("sea"), "cq:1")) is None
    scene = await storage.step(Stepping(session.id, adding("sea"), "cq:1"))
    again = await storage.step(Stepping(session.id, adding("sea"), "cq:1", 5))
    assert scene is not None and again is not None
    assert (scene.session.id, scene.settings, scene.recent) == (session.id, '{"columns": 1}', ())
    assert list(scene.picks) == await storage.picks(session.id)
    assert list(scene.photos) == await storage.photos(session.id)
    assert again.picks == scene.picks == again.recent
    assert await storage.scene(session.id, recent=5) == again
    newer = await storage.step(Stepping(session.id, adding("sky"), "cq:2", 1))
    assert newer is not None
    assert await storage.scene(session.id, recent=1) == newer


async def test_a_step_follows_from_the_scene_before_it_or_is_none(
    storage: Storage, session: Session
) -> None:
    seen = []

    def after(scene: Scene) -> tuple[PickKind, str | None] | None:
        seen.append([pick.tag for pick in scene.picks])
        return (ADD, f"tag{len(scene.picks)}") if len(scene.picks) < 2 else None

    scenes = [await storage.step(Stepping(session.id, after, f"cq:{n}")) for n in range(3)]
    assert seen == [[], ["tag0"], ["tag0", "tag1"]]
    assert scenes[1] == scenes[2] == await storage.scene(session.id)

    # A tap that is repeated, as after a kill, is not chosen for anew.
    assert await storage.step(Stepping(session.id, lambda scene: 1 / 0, "cq:1")) == scenes[2]

    def broken(scene: Scene) -> None:
        raise LookupError

    with pytest.raises(LookupError):
        await storage.step(Stepping(session.id, broken, "cq:4"))
    assert await storage.scene(session.id) == scenes[2]


async def test_steps_that_race_all_count_and_each_sees_those_before_it(
    storage: Storage, session: Session
) -> None:
    scenes = await asyncio.gather(
        *(storage.step(Stepping(session.id, adding(f"tag{n}"), f"cq:{n}")) for n in range(20))
    )
    tags = [pick.tag for pick in await storage.picks(session.id)]
    assert sorted(tags) == sorted(f"tag{n}" for n in range(20))
    assert [[pick.tag for pick in scene.picks] for scene in scenes if scene] == [
        tags[: tags.index(f"tag{n}") + 1] for n in range(20)
    ]


async def test_a_tap_answers_with_the_session_and_its_picks(
    storage: Storage, session: Session
) -> None:
    first = await storage.tap(session.id, ADD, "sea", key="cq:1")
    again = await storage.tap(session.id, ADD, "sea", key="cq:1")
    assert first is not None
    assert again is not None
    assert first[0].id == session.id
    assert first[1] == await storage.picks(session.id)
    assert (first[2], again[2]) == (True, False)
    assert again[1] == first[1]


async def test_a_key_counted_in_one_session_does_not_count_in_another(
    storage: Storage, session: Session
) -> None:
    other = await send_photo(storage, message=20)
    assert await storage.record(session.id, PickKind.OWN, "ourdog", key="msg:1:2:0")
    assert not await storage.record(other.id, PickKind.OWN, "ourdog", key="msg:1:2:0")
    assert await storage.picks(other.id) == []


async def test_a_chats_picks_come_newest_first_from_all_its_sessions(
    storage: Storage, session: Session
) -> None:
    other = await send_photo(storage, message=20)
    stranger = await send_photo(storage, chat_id=CHAT + 1)
    for n, place in enumerate((session, other, stranger, session, other)):
        await storage.record(place.id, ADD, f"tag{n}", key=f"cq:{n}")
    assert [pick.tag for pick in await storage.chat_picks(CHAT)] == ["tag4", "tag3", "tag1", "tag0"]
    assert [pick.tag for pick in await storage.chat_picks(CHAT, limit=2)] == ["tag4", "tag3"]


# --- transactions ----------------------------------------------------------------------------


async def test_a_refused_write_leaves_nothing_and_the_next_one_works(
    storage: Storage, session: Session, file: Path
) -> None:
    with looked_into(file) as other:
        other.execute(
            "CREATE TRIGGER full BEFORE INSERT ON picks "
            "BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
        )
    with pytest.raises(StorageUnavailable, match="the disk is full") as refusal:
        await storage.tap(session.id, ADD, "secret", key="cq:1")
    assert "secret" not in str(refusal.value)
    assert await storage.session(session.id) == session
    with looked_into(file) as other:
        other.execute("DROP TRIGGER full")
    assert await storage.record(session.id, ADD, "secret", key="cq:1")


async def test_a_reader_never_waits_for_a_writer(
    storage: Storage, session: Session, file: Path
) -> None:
    with looked_into(file) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("UPDATE sessions SET text = 'unfinished'")
        assert await storage.session(session.id) == session
        other.execute("ROLLBACK")


async def test_a_write_waits_for_another_process_and_is_done_then(
    storage: Storage, session: Session, file: Path
) -> None:
    with looked_into(file) as other:
        other.execute("BEGIN IMMEDIATE")
        tap = asyncio.create_task(storage.record(session.id, ADD, "sea", key="cq:1"))
        await storage.ping()
        assert not tap.done()
        other.execute("COMMIT")
        assert await tap


async def test_a_cancelled_caller_leaves_no_half_transaction_and_blocks_nobody(
    file: Path, storage: Storage
) -> None:
    # Moving a chat takes five statements; the caller is cancelled ever later among them.
    outcomes = set()
    for moment in range(40):
        old, new = -1000 - moment, -5000 - moment
        session = await send_photo(storage, chat_id=old)
        await storage.record(session.id, ADD, "sea", key=f"cq:{moment}")
        moving = asyncio.create_task(storage.migrate_chat(old, new))
        for _ in range(moment):
            await asyncio.sleep(0)
        moving.cancel()
        await asyncio.gather(moving, return_exceptions=True)
        # The next write waits its turn behind whatever the cancelled one had begun.
        await storage.remember_chat(CHAT, kind="private", language=f"x{moment}")
        gone = await storage.chat(old) is None
        moved = await storage.session(session.id)
        assert moved is not None
        assert moved.chat_id == (new if gone else old)
        assert len(await storage.chat_picks(new if gone else old)) == 1
        outcomes.add((moving.cancelled(), gone))
    # Cancelled before it began: nothing. Cancelled later: the whole.
    assert outcomes >= {(True, False), (True, True)}


async def test_closing_lets_a_write_that_has_begun_finish(file: Path) -> None:
    async with opened(file) as storage:
        session = await send_photo(storage)
        taps = [
            asyncio.create_task(storage.record(session.id, ADD, f"tag{n}", key=f"cq:{n}"))
            for n in range(10)
        ]
        await asyncio.sleep(0)
    assert await asyncio.gather(*taps) == [True] * 10
    async with opened(file) as storage:
        assert len(await storage.picks(session.id)) == 10


# --- deletion --------------------------------------------------------------------------------


async def test_deleting_a_chat_takes_its_sessions_and_picks_with_it(file: Path) -> None:
    async with opened(file) as storage:
        session = await send_photo(storage)
        await storage.record(session.id, ADD, "sea", key="cq:1")
        kept = await send_photo(storage, chat_id=CHAT + 1)
        await storage.record(kept.id, ADD, "sky", key="cq:2")
        with looked_into(file) as other:
            other.execute("DELETE FROM chats WHERE id = ?", (CHAT,))
        assert await storage.session(session.id) is None
        assert await storage.chat_picks(CHAT) == []
        assert [pick.tag for pick in await storage.chat_picks(CHAT + 1)] == ["sky"]


async def test_the_id_of_a_deleted_session_never_comes_back(file: Path) -> None:
    # It stands in the buttons of an old message, which would steer a stranger's photo.
    async with opened(file) as storage:
        session = await send_photo(storage)
        with looked_into(file) as other:
            other.execute("DELETE FROM chats")
        assert (await send_photo(storage)).id > session.id
