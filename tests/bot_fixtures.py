"""The bot as a person has it: a chat over HTTP in which they send, tap and read."""

from __future__ import annotations

import asyncio
import io
import json
import multiprocessing
import os
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
import pytest_asyncio
from page_fixtures import OURS, PHOTOS, ROOT, STARTUP_S, RunningBot, free_port
from PIL import Image
from pillow_heif import register_heif_opener

TOKEN = "123456:a-token_of-Tests"
PATIENCE_S = 60  # for a machine under load; nothing here is timed
PAUSE_S, LONGEST_PAUSE_S = 0.05, 0.3

Json = dict[str, Any]
T = TypeVar("T")

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["bot.__main__", "engine.local"])


def photo(name: str = "coffee.jpg") -> tuple[str, bytes, str]:
    """One of the free photos, as a form's file."""
    kind = "image/png" if name.endswith("png") else "image/jpeg"
    return name, (PHOTOS / name).read_bytes(), kind


def drawn(
    kind: str, mode: str = "RGB", size: tuple[int, int] = (600, 400), **options: Any
) -> bytes:
    """The cup of coffee in another format, mode or size."""
    register_heif_opener()
    picture = Image.open(PHOTOS / "coffee.jpg").convert("RGB").resize(size)
    out = io.BytesIO()
    (picture if mode == "RGB" else picture.convert(mode)).save(out, kind, **options)
    return out.getvalue()


async def eventually(find: Callable[[], Any], what: str) -> Any:
    """Ask again and again until there is an answer; ``find`` may be a coroutine function."""
    deadline = asyncio.get_running_loop().time() + PATIENCE_S
    pause = PAUSE_S
    while True:
        found = find()
        if asyncio.iscoroutine(found):
            found = await found
        if found:
            return found
        assert asyncio.get_running_loop().time() < deadline, f"waited in vain for {what}"
        await asyncio.sleep(pause)
        pause = min(1.5 * pause, LONGEST_PAUSE_S)  # asking takes time from those who work


@dataclass(frozen=True)
class Seen:
    """A message as a person sees it."""

    body: Json = field(repr=False)

    @property
    def id(self) -> int:
        return int(self.body["message_id"])

    @property
    def text(self) -> str:
        return str(self.body.get("text", ""))

    @property
    def answers(self) -> int | None:
        """The message that it replies to."""
        replied = self.body.get("reply_to_message")
        return replied["message_id"] if replied else None

    @property
    def rows(self) -> list[list[Json]]:
        return list(self.body.get("reply_markup", {}).get("inline_keyboard", []))

    @property
    def buttons(self) -> list[Json]:
        return [button for row in self.rows for button in row]

    @property
    def labels(self) -> list[str]:
        return [button["text"] for button in self.buttons]

    @property
    def offered(self) -> list[str]:
        """The hashtags that can be added."""
        return [label for label in self.labels if label.startswith("#")]

    @property
    def chosen(self) -> list[str]:
        """The hashtags that can be taken out."""
        return [label[2:] for label in self.labels if label.startswith("✓ ")]

    @property
    def copied(self) -> str | None:
        """What the copy button carries."""
        texts = [button["copy_text"]["text"] for button in self.buttons if "copy_text" in button]
        return texts[0] if texts else None

    @property
    def block(self) -> str:
        """What copies with a tap."""
        raw = self.text.encode("utf-16-le")
        (pre,) = [one for one in self.body.get("entities", []) if one["type"] == "pre"]
        return raw[2 * pre["offset"] : 2 * (pre["offset"] + pre["length"])].decode("utf-16-le")

    def data(self, label: str) -> str:
        """What a button carries: a hashtag by its whole label, a control by a word of it."""
        for button in self.buttons:
            text = button["text"]
            if text == label or ("#" not in text and "#" not in label and label in text):
                return str(button["callback_data"])
        raise AssertionError(f"there is no button {label!r} among {self.labels}")


@dataclass
class Person:
    """Somebody in a chat with the bot."""

    http: httpx.AsyncClient
    chat: int
    id: int

    @property
    def path(self) -> str:
        return f"/playground/chats/{self.chat}"

    async def says(self, text: str, **options: Any) -> int:
        """Write a message; its id."""
        body = {"text": text, **options}
        sent = await fine(self.http.post(f"{self.path}/messages", json=body))
        return int(sent["message_id"])

    async def sends(self, *files: tuple[str, bytes, str], **options: Any) -> int:
        """Send photos or (``as_file=1``, ``kind="video"``) other files; the id of the first."""
        sent = await fine(
            self.http.post(
                f"{self.path}/messages",
                files=[("photo", file) for file in files],
                data={name: str(value) for name, value in options.items()},
            )
        )
        return int((sent[0] if isinstance(sent, list) else sent)["message_id"])

    async def edits(self, message_id: int, **changes: str) -> None:
        """Change one's own text or caption."""
        await fine(self.http.patch(f"{self.path}/messages/{message_id}", json=changes))

    async def deletes(self, message_id: int) -> None:
        await fine(self.http.delete(f"{self.path}/messages/{message_id}"))

    async def taps(self, message: Seen, label: str, **options: Any) -> str:
        """Tap a button by its label; the id of the tap."""
        return await self.forges(message, message.data(label), **options)

    async def forges(self, message: Seen, data: str, **options: Any) -> str:
        """Tap with any data, as with a changed client."""
        body = {"message_id": message.id, "data": data, **options}
        answer = await fine(self.http.post(f"{self.path}/taps", json=body))
        return str(answer["callback_query_id"])

    async def sees(self) -> list[Seen]:
        """All messages of the chat."""
        return [Seen(body) for body in await fine(self.http.get(f"{self.path}/messages"))]

    async def hears(self, after: int, words: str = "") -> Seen:
        """The bot's next message after one, with some words in it."""

        async def find() -> Seen | None:
            for message in await self.sees():
                bot = message.body["from"]["is_bot"]
                if bot and message.id > after and words in message.text:
                    return message
            return None

        found: Seen = await eventually(find, f"{words!r} after message {after}")
        return found

    async def panel(self, message_id: int) -> Seen:
        """The message with the suggestions in reply to a photo."""

        async def find() -> Seen | None:
            replies = [one for one in await self.sees() if one.answers == message_id]
            return next((one for one in replies if one.offered or one.chosen), None)

        found: Seen = await eventually(find, f"the panel of photo {message_id}")
        return found

    async def shows(self, *files: tuple[str, bytes, str], **options: Any) -> Seen:
        """Send a photo and wait for its panel."""
        return await self.panel(await self.sends(*(files or (photo(),)), **options))

    async def sees_that(self, message: Seen, true: Callable[[Seen], Any]) -> Seen:
        """Wait until a message has become what is expected."""

        async def find() -> Seen | None:
            now = next((one for one in await self.sees() if one.id == message.id), None)
            return now if now and true(now) else None

        found: Seen = await eventually(find, f"a change of message {message.id}: {message.text}")
        return found

    async def loses(self, message_id: int) -> None:
        """Wait until a message is deleted."""

        async def find() -> bool:
            return message_id not in [one.id for one in await self.sees()]

        await eventually(find, f"the end of message {message_id}")

    async def chooses(self, panel: Seen, *labels: str) -> Seen:
        """Tap suggestions one after the other, each when the one before has arrived."""
        for label in labels:
            await self.taps(panel, label)
            panel = await self.sees_that(panel, lambda now, label=label: label in now.chosen)
        return panel

    async def told(self, query_id: str) -> str:
        """The short answer to a tap; empty where it only stops the waiting."""
        async with asyncio.timeout(PATIENCE_S):
            async with self.http.stream("GET", f"{self.path}/events?after=0") as stream:
                async for line in stream.aiter_lines():
                    event = json.loads(line[6:]) if line.startswith("data: ") else {}
                    answer = event.get("answer", {})
                    if answer.get("callback_query_id") == query_id:
                        return str(answer["text"])
        raise AssertionError("the stream of events ended")

    async def all_said(self) -> list[Seen]:
        """The bot's messages, after everything that was sent before has been answered."""
        mark = await self.says("/help")
        await self.hears(mark, "Send a photo, or an image as a file")
        messages = await self.sees()
        return [one for one in messages if one.body["from"]["is_bot"] and one.id < mark]

    async def blocks(self, blocked: bool = True) -> None:
        await fine(self.http.post(f"{self.path}/block", json={"blocked": blocked}))


async def fine(request: Any) -> Any:
    answer = await request
    assert answer.status_code == 200, answer.text
    return answer.json()


async def newcomer(http: httpx.AsyncClient, **options: Any) -> Person:
    """Somebody new, with a chat of their own (or a group: ``type="group"``)."""
    made = await fine(http.post("/playground/chats", json={"name": "Ann Lee", **options}))
    return Person(http, made["chat_id"], made["user_id"])


async def fault(http: httpx.AsyncClient, method: str, **how: Any) -> None:
    """Let coming calls of the Bot API fail."""
    await fine(http.post("/playground/faults", json={"method": method, **how}))


async def calls(http: httpx.AsyncClient, method: str, chat: int | None = None) -> list[Json]:
    """The calls of a method so far."""
    made = await fine(http.get(f"/playground/calls{f'?chat_id={chat}' if chat else ''}"))
    return [one for one in made if one["method"] == method]


@dataclass
class BotProcess:
    """A bot with a token in a process of its own, in front of a Bot API server of the test's own.

    It does what ``python -m bot`` does, in a fork of a process that has imported everything and
    done nothing: importing is most of a start.

    Attributes:
        home: Its working folder, with its data and its log.
        settings: Its environment variables.
    """

    home: Path
    settings: dict[str, str]
    process: BaseProcess | None = None

    @classmethod
    def before(cls, server: str, home: Path, **settings: str) -> BotProcess:
        """A bot that talks to the Bot API at an address."""
        telegram = {
            "TELEGRAM_BOT_TOKEN": TOKEN,
            "TELEGRAM_BASE_URL": f"{server}/bot",
            "TELEGRAM_BASE_FILE_URL": f"{server}/file/bot",
            "DATA_DIR": str(home / "data"),
        }
        return cls(home, telegram | settings)

    @property
    def log(self) -> str:
        return (self.home / "log").read_text(errors="replace")

    @property
    def database(self) -> Path:
        return self.home / "data" / "tagalong.db"

    async def launch(self) -> None:
        """Start it; it may take a while until it talks."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith(OURS)}
        environment |= {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", **self.settings}
        (self.home / "log").write_bytes(b"")
        self.process = _FORKS.Process(target=_run, args=(self.home, environment), daemon=True)
        await asyncio.to_thread(self.process.start)

    async def start(self) -> None:
        """Start it and wait until it talks."""
        await self.launch()
        await self.says("Tagalong is ready")

    async def says(self, words: str) -> None:
        """Wait until it has said something on the terminal."""
        assert self.process is not None
        deadline = asyncio.get_running_loop().time() + STARTUP_S
        while words not in self.log:
            assert self.process.is_alive(), f"the bot ended: {self.log}"
            assert asyncio.get_running_loop().time() < deadline, f"{words!r} not in {self.log}"
            await asyncio.sleep(PAUSE_S)

    async def ends(self, how: signal.Signals | None = None) -> int:
        """Wait until it is gone, after a signal where one is given; its exit status."""
        assert self.process is not None
        if how is not None and self.process.is_alive():
            assert self.process.pid is not None
            os.kill(self.process.pid, how)
        await asyncio.to_thread(self.process.join, PATIENCE_S)
        assert self.process.exitcode is not None, f"the bot does not end: {self.log}"
        return self.process.exitcode

    def reads(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Look into its database, as another program would."""
        with closing(sqlite3.connect(self.database, timeout=20)) as connection:
            return connection.execute(query, values).fetchall()

    def writes(self, change: str, *values: object) -> None:
        """Change its database."""
        with closing(sqlite3.connect(self.database, timeout=20)) as connection, connection:
            connection.execute(change, values)


def _run(home: Path, environment: dict[str, str]) -> None:
    """Become a bot, with its terminal in a file."""
    from bot.__main__ import main

    os.chdir(home)
    os.environ.clear()
    os.environ.update(environment)
    log = os.open("log", os.O_WRONLY | os.O_APPEND)
    os.dup2(log, sys.stdout.fileno())
    os.dup2(log, sys.stderr.fileno())
    sys.exit(main())


@pytest.fixture(scope="session")
def talking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningBot]:
    """A bot with a Bot API server of its own, for all who chat with it; chats are cheap."""
    bot = RunningBot(tmp_path_factory.mktemp("bot"), free_port())
    try:
        bot.start()
        yield bot
    finally:
        bot.stop()
    assert "Traceback" not in bot.log, bot.log


@pytest_asyncio.fixture
async def http(talking: RunningBot) -> AsyncIterator[httpx.AsyncClient]:
    """Everybody's way to the server; what was set to fail works again afterwards."""
    # No certificates are loaded: it is plain HTTP.
    async with httpx.AsyncClient(base_url=talking.url, timeout=PATIENCE_S, verify=False) as client:
        yield client
        await client.delete("/playground/faults")


@pytest_asyncio.fixture
async def ann(http: httpx.AsyncClient) -> Person:
    """Somebody new in a private chat."""
    return await newcomer(http, language_code="en")
