"""The chat page as a person has it: a running bot of its own, Chromium, and tabs to chat in."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Locator, Page, async_playwright, expect

ROOT = Path(__file__).parent.parent
PHOTOS = Path(__file__).parent / "photos"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
STARTUP_S = 120
SLOW_MS = 20_000  # a machine under load; nothing here is timed
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
]
OURS = ("TELEGRAM_", "DATABASE_", "DATA_DIR", "PLAYGROUND_", "ENGINE", "METRICS_", "LOG_LEVEL")
_DIRECT = build_opener(ProxyHandler({}))  # a proxy knows nothing of this machine's ports

needs_chromium = pytest.mark.skipif(
    CHROMIUM is None, reason="Chromium is not installed (apt install chromium), so no page tests"
)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class RunningBot:
    """``python -m bot`` without a token: the bot and the page in one process.

    Attributes:
        home: Its working folder, with its data and its log.
        port: Where the page is.
    """

    home: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The page's address."""
        return f"http://127.0.0.1:{self.port}/"

    @property
    def log(self) -> str:
        """What it has said on the terminal."""
        return (self.home / "log").read_text(errors="replace")

    def start(self) -> None:
        """Start it and wait until the bot has told the server its commands.

        Raises:
            AssertionError: It did not come up.
        """
        environment = {k: v for k, v in os.environ.items() if not k.startswith(OURS)}
        environment |= {
            "DATA_DIR": str(self.home / "data"),
            "PLAYGROUND_PORT": str(self.port),
            "PYTHONPATH": str(ROOT),
            "OMP_NUM_THREADS": "1",
        }
        with (self.home / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "bot"],
                cwd=self.home,
                env=environment,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + STARTUP_S
        while not self._answers():
            assert self.process.poll() is None, f"the bot ended: {self.log}"
            assert time.monotonic() < deadline, f"the bot did not come up: {self.log}"
            time.sleep(0.2)

    def _answers(self) -> bool:
        try:
            with _DIRECT.open(f"{self.url}playground/bot", timeout=2) as response:
                return bool(json.load(response)["commands"])
        except (URLError, OSError):
            return False

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it and wait until it is gone."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(how)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@dataclass
class Tab:
    """A tab with the chat page, and what a person does in it.

    Attributes:
        page: Playwright's page.
        complaints: Console errors, uncaught exceptions, and requests to anywhere but the server.
    """

    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", lambda m: m.type == "error" and self.complaints.append(m.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self._local(request.url))

    async def open(self) -> None:
        """Open the page and wait until it is connected."""
        await self.page.goto(self.url)
        await self.connected()

    def _local(self, url: str) -> None:
        if not url.startswith((self.url, "blob:", "data:")):
            self.complaints.append(f"asked {url}")

    async def connected(self) -> None:
        """Wait until the header says that the bot is there."""
        await expect(self.page.locator("#status")).to_have_text("bot", timeout=SLOW_MS)

    async def stored_chat(self) -> int:
        """The number of the chat that this tab is."""
        stored = await self.page.evaluate("sessionStorage['tagalong.chat']")
        return int(json.loads(stored)["chatId"])

    async def drop(self, *files: Path, kind: str = "drop") -> None:
        """Drag files over the page and let them fall, or paste them (``kind="paste"``)."""
        contents = [
            {"name": f.name, "type": _mime(f), "data": base64.b64encode(f.read_bytes()).decode()}
            for f in files
        ]
        await self.page.evaluate(_DROP, [contents, kind])
        await expect(self.page.locator("#preview")).to_be_visible(timeout=SLOW_MS)
        await expect(self.page.locator("#preview-items li")).to_have_count(len(files))

    async def send(self, caption: str = "") -> None:
        """Send what lies in the sheet."""
        await self.page.fill("#preview-caption", caption)
        await self.page.click("#preview-send")
        await expect(self.page.locator("#preview")).to_be_hidden()

    async def say(self, text: str) -> None:
        """Write a message."""
        await self.page.fill("#field", text)
        await self.page.click("#send")

    async def show(self, *files: Path, caption: str = "") -> Locator:
        """Drop photos, send them, and wait for the panel that the bot answers with.

        Returns:
            The panel's bubble with its keyboard.
        """
        before = await self.panels.count()
        await self.drop(*files)
        await self.send(caption)
        panel = self.panels.nth(before)
        await expect(panel).to_be_visible(timeout=SLOW_MS)
        return panel

    @property
    def panels(self) -> Locator:
        """The bot's messages that have a keyboard."""
        return self.page.locator("#log article.theirs.with-keyboard")

    async def finish(self, panel: Locator) -> Locator:
        """Tap Done and wait for the caption.

        Returns:
            The message with the caption block.
        """
        await key(panel, "Done").click()
        caption = self.page.locator("#log article.theirs:has(.pre)").last
        await expect(caption).to_be_visible(timeout=SLOW_MS)
        return caption

    async def clipboard(self) -> str:
        """What lies on the clipboard."""
        return str(await self.page.evaluate("navigator.clipboard.readText()"))


_DROP = """async ([files, kind]) => {
  const carried = new DataTransfer();
  for (const { name, type, data } of files) {
    const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
    carried.items.add(new File([bytes], name, { type }));
  }
  if (kind === "paste") {
    dispatchEvent(new ClipboardEvent("paste", { clipboardData: carried, cancelable: true }));
    return;
  }
  for (const type of ["dragenter", "dragover", "drop"]) {
    const event = new DragEvent(type, { dataTransfer: carried, bubbles: true, cancelable: true });
    document.body.dispatchEvent(event);
  }
}"""


def _mime(file: Path) -> str:
    kinds = {
        ".jpg": "image/jpeg",
        ".png": "image/png",
        ".webp": "image/webp",
        ".heic": "image/heic",
    }
    return kinds.get(file.suffix, "")


def key(panel: Locator, text: str) -> Locator:
    """A button of a keyboard: a hashtag by its whole label, a control by a word of it."""
    if "#" not in text:
        return panel.locator(".key", has_text=text)
    return panel.locator(".key", has_text=re.compile(rf"^{re.escape(text)}$"))


async def labels(panel: Locator) -> list[str]:
    """All labels of a keyboard, in order."""
    return [text.strip() for text in await panel.locator(".key").all_inner_texts()]


async def suggested(panel: Locator) -> list[str]:
    """The hashtags that can be tapped."""
    return [text for text in await labels(panel) if re.fullmatch(r"#\S+", text)]


async def chosen(panel: Locator) -> list[str]:
    """The hashtags that were tapped."""
    return [text[2:] for text in await labels(panel) if text.startswith("✓ #")]


@pytest.fixture(scope="module")
def running(talking: RunningBot) -> RunningBot:
    """The bot that everybody chats with: each tab is a chat of its own anyway."""
    return talking


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chromium() -> AsyncIterator[Browser]:
    """One browser for all tests of a module."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="module")
async def desk(chromium: Browser) -> AsyncIterator[BrowserContext]:
    """A browser window of a desktop, allowed to use the clipboard."""
    context = await chromium.new_context(
        viewport={"width": 1280, "height": 800}, permissions=["clipboard-read", "clipboard-write"]
    )
    yield context
    await context.close()


@pytest_asyncio.fixture(loop_scope="module")
async def tab(desk: BrowserContext, running: RunningBot) -> AsyncIterator[Tab]:
    """A tab with a new chat; a console error or a request to elsewhere fails the test."""
    opened = Tab(await desk.new_page(), running.url)
    await opened.open()
    yield opened
    assert opened.complaints == []
