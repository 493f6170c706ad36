"""The bot's small parts where no conversation reaches: texts, limits, queues, settings."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from bot_fixtures import PATIENCE_S, BotProcess, eventually
from page_fixtures import OURS, ROOT, free_port
from telegram import InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import BadRequest, NetworkError, RetryAfter

from bot.app import run
from bot.bucket import Bucket, Rate
from bot.callbacks import CARRYING, Action, Press, fits, pack, unpack
from bot.caption import blocks, clip, compose, copies_by_button, length
from bot.history import Chosen, fold, steps
from bot.keyboard import finished, packed, panel
from bot.outbox import Limits, Outbox
from bot.photos import FileTooLarge, NotFetched, PhotoGone
from bot.processor import ChatLanes, waits
from bot.settings import SettingsError, read_settings
from bot.texts import LANGUAGES
from bot.troubles import sentence
from bot.written import read
from engine import EngineBusy, EngineClosed, ImageTooLarge, NotAnImage
from storage import Pick, PickKind, UnsupportedUrl

VOCABULARY = json.loads((ROOT / "weights" / "head.json").read_text())["vocabulary"]


# --- hashtags in what people write ------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words", "tags"),
    [
        ("", "", ()),
        ("no tag", "no tag", ()),
        ("#sea", "", ("sea",)),
        ("#Sea #SEA #sea", "", ("Sea",)),
        ("#sea, #sun!", "", ("sea", "sun")),
        ("#sun, #beach; #sea.", "", ("sun", "beach", "sea")),
        ("- #a\n- #b\n3. #c", "", ("a", "b", "c")),
        ("#sea#sun", "", ("sea", "sun")),
        ("one\n\ntwo #a\n#b\n\n\n\nthree", "one\n\ntwo\n\nthree", ("a", "b")),
        ("C# and a#b, http://x.org/#c", "C# and a#b, http://x.org/#c", ()),
        ("#1 of #42 #4ever", "#1 of #42", ("4ever",)),
        ("## #_ # #!", "", ()),
        ("...", "...", ()),
        ("＃full #Ｗｉｄｅ", "", ("full", "Wide")),
        ("#straße #İzmir", "", ("straße", "İzmir")),
        ("#you_and_me #don't #rock-n-roll", "", ("you_and_me", "dont", "rocknroll")),
        ("#❤️ #🇮🇹 #👍🏽 #️⃣", "#️⃣", ("❤️", "🇮🇹", "👍🏽")),
        ("#café #cafe\u0301", "", ("café",)),
        ("it&#39;s", "it&#39;s", ()),
        ("Sunset (#sea)", "Sunset", ("sea",)),
        ("Ferien 🌊 – #meer | #sand", "Ferien 🌊", ("meer", "sand")),
        ("海きれい！ #海 #夏", "海きれい！", ("海", "夏")),
        ("#sea What a day! #sun #fun Good night", "What a day! Good night", ("sea", "sun", "fun")),
        # Words of a sentence stay there.
        (
            "A day at the #beach with #friends",
            "A day at the beach with friends",
            ("beach", "friends"),
        ),
        ("Great day! #sun, #sea and #fun", "Great day! sun, sea and fun", ("sun", "sea", "fun")),
        ("At the #beach today #sun #sea", "At the beach today", ("beach", "sun", "sea")),
        ("#tbt to my #cat's bed", "tbt to my cat's bed", ("tbt", "cat")),
        ("今日は #海 に行った", "今日は 海 に行った", ("海",)),
        ("Happy #Monday everyone! #Coffee", "Happy Monday everyone!", ("Monday", "Coffee")),
        # A list is none.
        ("#NewYork, #Paris and #Rome", "", ("NewYork", "Paris", "Rome")),
        ("#Sea/#Sun/ #sand", "", ("Sea", "Sun", "sand")),
    ],
)
def test_hashtags_are_taken_out_of_a_text_and_the_words_stay(
    text: str, words: str, tags: tuple[str, ...]
) -> None:
    written = read(text)
    assert (written.words, written.tags) == (words, tags)


def test_every_tag_that_the_engine_may_suggest_fits_a_button_and_is_a_hashtag() -> None:
    for tag in VOCABULARY:
        assert fits(Press(Action.ADD, 2**40, tag)), tag
        assert read(f"#{tag}").tags == (tag,)


def test_a_caption_has_its_words_first_and_is_cut_between_words() -> None:
    assert compose("", ()) == ""
    assert compose("Hello", ("sea", "sun")) == "Hello\n\n#sea #sun"
    assert compose("", ("sea",)) == "#sea"
    assert clip("abc", 3) == "abc"
    assert length(clip("word " * 100, 50)) <= 50
    whole = "word " * 2_000
    pieces = blocks(whole.strip())
    assert len(pieces) == 3
    assert all(piece.startswith("<pre>word") and piece.endswith("word</pre>") for piece in pieces)
    assert sum(piece.count("word") for piece in pieces) == 2_000


def test_lengths_are_telegrams_which_counts_an_emoji_as_two() -> None:
    assert length("a😀") == 3
    assert copies_by_button("😀" * 128)
    assert not copies_by_button("😀" * 129)
    assert not copies_by_button("")
    (one,) = blocks("😀" * 1_950)
    assert one == f"<pre>{'😀' * 1_950}</pre>"
    assert len(blocks("😀" * 1_951)) == 2


# --- buttons ----------------------------------------------------------------------------------


def test_what_a_button_carries_is_read_back() -> None:
    for press in (
        Press(Action.ADD, 1, "sea"),
        Press(Action.ADD, 2**62, "日本語"),
        Press(Action.ADD, 7, "a:b"),
        Press(Action.REMOVE, 3, "12"),
        *(Press(action, 9, "1") for action in CARRYING),
        *(Press(action, 9) for action in Action if action not in CARRYING),
    ):
        assert unpack(pack(press)) == press


def test_a_tag_that_no_button_can_carry_is_left_out_of_the_keyboard() -> None:
    long = "tag" * 25
    markup = panel("en", 1, [], ["sea", long, "sun"])
    labels = [button.text for row in markup.inline_keyboard for button in row]
    assert labels[:2] == ["#sea", "#sun"]
    assert len(labels) == 9


def weight(markup: InlineKeyboardMarkup) -> int:
    return len(json.dumps(markup.to_dict()["inline_keyboard"]))


def test_a_keyboard_keeps_to_telegrams_limits_and_shows_the_newest_tags() -> None:
    for name in ("t{}", "日本" * 12 + "{}", "😀" * 20 + "{}"):
        chosen = [
            Chosen(tag := name.format(number), ((10**9 + number, tag),)) for number in range(100)
        ]
        markup = panel("en", 10**12, chosen, [f"suggested{number}" for number in range(10)])
        buttons = [button for row in markup.inline_keyboard for button in row]
        assert len(buttons) <= 100
        assert max(len(row) for row in markup.inline_keyboard) <= 8
        assert weight(markup) <= 10_000
        assert all(len(str(one.callback_data).encode()) <= 64 for one in buttons)
        ticked = [one for one in buttons if one.text.startswith("✓")]
        assert ticked[-1].callback_data == f"r:{10**12}:{10**9 + 99}"


def rows(labels: str, columns: int) -> list[str]:
    """Labels of one line in rows of a keyboard."""
    buttons = [InlineKeyboardButton(label, callback_data="x") for label in labels.split("|")]
    return ["|".join(button.text for button in row) for row in packed(buttons, columns)]


def test_labels_that_a_phone_would_cut_share_a_row_with_fewer_in_the_same_order() -> None:
    assert rows("✓ #sea|✓ #sun|✓ #beach|✓ #sky", 3) == ["✓ #sea|✓ #sun|✓ #beach", "✓ #sky"]
    assert rows("✓ #sea|✓ #landscape|✓ #sun|✓ #sky|✓ #joy", 3) == [
        "✓ #sea|✓ #landscape", "✓ #sun|✓ #sky|✓ #joy",
    ]  # fmt: skip
    assert rows("#sea|#goldenhourphotos|#sun|#sky", 2) == ["#sea", "#goldenhourphotos", "#sun|#sky"]
    assert rows("#architecture|#photography", 2) == ["#architecture|#photography"]
    assert rows("#goldenhourphotos|#sea", 1) == ["#goldenhourphotos", "#sea"]
    # East Asian letters and emoji are two wide, however they are put together.
    assert rows("#日本の海|#日本の海|#日本の海", 3) == ["#日本の海|#日本の海|#日本の海"]
    assert rows("#日本の海岸|#海|#海", 3) == ["#日本の海岸|#海", "#海"]
    assert rows("#❤️❤️❤️❤️|#e\u0301e\u0301e\u0301e\u0301|#海", 3) == [
        "#❤️❤️❤️❤️|#e\u0301e\u0301e\u0301e\u0301|#海"
    ]
    assert rows("#🌊🌊🌊🌊🌊|#a|#b", 3) == ["#🌊🌊🌊🌊🌊|#a", "#b"]
    assert rows("", 2) == [""]
    chosen = [
        Chosen(tag, ((number, tag),)) for number, tag in enumerate(("architecture", "sea", "sky"))
    ]
    markup = panel("en", 1, chosen, ["photography", "travelphotography", "sun"], columns=3)
    assert [len(row) for row in markup.inline_keyboard][:5] == [2, 1, 1, 1, 1]


def test_undo_is_whole_on_a_phone_in_every_language() -> None:
    ends = {one: panel(one, 1, [], []).inline_keyboard[-2:] for one in LANGUAGES}
    labels = {one: [[button.text for button in row] for row in end] for one, end in ends.items()}
    assert labels["en"][-1] == ["🔄 More", "↩️ Undo", "✅ Done"]
    assert labels["de"] == [["🔄 Mehr", "↩️ Rückgängig"], ["✅ Fertig"]]
    assert labels["ru"] == [["🔄 Ещё", "↩️ Отменить"], ["✅ Готово"]]


def test_the_copy_button_carries_the_caption_or_is_not_there() -> None:
    with_copy = finished("en", 1, "#sea").inline_keyboard[0]
    assert with_copy[0].copy_text is not None and with_copy[0].copy_text.text == "#sea"
    assert len(finished("en", 1, "x" * 257).inline_keyboard[0]) == 1


# --- what picks add up to ---------------------------------------------------------------------


def picked(*done: tuple[PickKind, str | None]) -> list[Pick]:
    return [
        Pick(number, 1, kind, tag, str(number), datetime.now(UTC))
        for number, (kind, tag) in enumerate(done, 1)
    ]


def test_picks_add_up_and_what_changes_nothing_is_no_step() -> None:
    add, out, own = PickKind.ADD, PickKind.REMOVE, PickKind.OWN
    more, undo = PickKind.MORE, PickKind.UNDO
    cases = [
        ([], (), (), 0),
        ([(add, "a"), (own, "b")], ("a", "b"), (), 2),
        ([(add, "a"), (add, "a"), (undo, None)], (), (), 0),
        ([(add, "a"), (out, "b"), (undo, None)], (), (), 0),
        ([(add, "a"), (out, "a"), (undo, None)], ("a",), (), 1),
        ([(more, "x y"), (more, "y z"), (undo, None)], (), ("x", "y"), 1),
        ([(more, "x"), (more, "x"), (undo, None)], (), (), 0),
        ([(undo, None), (add, "a"), (undo, None), (undo, None), (add, "b")], ("b",), (), 1),
        ([(add, "a"), (PickKind.DONE, None), (PickKind.EDIT, None), (undo, None)], (), (), 0),
        ([(add, "a"), (add, "A"), (own, "B"), (own, "b"), (out, "A")], ("b",), (), 4),
    ]
    for done, prefix, passed, count in cases:
        picks = picked(*done)
        standing = fold(picks)
        assert (standing.prefix, standing.passed, steps(picks)) == (prefix, passed, count), done


# --- what leaves the bot ----------------------------------------------------------------------


def test_a_bucket_lets_a_burst_pass_and_then_so_many_a_second() -> None:
    bucket = Bucket(Rate(per_second=2, burst=3), now=100.0)
    for _ in range(3):
        assert bucket.wait(100.0) == 0
        bucket.take(100.0)
    assert bucket.wait(100.0) == pytest.approx(0.5)
    assert bucket.wait(100.4) == pytest.approx(0.1)
    assert bucket.wait(100.5) == 0
    assert not bucket.full(101.0)
    assert bucket.full(102.0)
    bucket.take(500.0)
    bucket.take(500.0)
    bucket.take(500.0)
    assert bucket.wait(500.0) == pytest.approx(0.5)


async def test_the_latest_edit_of_a_message_takes_the_place_of_one_that_waits() -> None:
    outbox, sent, gate = Outbox(Limits()), [], asyncio.Event()

    async def call(name: str) -> str:
        sent.append(name)
        await gate.wait()
        return name

    under_way = outbox.post(1, lambda: call("first"), key=5)
    await asyncio.sleep(0)
    edits = [outbox.post(1, lambda n=n: call(f"edit {n}"), key=5) for n in range(4)]
    other = outbox.post(1, lambda: call("other message"), key=6)
    gate.set()
    results = await asyncio.gather(under_way, *edits, other)
    assert results == ["first", *["edit 3"] * 4, "other message"]
    assert sent == ["first", "edit 3", "other message"]


async def test_a_chat_waits_for_nobody_elses_messages() -> None:
    outbox, never = Outbox(Limits()), asyncio.Event()
    stuck = outbox.post(1, never.wait)

    async def call() -> str:
        return "arrived"

    assert await outbox.post(2, call) == "arrived"
    assert not stuck.done()
    await outbox.drain(0)
    assert stuck.cancelled()


async def test_a_refused_message_ends_with_its_reason_and_the_next_one_leaves() -> None:
    outbox = Outbox(Limits())

    async def refused() -> None:
        raise BadRequest("no")

    async def call() -> str:
        return "arrived"

    first, second = outbox.post(1, refused), outbox.post(1, call)
    with pytest.raises(BadRequest):
        await first
    assert await second == "arrived"


@pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")
async def test_after_a_pause_or_a_failure_a_message_is_sent_again_and_stays_in_its_place() -> None:
    outbox, sent = Outbox(Limits()), []
    troubles = [RetryAfter(timedelta(milliseconds=20)), NetworkError("502")]

    async def call(name: str) -> None:
        sent.append(name)
        if troubles and name == "first":
            raise troubles.pop(0)

    await asyncio.gather(*(outbox.post(1, lambda n=n: call(n)) for n in ("first", "second")))
    assert sent == ["first", "first", "first", "second"]


async def test_an_edit_does_not_wait_behind_the_messages_of_other_chats() -> None:
    outbox, sent = Outbox(Limits(overall=Rate(per_second=100, burst=1))), []

    async def call(name: str) -> None:
        sent.append(name)

    posted = [outbox.post(chat, partial(call, "message")) for chat in range(1, 41)]
    posted.append(outbox.post(41, partial(call, "edit"), key="panel"))
    posted.append(outbox.post(42, partial(call, "edit"), key="panel"))
    await asyncio.gather(*posted)
    assert sent[:4].count("edit") == 2


# --- what runs when ---------------------------------------------------------------------------


async def test_a_chats_updates_run_in_order_and_hold_up_no_other_chat() -> None:
    lanes, done, gate = ChatLanes(), [], asyncio.Event()

    async def update(name: str, waits: bool = False) -> None:
        if waits:
            await gate.wait()
        done.append(name)

    flood = [asyncio.create_task(lanes.take(1, update("flood 0", waits=True)))]
    flood += [asyncio.create_task(lanes.take(1, update(f"flood {n}"))) for n in range(1, 200)]
    await asyncio.sleep(0)
    await lanes.take(2, update("neighbour"))
    assert done == ["neighbour"]
    gate.set()
    await asyncio.gather(*flood)
    assert done == ["neighbour", *(f"flood {n}" for n in range(200))]


async def test_what_looks_at_photos_gets_ready_in_turn_and_waits_beside_everything_else() -> None:
    lanes, ready, gate, done = ChatLanes(), [], asyncio.Event(), asyncio.Event()

    async def photo(chat: int) -> None:
        ready.append(chat)
        await gate.wait()
        waits()
        await done.wait()

    async def tap() -> None:
        ready.append(0)

    photos = [
        asyncio.create_task(lanes.take(chat, photo(chat), looks=True)) for chat in range(1, 101)
    ]
    await asyncio.sleep(0)
    await lanes.take(0, tap())
    few = len(ready)
    assert few < 50  # the others do not get ready yet
    gate.set()
    await eventually(lambda: len(ready) == 101, "the others")
    await lanes.take(0, tap())
    assert sorted(ready) == [0, 0, *range(1, 101)]
    done.set()
    await asyncio.gather(*photos)


async def test_a_lull_comes_when_what_runs_has_ended_or_after_a_while() -> None:
    lanes, gate, done = ChatLanes(), asyncio.Event(), []

    async def update() -> None:
        await gate.wait()
        done.append(True)

    assert not await lanes.lull(PATIENCE_S)
    running = [asyncio.create_task(lanes.take(chat, update())) for chat in (1, 2)]
    await asyncio.sleep(0)
    assert [lanes.busy(chat) for chat in (1, 2, 3)] == [True, True, False]
    assert await lanes.lull(0.01)
    assert done == []
    assert not await lanes.lull(PATIENCE_S)  # what takes long is waited for once
    running.append(asyncio.create_task(lanes.take(3, update())))
    await asyncio.sleep(0)
    waiting = asyncio.create_task(lanes.lull(PATIENCE_S))
    await asyncio.sleep(0)
    gate.set()
    assert await waiting
    await asyncio.gather(*running)
    assert done == [True, True, True]
    assert not lanes.busy(1)


async def test_a_stop_ends_what_runs_too_long_and_begins_nothing_more() -> None:
    lanes, begun = ChatLanes(), []

    async def update(name: str) -> None:
        begun.append(name)
        await asyncio.Event().wait()

    tasks = [asyncio.create_task(lanes.take(chat, update(str(chat)))) for chat in (1, 1, 2)]
    await asyncio.sleep(0.01)
    await lanes.drain(0.01)
    await asyncio.gather(*tasks)
    assert begun == ["1", "2"]


async def test_who_stops_waiting_for_a_turn_takes_it_along() -> None:
    lanes, ended = ChatLanes(), []

    async def update() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    task = asyncio.create_task(lanes.take(1, update()))
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended == [True]


# --- what went wrong, in words ----------------------------------------------------------------


def test_every_trouble_has_its_sentence() -> None:
    assert "3 s" in sentence(EngineBusy(2.1), "en")
    assert "1 s" in sentence(EngineBusy(0.0), "xx")
    assert "50 MB" in sentence(FileTooLarge(50), None)
    errors = [NotAnImage(), ImageTooLarge(), EngineClosed(), NotFetched(), PhotoGone(), OSError()]
    assert len({sentence(error, "ru") for error in errors}) == len(errors)


# --- settings ---------------------------------------------------------------------------------


@pytest.fixture
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """No settings but a test's own, and no file with any."""
    for name in [name for name in os.environ if name.startswith(OURS)]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return monkeypatch


def test_without_settings_the_defaults_of_the_table_hold(clean: pytest.MonkeyPatch) -> None:
    settings = read_settings()
    assert settings.telegram_bot_token is None
    assert settings.database == "sqlite:///data/tagalong.db"
    assert (settings.playground_host, settings.playground_port) == ("127.0.0.1", 8080)
    assert settings.engine == "local"
    assert settings.metrics_listen is None
    assert settings.log_level == "INFO"


def test_settings_come_from_the_environment_and_before_it_from_a_file(
    clean: pytest.MonkeyPatch,
) -> None:
    Path(".env").write_text("PLAYGROUND_PORT=9000\nLOG_LEVEL=debug\nDATA_DIR=\nOTHER=1\n")
    clean.setenv("PLAYGROUND_PORT", "9001")
    clean.setenv("TELEGRAM_BOT_TOKEN", "123456:secret-Token")
    settings = read_settings()
    assert settings.playground_port == 9001
    assert settings.log_level == "DEBUG"
    assert settings.data_dir == Path("data")
    assert settings.bot_id == 123456
    assert "secret-Token" not in repr(settings)


def test_a_file_of_settings_that_is_no_text_is_said_so(clean: pytest.MonkeyPatch) -> None:
    Path(".env").write_bytes(b"DATA_DIR=\xe4\n")
    with pytest.raises(SettingsError, match="not UTF-8"):
        read_settings()


def test_a_folder_that_an_address_cannot_name_is_refused(clean: pytest.MonkeyPatch) -> None:
    clean.setenv("DATA_DIR", "wh?t")
    with pytest.raises(UnsupportedUrl, match="question mark"):
        assert read_settings().database


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TELEGRAM_BOT_TOKEN", "secret"),
        ("TELEGRAM_BOT_TOKEN", "secret:123456"),
        ("TELEGRAM_BASE_URL", "api.telegram.org/bot"),
        ("TELEGRAM_BASE_FILE_URL", "ftp://secret"),
        ("TELEGRAM_BASE_URL", "http://secret:port/bot"),
        ("TELEGRAM_WEBHOOK_URL", "https://secret:99999/hook"),
        ("TELEGRAM_LOCAL_MODE", "secret"),
        ("TELEGRAM_WEBHOOK_URL", "secret.example.org/hook"),
        ("TELEGRAM_WEBHOOK_LISTEN", "8443"),
        ("TELEGRAM_WEBHOOK_SECRET", "secret words"),
        ("DATABASE_SYNCHRONOUS", "off"),
        ("PLAYGROUND_PORT", "65536"),
        ("PLAYGROUND_PORT", "http"),
        ("ENGINE", "magic"),
        ("METRICS_LISTEN", "9100"),
        ("METRICS_LISTEN", "localhost:x"),
        ("LOG_LEVEL", "loud"),
    ],
)
def test_a_wrong_value_is_named_in_one_line_without_being_repeated(
    clean: pytest.MonkeyPatch, name: str, value: str
) -> None:
    clean.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        read_settings()
    assert str(caught.value).startswith(f"{name}: ")
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)


@contextmanager
def taken() -> Iterator[int]:
    """A port that somebody listens on."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield int(other.getsockname()[1])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATA_DIR", "file"),
        ("DATABASE_URL", "mysql://secret@host/x"),
        ("DATABASE_URL", "sqlite://secret"),
        ("DATABASE_URL", "secret"),
        ("PLAYGROUND_PORT", ""),
        ("PLAYGROUND_HOST", "192.0.2.1"),
    ],
)
async def test_what_only_shows_at_the_start_is_named_in_one_line_too(
    clean: pytest.MonkeyPatch, tmp_path: Path, name: str, value: str
) -> None:
    (tmp_path / "file").write_text("not a folder")
    with taken() as busy:
        clean.setenv("PLAYGROUND_PORT", str(free_port()))
        clean.setenv(name, value or str(busy))
        with pytest.raises(SettingsError) as caught:
            await run(read_settings())
    assert name in str(caught.value).partition(": ")[0]
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)


async def test_a_wrong_setting_ends_the_program_with_one_line_and_exit_status_2(
    tmp_path: Path,
) -> None:
    with taken() as busy:
        bot = BotProcess(tmp_path, {"PLAYGROUND_PORT": str(busy)})
        await bot.launch()
        assert await bot.ends() == 2
    assert bot.log == (
        f"PLAYGROUND_HOST, PLAYGROUND_PORT: 127.0.0.1:{busy} cannot be listened on "
        "(Address already in use); set another one\n"
    )
