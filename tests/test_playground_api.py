"""The local Bot API, as python-telegram-bot and a person's client meet it over HTTP."""

from __future__ import annotations

import asyncio
import io
import json
import sqlite3
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image
from telegram import (
    Bot,
    BotCommand,
    CopyTextButton,
    ForceReply,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InputMediaPhoto,
    InputTextMessageContent,
    Message,
    Update,
)
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)
from telegram.ext import (
    Application,
    ApplicationBuilder,
    CallbackQueryHandler,
    CommandHandler,
    MessageHandler,
    filters,
)

from bot.playground import OtherVersionError, Playground, serve

TOKEN = "123456:a-token_of-Tests"


class Clock:
    """A clock that a test can put forward."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


@dataclass
class Person:
    """Somebody with a chat."""

    http: httpx.AsyncClient
    chat: int
    id: int

    @property
    def path(self) -> str:
        return f"/playground/chats/{self.chat}"

    async def says(self, text: str, **options: Any) -> Any:
        return await fine(self.http.post(f"{self.path}/messages", json={"text": text, **options}))

    async def sends(self, *files: tuple[str, bytes, str], **options: Any) -> Any:
        return await fine(self.tries(*files, **options))

    async def tries(self, *files: tuple[str, bytes, str], **options: Any) -> httpx.Response:
        return await self.http.post(
            f"{self.path}/messages",
            files=[("photo", file) for file in files],
            data={name: str(value) for name, value in options.items()},
        )

    async def taps(self, message_id: int, data: str, **options: Any) -> str:
        body = {"message_id": message_id, "data": data, **options}
        answer = await fine(self.http.post(f"{self.path}/taps", json=body))
        return str(answer["callback_query_id"])

    async def sees(self) -> Any:
        return await fine(self.http.get(f"{self.path}/messages"))

    async def events(self, count: int, after: int | None = None) -> list[Any]:
        url = f"{self.path}/events" + (f"?after={after}" if after is not None else "")
        seen: list[Any] = []
        async with self.http.stream("GET", url) as stream:
            async for line in stream.aiter_lines():
                if line.startswith("data: "):
                    seen.append(json.loads(line[6:]))
                if len(seen) == count:
                    break
        return seen


async def fine(request: Any) -> Any:
    answer = await request
    assert answer.status_code == 200, answer.text
    return answer.json()


def picture(width: int = 1600, height: int = 1200, kind: str = "JPEG", **options: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "seagreen").save(out, kind, **options)
    return out.getvalue()


def photo(width: int = 1600, height: int = 1200) -> tuple[str, bytes, str]:
    return ("beach.jpg", picture(width, height), "image/jpeg")


def keyboard(*data: str) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup([[InlineKeyboardButton(one, callback_data=one)] for one in data])


def bot_of(playground: Playground, token: str = TOKEN) -> Bot:
    return Bot(token, base_url=f"{playground.url}/bot", base_file_url=f"{playground.url}/file/bot")


def client_of(playground: Playground) -> httpx.AsyncClient:
    # No certificates are loaded: it is plain HTTP.
    return httpx.AsyncClient(base_url=playground.url, timeout=20, verify=False)


@contextmanager
def refusal(kind: type[TelegramError], words: str) -> Iterator[None]:
    with pytest.raises(TelegramError) as caught:
        yield
    assert type(caught.value) is kind
    # python-telegram-bot changes the case of what it was told.
    assert words.lower() in caught.value.message.lower()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def playground(tmp_path: Path, clock: Clock) -> AsyncIterator[Playground]:
    async with serve("127.0.0.1", 0, tmp_path, clock=clock) as running:
        yield running


@pytest.fixture
async def http(playground: Playground) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(playground) as client:
        yield client


@pytest.fixture
async def bot(playground: Playground) -> AsyncIterator[Bot]:
    async with bot_of(playground) as running:
        yield running


async def newcomer(http: httpx.AsyncClient, **options: Any) -> Person:
    made = await fine(http.post("/playground/chats", json={"name": "Ann Lee", **options}))
    return Person(http, made["chat_id"], made["user_id"])


@pytest.fixture
async def ann(http: httpx.AsyncClient) -> Person:
    return await newcomer(http, language_code="en")


async def next_updates(bot: Bot, offset: int = 0) -> list[Update]:
    return list(await bot.get_updates(offset=offset, timeout=5))


# --- a whole conversation -------------------------------------------------------------------


@asynccontextmanager
async def running(application: Application[Any, Any, Any, Any, Any, Any]) -> AsyncIterator[None]:
    async with application:
        await application.start()
        assert application.updater is not None
        await application.updater.start_polling(timeout=5)
        try:
            yield
        finally:
            await application.updater.stop()
            await application.stop()


async def test_an_unchanged_application_talks_with_a_person(
    playground: Playground, ann: Person
) -> None:
    async def start(update: Update, context: Any) -> None:
        assert update.message is not None
        await update.message.reply_html("Send me a <b>photo</b>, &lt;Ann&gt;")

    async def look(update: Update, context: Any) -> None:
        assert update.message is not None
        file = await update.message.photo[-1].get_file()
        size = Image.open(io.BytesIO(await file.download_as_bytearray())).size
        await update.message.reply_text(f"{size}", do_quote=True, reply_markup=keyboard("sea"))

    async def tap(update: Update, context: Any) -> None:
        assert update.callback_query is not None
        await update.callback_query.answer("Added")
        await update.callback_query.edit_message_text(f"#{update.callback_query.data}")

    application = (
        ApplicationBuilder()
        .token(TOKEN)
        .base_url(f"{playground.url}/bot")
        .base_file_url(f"{playground.url}/file/bot")
        .build()
    )
    application.add_handler(CommandHandler("start", start))
    application.add_handler(MessageHandler(filters.PHOTO, look))
    application.add_handler(CallbackQueryHandler(tap))

    async with running(application):
        await ann.says("/start")
        hello = (await ann.events(2))[-1]["message"]
        assert hello["text"] == "Send me a photo, <Ann>"
        assert hello["entities"] == [{"type": "bold", "offset": 10, "length": 5}]

        sent = await ann.sends(photo(3000, 2000))
        panel = (await ann.events(4))[-1]["message"]
        assert panel["text"] == "(1280, 853)"
        assert panel["reply_to_message"]["message_id"] == sent["message_id"]

        query = await ann.taps(panel["message_id"], "sea")
        events = (await ann.events(6))[4:]
        assert [event["type"] for event in events] == ["answer", "edit"]
        assert events[0]["answer"] == {
            "callback_query_id": query,
            "text": "Added",
            "show_alert": False,
        }
        assert (await ann.sees())[-1]["text"] == "#sea"
        assert "reply_markup" not in (await ann.sees())[-1]


# --- inline mode ------------------------------------------------------------------------------


async def test_an_inline_query_is_answered_once_and_in_time(
    bot: Bot, http: httpx.AsyncClient, ann: Person
) -> None:
    def article(number: str, title: str = "One", text: str = "#sea") -> InlineQueryResultArticle:
        return InlineQueryResultArticle(number, title, InputTextMessageContent(text))

    asking = asyncio.create_task(http.post(f"{ann.path}/inline", json={"query": "sea"}))
    (update,) = await next_updates(bot)
    query = update.inline_query
    assert query is not None and (query.query, query.from_user.id) == ("sea", ann.id)
    for results, words in (
        ([article("1"), article("1")], "RESULT_ID_DUPLICATE"),
        ([article("1" * 65)], "RESULT_ID_INVALID"),
        ([article("1", title="")], "title"),
        ([article("1", text="")], "MESSAGE_EMPTY"),
    ):
        with refusal(BadRequest, words):
            await bot.answer_inline_query(query.id, results)
    await bot.answer_inline_query(query.id, [article("1"), article("2", text="#sky")])
    assert [one["text"] for one in (await asking).json()["results"]] == ["#sea", "#sky"]
    with refusal(BadRequest, "query is too old"):
        await bot.answer_inline_query(query.id, [])
    sent = await fine(http.post(f"{ann.path}/inline/{query.id}", json={"result_id": "2"}))
    (update,) = await next_updates(bot, update.update_id + 1)
    assert update.message is not None and update.message.via_bot is not None
    assert (update.message.text, update.message.message_id) == ("#sky", sent["message_id"])
    nothing = await http.post(f"{ann.path}/inline/{query.id}", json={"result_id": "3"})
    assert nothing.status_code == 404


# --- updates ----------------------------------------------------------------------------------


async def test_updates_come_again_until_an_offset_confirms_them(bot: Bot, ann: Person) -> None:
    for text in ("one", "two", "three"):
        await ann.says(text)

    first = await next_updates(bot)
    assert [update.message.text for update in first if update.message] == ["one", "two", "three"]
    assert await next_updates(bot) == first

    assert await next_updates(bot, first[1].update_id) == first[1:]
    assert await next_updates(bot) == first[1:]
    assert list(await bot.get_updates(offset=-1)) == first[2:]
    assert list(await bot.get_updates(offset=first[-1].update_id + 1)) == []
    assert list(await bot.get_updates()) == []


async def test_a_long_poll_ends_with_the_first_message(bot: Bot, ann: Person) -> None:
    poll = asyncio.create_task(bot.get_updates(timeout=30))
    await asyncio.sleep(0.05)
    await ann.says("here I am")
    (update,) = await poll
    assert update.message is not None and update.message.text == "here I am"


async def test_a_second_poller_ends_the_first(playground: Playground, bot: Bot) -> None:
    first = asyncio.create_task(bot.get_updates(timeout=30))
    await asyncio.sleep(0.05)
    async with bot_of(playground) as other:
        second = asyncio.create_task(other.get_updates(timeout=0))
        with refusal(Conflict, "Conflict: terminated by other getUpdates request"):
            await first
        assert await second == ()


async def test_a_confirmed_update_can_be_sent_again(
    bot: Bot, ann: Person, http: httpx.AsyncClient
) -> None:
    await ann.says("count me once")
    (update,) = await next_updates(bot)
    assert list(await bot.get_updates(offset=update.update_id + 1)) == []

    await fine(http.post("/playground/redeliver", json={"update_id": update.update_id}))
    assert await next_updates(bot, update.update_id + 1) == [update]
    assert list(await bot.get_updates(offset=update.update_id + 1)) == []
    unknown = await http.post("/playground/redeliver", json={"update_id": 1})
    assert unknown.status_code == 404


async def test_a_poller_that_died_takes_nothing_with_it(
    playground: Playground, bot: Bot, ann: Person, http: httpx.AsyncClient
) -> None:
    async def polling() -> bool:
        return "answered" not in (await fine(http.get("/playground/calls")))[-1]

    await ann.says("count me once")
    (update,) = await next_updates(bot)
    offset = update.update_id + 1
    async with client_of(playground) as dying:
        url = f"/bot{TOKEN}/getUpdates?timeout=30&offset={offset}"
        poll = asyncio.create_task(dying.get(url))
        while not await polling():
            pass
        poll.cancel()
    while await polling():
        pass
    await fine(http.post("/playground/redeliver", json={"update_id": update.update_id}))
    assert await next_updates(bot, offset) == [update]


async def test_old_taps_and_old_messages_are_not_delivered(
    bot: Bot, ann: Person, clock: Clock
) -> None:
    panel = await bot.send_message(ann.chat, "Tags?", reply_markup=keyboard("a"))
    await ann.taps(panel.message_id, "a")
    await ann.says("still there?")
    clock.ahead = 151
    (update,) = await next_updates(bot)
    assert update.message is not None and update.callback_query is None
    clock.ahead = 25 * 3600
    assert list(await bot.get_updates()) == []


async def test_kinds_that_the_bot_does_not_ask_for_stay_away(bot: Bot, ann: Person) -> None:
    await bot.get_updates(allowed_updates=["message"])
    sent = await ann.says("frist")
    await fine(ann.http.patch(f"{ann.path}/messages/{sent['message_id']}", json={"text": "first"}))
    (update,) = await next_updates(bot)
    assert update.message is not None and update.message.text == "frist"


async def test_a_webhook_gets_the_updates_with_its_secret(
    playground: Playground, bot: Bot, ann: Person, unused_tcp_port: int
) -> None:
    heard: asyncio.Queue[tuple[str, Any]] = asyncio.Queue()
    answers = iter([b"500 Oops", b"200 OK", b"200 OK"])

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.partition("content-length: ")[2].partition("\r\n")[0])
        secret = head.partition("secret-token: ")[2].partition("\r\n")[0]
        heard.put_nowait((secret, json.loads(await reader.readexactly(length))))
        writer.write(b"HTTP/1.1 " + next(answers) + b"\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(listen, "127.0.0.1", unused_tcp_port):
        await bot.set_webhook(f"http://127.0.0.1:{unused_tcp_port}/hook", secret_token="s3cret")
        await ann.says("one")
        await ann.says("two")
        secret, refused = await heard.get()
        _, taken = await heard.get()
        _, second = await heard.get()
    assert secret == "s3cret"
    assert refused == taken and taken["message"]["text"] == "one"
    assert second["message"]["text"] == "two"
    with refusal(Conflict, "can't use getUpdates method while webhook is active"):
        await bot.get_updates()
    await bot.delete_webhook()
    assert (await bot.get_webhook_info()).url == ""


# --- what the bot sends -----------------------------------------------------------------------


async def test_formatted_text_has_entities_in_utf16_units(bot: Bot, ann: Person) -> None:
    sent = await bot.send_message(
        ann.chat,
        ' 🌊 <b>By <i>the</i></b> sea\n<pre><code class="language-py">#no</code></pre>'
        '<a href="https://example.org/?a=1&amp;b=2">link</a> #meer_2 #1 &#35;x '
        "<code>&lt;b&gt;</code>",
        parse_mode="HTML",
    )
    assert sent.text == "🌊 By the sea\n#nolink #meer_2 #1 #x <b>"
    marked = [(entity.type, sent.parse_entity(entity)) for entity in sent.entities]
    assert marked == [
        ("bold", "By the"),
        ("italic", "the"),
        ("pre", "#no"),
        ("text_link", "link"),
        ("hashtag", "#meer_2"),
        ("hashtag", "#x"),
        ("code", "<b>"),
    ]
    assert sent.entities[2].language == "py"
    assert sent.entities[3].url == "https://example.org/?a=1&b=2"


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<b>open", 'Can\'t find end tag corresponding to start tag "b"'),
        ("é <x>", 'Unsupported start tag "x" at byte offset 3'),
        ("<b><i></b></i>", 'Unmatched end tag at byte offset 6, expected "</i>", found "</b>"'),
        ("so</b>", "Unexpected end tag at byte offset 2"),
        ("1 < 2", 'Unsupported start tag "" at byte offset 2'),
    ],
)
async def test_broken_html_is_refused(bot: Bot, ann: Person, html: str, words: str) -> None:
    with refusal(BadRequest, f"can't parse entities: {words}"):
        await bot.send_message(ann.chat, html, parse_mode="HTML")


async def test_too_much_or_too_little_text_is_refused(bot: Bot, ann: Person) -> None:
    with refusal(BadRequest, "Message text is empty"):
        await bot.send_message(ann.chat, "<b> </b>", parse_mode="HTML")
    with refusal(BadRequest, "Message is too long"):
        await bot.send_message(ann.chat, "x" * 4097)
    with refusal(BadRequest, "Message is too long"):
        await bot.send_message(ann.chat, "🌊" * 2049)
    assert len((await bot.send_message(ann.chat, "x" * 4096)).text or "") == 4096
    with refusal(BadRequest, "Message caption is too long"):
        await bot.send_photo(ann.chat, picture(), caption="x" * 1025)
    kept = await bot.send_message(ann.chat, f"<b>{'x' * 4096}</b>", parse_mode="HTML")
    with refusal(BadRequest, "MESSAGE_TOO_LONG"):
        await kept.edit_text("x" * 4097)
    with refusal(BadRequest, "Chat not found"):
        await bot.send_message(987, "hello?")
    with refusal(BadRequest, "Message to be replied not found"):
        await bot.send_message(ann.chat, "hello?", reply_to_message_id=99)


async def test_keyboards_beyond_the_limits_are_refused(bot: Bot, ann: Person) -> None:
    async def send(markup: Any) -> Message:
        return await bot.send_message(ann.chat, "Tags?", reply_markup=markup)

    def copying(text: str) -> InlineKeyboardMarkup:
        button = InlineKeyboardButton("Copy", copy_text=CopyTextButton(text))
        return InlineKeyboardMarkup([[button]])

    with refusal(BadRequest, "BUTTON_DATA_INVALID"):
        await send(keyboard("ü" * 32 + "x"))
    assert (await send(keyboard("ü" * 32))).reply_markup is not None
    for text in ("", "x" * 257):
        with refusal(BadRequest, "BUTTON_COPY_TEXT_INVALID"):
            await send(copying(text))
    assert (await send(copying("x" * 256))).reply_markup is not None
    with refusal(BadRequest, "Reply markup is too long"):
        await send(keyboard(*(str(number) for number in range(101))))
    wide = [InlineKeyboardButton(str(number), callback_data="x") for number in range(9)]
    with refusal(BadRequest, "Reply markup is too long"):
        await send(InlineKeyboardMarkup([wide]))
    with refusal(BadRequest, "Text buttons are unallowed in the inline keyboard"):
        await send({"inline_keyboard": [[{"text": "nothing happens"}]]})
    with refusal(BadRequest, "Can't parse reply markup JSON object"):
        await send("{")
    asking = await send(ForceReply(input_field_placeholder="a name"))
    assert asking.reply_markup is None
    assert (await ann.sees())[-1]["reply_markup"]["force_reply"] is True
    with refusal(BadRequest, "Inline keyboard expected"):
        await bot.edit_message_text("?", ann.chat, asking.message_id, reply_markup=ForceReply())


async def test_edits_that_change_nothing_or_the_wrong_thing_are_refused(
    bot: Bot, ann: Person
) -> None:
    theirs = await ann.says("mine")
    panel = await bot.send_message(ann.chat, "<b>#sea</b>", "HTML", reply_markup=keyboard("a"))
    with refusal(BadRequest, "Message is not modified: specified new message content"):
        await panel.edit_text("<b>#sea</b> ", "HTML", reply_markup=keyboard("a"))
    with refusal(BadRequest, "Message is not modified"):
        await panel.edit_reply_markup(keyboard("a"))
    with refusal(BadRequest, "Message to edit not found"):
        await bot.edit_message_text("?", ann.chat, 99)
    with refusal(BadRequest, "Message can't be edited"):
        await bot.edit_message_text("?", ann.chat, theirs["message_id"])
    with refusal(BadRequest, "There is no caption in the message to edit"):
        await panel.edit_caption("?")
    shown = await bot.send_photo(ann.chat, picture())
    with refusal(BadRequest, "There is no text in the message to edit"):
        await shown.edit_text("?")

    plain = await panel.edit_text("#sea", reply_markup=keyboard("b"))
    assert isinstance(plain, Message) and plain.edit_date is not None
    assert await shown.edit_caption("by the #sea", reply_markup=keyboard("c"))
    assert await panel.delete()
    with refusal(BadRequest, "Message to delete not found"):
        await panel.delete()
    assert [message.get("caption") for message in await ann.sees()] == [None, "by the #sea"]


async def test_photos_albums_and_files_arrive_at_the_person(bot: Bot, ann: Person) -> None:
    one = await bot.send_photo(ann.chat, picture(2000, 1000), caption="#one")
    assert [(size.width, size.height) for size in one.photo][-1] == (1280, 640)
    again = await bot.send_photo(ann.chat, one.photo[-1].file_id)
    assert again.photo == one.photo
    album = await bot.send_media_group(
        ann.chat, [InputMediaPhoto(picture(), caption="two"), InputMediaPhoto(one.photo[0].file_id)]
    )
    assert album[0].media_group_id == album[1].media_group_id is not None
    export = await bot.send_document(ann.chat, b'{"tags": []}', filename="export.json")
    assert export.document is not None and export.document.mime_type == "application/json"
    downloaded = await ann.http.get(f"/playground/files/{export.document.file_id}")
    assert downloaded.content == b'{"tags": []}'
    assert downloaded.headers["content-disposition"].startswith("attachment")
    assert await one.edit_media(InputMediaPhoto(picture(800, 600), caption="why"))
    assert (await ann.sees())[0]["photo"][-1]["width"] == 800

    with refusal(BadRequest, "Wrong file identifier/http url specified"):
        await bot.send_photo(ann.chat, "nonsense")
    with refusal(BadRequest, "Can't use file of type document as photo"):
        await bot.send_photo(ann.chat, export.document.file_id)
    with refusal(BadRequest, "IMAGE_PROCESS_FAILED"):
        await bot.send_photo(ann.chat, b"this is no picture")
    with refusal(BadRequest, "PHOTO_INVALID_DIMENSIONS"):
        await bot.send_photo(ann.chat, picture(2100, 100))


async def test_a_tap_can_be_answered_once_and_in_time(bot: Bot, ann: Person, clock: Clock) -> None:
    panel = await bot.send_message(ann.chat, "Tags?", reply_markup=keyboard("a"))
    query = await ann.taps(panel.message_id, "a")
    (update,) = await next_updates(bot)
    assert update.callback_query is not None and update.callback_query.id == query
    assert update.callback_query.from_user.id == ann.id
    assert isinstance(update.callback_query.message, Message)
    assert update.callback_query.message.reply_markup == keyboard("a")

    assert await bot.answer_callback_query(query, "Yes", show_alert=True)
    for unknown in (query, "42"):
        with refusal(BadRequest, "Query is too old and response timeout expired"):
            await bot.answer_callback_query(unknown)
    late = await ann.taps(panel.message_id, "a")
    clock.ahead = 151
    with refusal(BadRequest, "Query is too old and response timeout expired"):
        await bot.answer_callback_query(late)


async def test_the_bots_card_is_what_the_bot_sets(
    playground: Playground, bot: Bot, ann: Person
) -> None:
    assert (await bot.get_me()).id == 123456
    await bot.set_my_commands([BotCommand("start", "Begin"), BotCommand("help", "How it works")])
    await bot.set_my_commands([BotCommand("start", "Anfangen")], language_code="de")
    await bot.set_my_description("Hashtags for your photos")
    await bot.set_my_short_description("Hashtags")
    await bot.set_chat_menu_button()
    assert [one.command for one in await bot.get_my_commands()] == ["start", "help"]
    assert (await bot.get_my_description()).description == "Hashtags for your photos"
    assert (await bot.get_my_short_description()).short_description == "Hashtags"
    with refusal(BadRequest, "BOT_COMMAND_INVALID"):
        await bot.set_my_commands([BotCommand("Start", "Begin")])

    card = await fine(ann.http.get("/playground/bot"))
    assert [one["command"] for one in card["commands"]] == ["start", "help"]
    german = await fine(ann.http.get("/playground/bot?language_code=de"))
    assert german["commands"][0]["description"] == "Anfangen"
    chat = await bot.get_chat(ann.chat)
    assert (chat.type, chat.first_name, chat.last_name) == ("private", "Ann", "Lee")


async def test_wrong_tokens_and_methods_are_refused(playground: Playground) -> None:
    for token in ("nonsense", "0:abc", "12:"):
        with refusal(InvalidToken, "Unauthorized"):
            await bot_of(playground, token).get_me()
    async with client_of(playground) as http:
        unknown = await http.post(f"/bot{TOKEN}/sendTelepathy")
        assert unknown.json() == {
            "ok": False,
            "error_code": 404,
            "description": "Not Found: method not found",
        }
        loose = await http.get(f"/BOT{TOKEN}/getMe")
        assert loose.status_code == 404
        relaxed = await http.get(f"/bot{TOKEN}/GETME")
        assert relaxed.json()["result"]["is_bot"] is True
        for body in (b"{", b"[1]"):
            bad = await http.post(
                f"/bot{TOKEN}/getMe", content=body, headers={"content-type": "application/json"}
            )
            assert bad.status_code == 400 and bad.json()["ok"] is False


# --- what the person sends --------------------------------------------------------------------


async def test_a_compressed_photo_gets_telegrams_sizes(bot: Bot, ann: Person) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned
    turned = ("turned.jpg", picture(2400, 1200, exif=exif), "image/jpeg")
    message = await ann.sends(turned, caption="By the #sea /start @tagalong_bot #1")
    sizes = [(size["width"], size["height"]) for size in message["photo"]]
    assert sizes == [(45, 90), (160, 320), (400, 800), (640, 1280)]
    marks = [mark["type"] for mark in message["caption_entities"]]
    assert marks == ["hashtag", "bot_command", "mention"]
    small = await ann.sends(photo(200, 100))
    assert [size["width"] for size in small["photo"]] == [90, 200]

    update, _ = await next_updates(bot)
    assert update.message is not None
    assert [size.width for size in update.message.photo] == [45, 160, 400, 640]
    file = await update.message.photo[-1].get_file()
    assert Image.open(io.BytesIO(await file.download_as_bytearray())).format == "JPEG"


async def test_hashtags_are_found_as_telegram_finds_them(ann: Person) -> None:
    typed = await ann.says(
        "🐕 #ourdog, #日本 #naïve_2 (#x) but not #1 #_ a#b #c#d https://e.org/#f"
    )
    units = typed["text"].encode("utf-16-le")
    found = [
        units[2 * mark["offset"] : 2 * (mark["offset"] + mark["length"])].decode("utf-16-le")
        for mark in typed["entities"]
    ]
    assert found == ["#ourdog", "#日本", "#naïve_2", "#x", "https://e.org/#f"]


async def test_what_is_no_picture_goes_as_a_file_only(bot: Bot, ann: Person) -> None:
    note = ("note.jpg", b"these are words", "image/jpeg")
    broken = ("broken.jpg", picture()[:2000], "image/jpeg")
    for file in (note, broken):
        refused = await ann.tries(file)
        assert refused.status_code == 400
        assert refused.json()["error"].endswith("You can still send it as a file.")
    message = await ann.sends(note, as_file=1, caption="look")
    assert message["document"]["file_name"] == "note.jpg"
    assert message["document"]["mime_type"] == "image/jpeg"
    real = await ann.sends(("p.webp", picture(kind="WEBP"), "image/webp"), as_file=1)
    assert real["document"]["thumbnail"]["width"] == 320

    first, second = await next_updates(bot)
    assert first.message is not None and first.message.document is not None
    file = await first.message.document.get_file()
    assert bytes(await file.download_as_bytearray()) == b"these are words"
    assert second.message is not None and second.message.document is not None


async def test_albums_forwards_replies_and_other_media_have_their_shapes(
    bot: Bot, ann: Person
) -> None:
    album = await ann.sends(photo(), photo(), photo(), caption="three")
    await ann.sends(photo(), forwarded=1)
    await ann.says("this one", reply_to_message_id=album[1]["message_id"])
    for kind in ("video", "animation", "sticker", "voice"):
        await ann.sends(("file.bin", b"moving", "application/octet-stream"), kind=kind)

    messages = [update.message for update in await next_updates(bot)]
    assert all(message is not None for message in messages)
    first, second, third, forwarded, reply, *media = (m for m in messages if m is not None)
    assert first.media_group_id == second.media_group_id == third.media_group_id is not None
    assert (first.caption, second.caption) == ("three", None)
    assert forwarded.forward_origin is not None and forwarded.photo
    assert reply.reply_to_message is not None and reply.reply_to_message.photo == second.photo
    video, animation, sticker, voice = media
    assert video.video and animation.animation and animation.document
    assert sticker.sticker and voice.voice


async def test_a_person_edits_and_deletes_what_they_wrote(bot: Bot, ann: Person) -> None:
    sent = await ann.sends(photo(), caption="#see")
    text = await ann.says("typo")
    path = f"{ann.path}/messages"
    await fine(ann.http.patch(f"{path}/{sent['message_id']}", json={"caption": "by the #sea"}))
    await fine(ann.http.patch(f"{path}/{text['message_id']}", json={"text": "no typo"}))
    updates = await next_updates(bot)
    edited = [update.edited_message for update in updates if update.edited_message]
    assert [message.caption or message.text for message in edited] == ["by the #sea", "no typo"]
    assert [entity.offset for entity in edited[0].caption_entities] == [7]

    await fine(ann.http.delete(f"{path}/{sent['message_id']}"))
    assert [message["text"] for message in await ann.sees()] == ["no typo"]
    with refusal(BadRequest, "Message to be replied not found"):
        await bot.send_message(ann.chat, "?", reply_to_message_id=sent["message_id"])


async def test_a_group_shows_the_bot_only_what_is_meant_for_it(
    bot: Bot, http: httpx.AsyncClient
) -> None:
    ann = await newcomer(http, type="group", title="Holiday")
    bob = await fine(http.post(f"{ann.path}/members", json={"name": "Bob"}))
    picture_ = await ann.sends(photo())
    await ann.says("nice, isn't it?")
    await ann.says("/tag@another_bot")
    await ann.says("/tag", reply_to_message_id=picture_["message_id"])
    await ann.says("hey @Tagalong_Bot")

    invited, tag, mention = await next_updates(bot)
    assert invited.my_chat_member is not None
    assert invited.my_chat_member.new_chat_member.status == "member"
    assert tag.message is not None and tag.message.reply_to_message is not None
    assert tag.message.reply_to_message.photo
    assert mention.message is not None and mention.message.chat.title == "Holiday"

    panel = await bot.send_message(ann.chat, "Tags?", reply_markup=keyboard("a"))
    await ann.taps(panel.message_id, "a", user_id=bob["user_id"])
    await ann.says("my own", user_id=bob["user_id"], reply_to_message_id=panel.message_id)
    tapped, reply = await next_updates(bot, mention.update_id + 1)
    assert tapped.callback_query is not None
    assert tapped.callback_query.from_user.id == bob["user_id"]
    assert reply.message is not None and reply.message.from_user is not None
    assert reply.message.from_user.first_name == "Bob"
    assert (await bot.get_chat_member(ann.chat, ann.id)).status == "creator"

    admin = await newcomer(http, type="supergroup", forum=True, admin=True)
    await admin.sends(photo(), message_thread_id=7)
    *_, bare = await next_updates(bot, reply.update_id + 1)
    assert bare.message is not None and bare.message.message_thread_id == 7
    answer = await bot.send_message(admin.chat, "here", message_thread_id=7)
    assert answer.is_topic_message
    with refusal(BadRequest, "Message thread not found"):
        await bot.send_message(ann.chat, "where?", message_thread_id=7)


async def test_a_group_that_becomes_a_supergroup_changes_its_id(
    bot: Bot, http: httpx.AsyncClient
) -> None:
    ann = await newcomer(http, type="group")
    moved = await fine(http.post(f"{ann.path}/upgrade"))
    *_, old, new = await next_updates(bot)
    assert old.message is not None and old.message.migrate_to_chat_id == moved["chat_id"]
    assert new.message is not None and new.message.migrate_from_chat_id == ann.chat
    with pytest.raises(ChatMigrated) as caught:
        await bot.send_message(ann.chat, "still here?")
    assert caught.value.new_chat_id == moved["chat_id"]
    assert await bot.send_message(moved["chat_id"], "here")


async def test_a_blocked_bot_is_shut_out_until_it_is_let_in(bot: Bot, ann: Person) -> None:
    await fine(ann.http.post(f"{ann.path}/block", json={"blocked": True}))
    with refusal(Forbidden, "Forbidden: bot was blocked by the user"):
        await bot.send_message(ann.chat, "hello?")
    assert (await ann.http.post(f"{ann.path}/messages", json={"text": "hi"})).status_code == 403
    await fine(ann.http.post(f"{ann.path}/block", json={"blocked": False}))
    assert await bot.send_message(ann.chat, "hello!")
    updates = await next_updates(bot)
    statuses = [u.my_chat_member.new_chat_member.status for u in updates if u.my_chat_member]
    assert statuses == ["kicked", "member"]


async def test_what_a_person_cannot_do_is_said_plainly(bot: Bot, ann: Person) -> None:
    panel = await bot.send_message(ann.chat, "Tags?", reply_markup=keyboard("a"))
    post, messages = ann.http.post, f"{ann.path}/messages"
    number = panel.message_id
    for answer, status in (
        (await post(messages, json={"text": "  "}), 400),
        (await post(messages, json={"text": "x" * 4097}), 400),
        (await post(messages, json={"text": 5}), 400),
        (await post(messages, content=b"{"), 400),
        (await post(messages, json={"text": "a", "reply_to_message_id": 99}), 404),
        (await post(messages, json={"text": "a", "user_id": 5}), 400),
        (await post(messages, files=[("photo", photo())] * 11), 400),
        (await post(f"{ann.path}/taps", json={"message_id": 99, "data": "a"}), 404),
        (await post(f"{ann.path}/taps", json={"message_id": number, "data": "x" * 65}), 400),
        (await post("/playground/chats/5/messages", json={"text": "a"}), 404),
        (await post("/playground/chats", json={"type": "channel"}), 400),
        (await post(f"{ann.path}/members", json={}), 400),
        (await post("/playground/faults", json={"method": "getMe", "when": "now"}), 400),
        (await post("/playground/faults", json={"flood": {"burst": 0}}), 400),
        (await ann.http.get(f"{ann.path}/events?after=x"), 400),
        (await ann.http.patch(f"{messages}/{number}", json={"text": "mine"}), 404),
        (await ann.http.get("/playground/files/x"), 404),
        (await ann.http.get("/playground/nowhere"), 404),
    ):
        assert (answer.status_code, answer.json().keys()) == (status, {"error"}), answer.url
    assert len(await ann.sees()) == 1


# --- events -----------------------------------------------------------------------------------


async def test_events_go_on_where_a_client_stopped_reading(bot: Bot, ann: Person) -> None:
    await ann.says("one")
    answer = await ann.http.get(f"{ann.path}/messages")
    seen = int(answer.headers["Last-Event-ID"])
    waiting = asyncio.create_task(ann.events(3, after=seen))
    await bot.send_chat_action(ann.chat, "typing")
    sent = await bot.send_message(ann.chat, "two")
    await sent.delete()
    action, message, deleted = await waiting
    assert action["type"] == "action" and action["action"] == "typing"
    assert message["message"]["text"] == "two"
    assert deleted["type"] == "delete" and deleted["message_id"] == sent.message_id
    async with ann.http.stream(
        "GET", f"{ann.path}/events", headers={"Last-Event-ID": str(message["id"])}
    ) as stream:
        lines = stream.aiter_lines()
        first = [line async for line in _until_blank(lines, 2)]
    assert f"id: {deleted['id']}" in first


async def _until_blank(lines: AsyncIterator[str], blanks: int) -> AsyncIterator[str]:
    async for line in lines:
        yield line
        blanks -= not line
        if not blanks:
            return


# --- levers -----------------------------------------------------------------------------------


async def test_faults_hit_as_often_as_they_are_told(
    bot: Bot, ann: Person, http: httpx.AsyncClient
) -> None:
    async def let_fail(**fault: Any) -> None:
        await fine(http.post("/playground/faults", json=fault))

    await let_fail(method="sendMessage", error_code=429, retry_after=7, times=2)
    for _ in range(2):
        with pytest.raises(RetryAfter) as caught:
            await bot.send_message(ann.chat, "one")
        assert "Retry in 7 seconds" in caught.value.message
    await bot.send_message(ann.chat, "one")
    await let_fail(method="*", error_code=500)
    with refusal(NetworkError, "Internal Server Error"):
        await bot.send_message(ann.chat, "two")
    await let_fail(method="sendMessage", error_code=403)
    with refusal(Forbidden, "bot was blocked by the user"):
        await bot.send_message(ann.chat, "two")
    await let_fail(method="sendMessage", drop=True)
    with pytest.raises(NetworkError):
        await bot.send_message(ann.chat, "two")
    assert len(await ann.sees()) == 1
    await let_fail(method="sendMessage", drop=True, after=True)
    with pytest.raises(NetworkError):
        await bot.send_message(ann.chat, "two")
    assert [message["text"] for message in await ann.sees()] == ["one", "two"]
    await let_fail(method="getMe", error_code=500, times=5)
    await fine(http.delete("/playground/faults"))
    assert await bot.get_me()


async def test_a_flooded_chat_gets_429_while_others_do_not(
    bot: Bot, ann: Person, http: httpx.AsyncClient, clock: Clock
) -> None:
    bob = await newcomer(http)
    await fine(http.post("/playground/faults", json={"flood": {"per_second": 0.5, "burst": 2}}))
    panel = await bot.send_message(ann.chat, "one")
    await panel.edit_text("two")
    with pytest.raises(RetryAfter) as caught:
        await panel.edit_text("three")
    assert "Retry in 2 seconds" in caught.value.message
    assert await bot.send_message(bob.chat, "one")
    clock.ahead = 2
    assert await panel.edit_text("three")
    await fine(http.post("/playground/faults", json={"flood": None}))
    assert await panel.edit_text("four")


async def test_the_log_of_calls_holds_parameters_but_no_secret(
    bot: Bot, ann: Person, http: httpx.AsyncClient
) -> None:
    await ann.says("hello")
    (update,) = await next_updates(bot)
    await bot.send_message(ann.chat, "123", reply_markup=keyboard("a"))
    with pytest.raises(BadRequest):
        await bot.send_message(ann.chat, "")
    await bot.set_webhook("http://127.0.0.1:9/", secret_token="hush")
    answer = await http.get("/playground/calls")
    assert TOKEN not in answer.text and "hush" not in answer.text
    calls = answer.json()
    assert [call["method"] for call in calls] == [
        "getMe",
        "getUpdates",
        "sendMessage",
        "sendMessage",
        "setWebhook",
    ]
    assert calls[1]["delivered"] == [update.update_id]
    assert calls[2]["parameters"]["text"] == "123"
    assert calls[2]["parameters"]["reply_markup"]["inline_keyboard"][0][0]["text"] == "a"
    assert calls[3]["description"] == "Bad Request: message text is empty"
    assert all(call["time"] <= call["answered"] for call in calls)
    later = await fine(http.get(f"/playground/calls?after={calls[1]['id']}&chat_id={ann.chat}"))
    assert later == calls[2:4]


# --- what lasts, and what does not ------------------------------------------------------------


async def test_nothing_is_lost_over_a_restart(tmp_path: Path) -> None:
    async with (
        serve("127.0.0.1", 0, tmp_path) as playground,
        client_of(playground) as http,
        bot_of(playground) as bot,
    ):
        ann = await newcomer(http)
        await ann.says("confirmed")
        (first,) = await next_updates(bot)
        await bot.get_updates(offset=first.update_id + 1)
        panel = await bot.send_message(ann.chat, "Tags?", reply_markup=keyboard("a"))
        query = await ann.taps(panel.message_id, "a")
        sent = await ann.sends(photo())
        before = await ann.sees()
        events = await ann.events(3)

    async with (
        serve("127.0.0.1", 0, tmp_path) as playground,
        client_of(playground) as http,
        bot_of(playground) as bot,
    ):
        ann = Person(http, ann.chat, ann.id)
        assert await ann.sees() == before
        assert await ann.events(3) == events
        tap, picture_ = await next_updates(bot)
        assert first.update_id < tap.update_id < picture_.update_id
        assert tap.callback_query is not None and tap.callback_query.id == query
        assert await bot.answer_callback_query(query)
        file = await bot.get_file(sent["photo"][-1]["file_id"])
        assert len(await file.download_as_bytearray()) == sent["photo"][-1]["file_size"]
        assert (await ann.says("later"))["message_id"] == before[-1]["message_id"] + 1


async def test_files_and_messages_live_as_many_days_as_are_set(
    tmp_path: Path, clock: Clock
) -> None:
    stored, day = tmp_path / "playground" / "files", 24 * 3600
    ann: Person | None = None
    for clock.ahead, files, texts in (
        (0, 4, ["old"]),
        (2 * day, 4, ["old", "new"]),
        (4 * day, 0, ["old", "new", "newest"]),
        (6 * day, 0, ["new", "newest", "last"]),
    ):
        async with (
            serve("127.0.0.1", 0, tmp_path, clock=clock, file_days=3, days=5) as playground,
            client_of(playground) as http,
        ):
            if ann is not None:
                ann = Person(http, ann.chat, ann.id)
            else:
                ann = await newcomer(http)
                await ann.sends(photo())
            await ann.says(texts[-1])
            messages = [one.get("text") for one in await ann.sees()]
            assert [text for text in messages if text] == texts
            gone = 2 if clock.ahead == 6 * day else 0  # an open page is told
            events = await ann.events(len(messages) + gone)
            shown = [one["message"].get("text") for one in events if one["type"] == "message"]
            assert [text for text in shown if text] == texts
            assert len(list(stored.iterdir())) == files


async def test_links_live_an_hour_and_files_a_day(tmp_path: Path, clock: Clock) -> None:
    stored = tmp_path / "playground" / "files"
    async with (
        serve("127.0.0.1", 0, tmp_path, clock=clock) as playground,
        client_of(playground) as http,
        bot_of(playground) as bot,
    ):
        ann = await newcomer(http)
        message = await ann.sends(photo())
        panel = await bot.send_message(ann.chat, "one")
        await panel.edit_text("two")
        largest = message["photo"][-1]
        shown = f"/playground/files/{largest['file_id']}"
        link = f"/file/bot{TOKEN}/{(await bot.get_file(largest['file_id'])).file_path}"
        link = link if "://" not in link else link.partition(playground.url)[2]
        assert (await http.get(link)).status_code == 200
        clock.ahead = 3601
        assert (await http.get(link)).status_code == 404
        await bot.get_file(largest["file_id"])
        assert (await http.get(link)).status_code == 200
        assert (await http.get(shown)).headers["content-type"] == "image/jpeg"
        assert len(list(stored.iterdir())) == len(message["photo"])

        clock.ahead = 24 * 3600 + 60
        with refusal(BadRequest, "Wrong file_id or the file is temporarily unavailable"):
            await bot.get_file(largest["file_id"])
        assert (await http.get(shown)).status_code == 404

    clock.ahead += 60
    async with (
        serve("127.0.0.1", 0, tmp_path, clock=clock) as playground,
        client_of(playground) as http,
    ):
        ann = Person(http, ann.chat, ann.id)
        assert [event["message"].get("text") for event in await ann.events(2)] == [None, "two"]
        assert not list(stored.iterdir())


async def test_files_beyond_20_mb_are_not_handed_out_and_beyond_50_not_taken(
    bot: Bot, ann: Person
) -> None:
    big = ("big.raw", bytes(20_000_001), "application/octet-stream")
    message = await ann.sends(big, as_file=1)
    with refusal(BadRequest, "File is too big"):
        await bot.get_file(message["document"]["file_id"])
    huge = ("huge.raw", bytes(52_000_000), "application/octet-stream")
    refused = await ann.tries(huge, as_file=1)
    assert refused.status_code == 413
    assert refused.json()["error"] == "This is too large: 50 MB are allowed."


# --- who is let in ----------------------------------------------------------------------------


async def test_other_web_sites_and_disguised_names_stay_out(
    playground: Playground, http: httpx.AsyncClient, ann: Person
) -> None:
    async def status(path: str, **headers: str) -> int:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return (await http.get(path, headers=named)).status_code

    path, here = f"{ann.path}/messages", playground.url
    assert await status(path, origin=here) == 200
    assert await status(path, host=f"localhost:{playground.port}") == 200
    assert await status(path, host="my-nas:80") == 200
    for other in ("https://evil.example", "null", "http://127.0.0.1:1"):
        assert await status(path, origin=other) == 403
        posted = await http.post(path, json={"text": "x"}, headers={"Origin": other})
        assert posted.status_code == 403
        called = await http.post(f"/bot{TOKEN}/getMe", headers={"Origin": other})
        assert called.status_code == 403
    for name in ("evil.example", f"evil.example:{playground.port}", "127.0.0.1.evil.example", ""):
        assert await status(path, host=name) == 403
        assert await status("/", host=name) == 403
    assert await status(path, sec_fetch_site="cross-site") == 403
    assert await status("/", sec_fetch_site="cross-site", sec_fetch_mode="navigate") != 403
    assert await ann.sees() == []


async def test_no_path_leads_out_of_the_page_or_the_files(
    playground: Playground, http: httpx.AsyncClient, ann: Person, tmp_path: Path
) -> None:
    assert (tmp_path / "playground" / "playground.db").exists()
    for path in (
        "/../serve.py",
        "/%2e%2e/serve.py",
        "/..%2fserve.py",
        f"/file/bot{TOKEN}/../playground.db",
        f"/file/bot{TOKEN}/..%2fplayground.db",
        f"/file/bot{TOKEN}/%2e%2e/playground.db",
        "/playground/files/..%2fplayground.db",
    ):
        reader, writer = await asyncio.open_connection("127.0.0.1", playground.port)
        host = f"127.0.0.1:{playground.port}"
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        answer = await reader.read()
        writer.close()
        assert b" 404 " in answer.partition(b"\r\n")[0], path


async def test_a_file_that_could_run_is_only_downloaded(ann: Person) -> None:
    page = ("../../x.html", b"<script>alert(1)</script>", "text/html")
    message = await ann.sends(page, as_file=1)
    assert message["document"]["file_name"] == "x.html"
    answer = await ann.http.get(f"/playground/files/{message['document']['file_id']}")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["content-disposition"].startswith("attachment")


async def test_a_taken_port_is_said_at_once(playground: Playground, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="in use"):
        async with serve("127.0.0.1", playground.port, tmp_path / "other"):
            pass


async def test_state_of_another_version_is_left_alone(tmp_path: Path) -> None:
    async with serve("127.0.0.1", 0, tmp_path):
        pass
    with closing(sqlite3.connect(tmp_path / "playground" / "playground.db")) as database:
        database.execute("PRAGMA user_version = 99")
    with pytest.raises(OtherVersionError, match="another version of the playground"):
        async with serve("127.0.0.1", 0, tmp_path):
            pass


async def test_it_runs_alone(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot.playground", "--port", "0", "--data-dir", str(tmp_path)),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    line = (await process.stdout.readline()).decode()
    url = line.split()[-1]
    async with Bot(TOKEN, base_url=f"{url}/bot", base_file_url=f"{url}/file/bot") as bot:
        assert bot.username == "tagalong_bot"
    process.terminate()
    assert await process.wait() == 0
