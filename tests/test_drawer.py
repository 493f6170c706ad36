"""What goes over the wire, as developers see it: as a stream, and in the drawer of the page."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from bot_fixtures import PATIENCE_S, Json, Person, fault, newcomer
from page_fixtures import PHOTOS, RunningBot, Tab, chromium, desk, key, needs_chromium, running, tab
from playwright.async_api import Browser, BrowserContext, Locator, expect

from bot.playground.journal import KEPT_CHATS, KEPT_LINES, Journal
from bot.settings import PLAYGROUND_TOKEN

__all__ = ["chromium", "desk", "running", "tab"]


async def wired(person: Person, true: Callable[[list[Json]], Any]) -> list[Json]:
    """The lines of a chat, once they are as expected."""
    lines: list[Json] = []
    async with asyncio.timeout(PATIENCE_S):
        async with person.http.stream("GET", f"{person.path}/wire?after=0") as stream:
            async for line in stream.aiter_lines():
                if line.startswith("data: "):
                    lines.append(json.loads(line[6:]))
                if true(lines):
                    return lines
    raise AssertionError(f"the stream ended after {lines}")


def named(lines: list[Json], *names: str) -> list[Json]:
    """The lines of some methods or kinds of updates."""
    return [line for line in lines if line["name"] in names]


async def test_the_wire_of_a_chat_shows_its_calls_and_updates_and_no_secret(
    ann: Person, http: httpx.AsyncClient
) -> None:
    ben = await newcomer(http, language_code="en")
    await ben.hears(await ben.says("/start"))
    panel = await ann.shows(caption="For my eyes alone")
    await fault(http, "answerCallbackQuery", error_code=400, description="query is too old")
    await ann.taps(panel, panel.offered[0])
    lines = await wired(
        ann,
        lambda so_far: named(so_far, "editMessageText") and named(so_far, "answerCallbackQuery"),
    )

    photo, tapped = (line for line in lines if line["kind"] == "update")
    assert photo["name"] == "message" and photo["body"]["caption"] == "For my eyes alone"
    assert tapped["name"] == "callback_query"
    sent = {line["name"]: line for line in lines if line["kind"] == "call"}
    wanted = {"sendChatAction", "getFile", "sendMessage", "answerCallbackQuery", "editMessageText"}
    assert wanted <= sent.keys()
    assert sent["getFile"]["body"]["file_id"] == photo["body"]["photo"][-1]["file_id"]
    assert sent["sendMessage"]["result"]["message_id"] == panel.id
    assert sent["sendMessage"]["ok"] and sent["sendMessage"]["took"] >= 0
    assert sent["answerCallbackQuery"]["error"] == "400 Bad Request: query is too old"
    assert not sent["answerCallbackQuery"]["ok"]
    assert [line["id"] for line in lines] == sorted({line["id"] for line in lines})

    assert PLAYGROUND_TOKEN not in json.dumps(lines)
    theirs = await wired(ben, lambda so_far: named(so_far, "sendMessage"))
    assert "For my eyes alone" not in json.dumps(theirs) and str(ann.chat) not in json.dumps(theirs)


async def test_the_wire_forgets_with_the_chat(ann: Person) -> None:
    await ann.hears(await ann.says("A word to forget"))
    question = await ann.hears(await ann.says("/forget"))
    await ann.taps(question, "Delete")
    seen = await wired(ann, lambda so_far: any(line["kind"] == "forgotten" for line in so_far))
    assert "A word to forget" in json.dumps(seen)  # an open drawer had it, and is told to drop it
    (oldest,) = await wired(ann, lambda so_far: so_far)
    assert oldest["kind"] == "forgotten"


def test_the_journal_is_bounded_in_lines_chats_length_and_age() -> None:
    now = time.time()
    journal = Journal(lambda: now)
    for number in range(KEPT_LINES + 5):
        journal.update(1, {"update_id": number, "message": {"text": "x" * 4000}})
    lines = journal.after(1, 0)
    assert len(lines) == KEPT_LINES
    assert json.loads(lines[-1].text)["update_id"] == KEPT_LINES + 4
    deep: Any = {"buttons": [[{"text": "y" * 200, "data": str(n)}] for n in range(100)]}
    journal.update(2, {"update_id": 1, "message": deep | {f"field{n}": deep for n in range(100)}})
    journal.update(2, {"update_id": 2, "message": {"text": "half a pair: \ud83d"}})
    assert all(len(line.text) < 8000 for line in [*lines, *journal.after(2, 0)])
    assert [line.number for line in journal.after(2, lines[-1].number)] == [
        lines[-1].number + 1,
        lines[-1].number + 2,
    ]
    for chat in range(10, 10 + KEPT_CHATS):
        journal.update(chat, {"update_id": 1, "message": {"text": "hello"}})
    assert journal.after(1, 0) == journal.after(2, 0) == []
    journal.sweep(now + 1)
    assert journal.after(10 + KEPT_CHATS - 1, 0) == []


# --- on the page ------------------------------------------------------------------------------


def line(tab: Tab, name: str) -> Locator:
    """The lines of a method or a kind of update."""
    return tab.page.locator(".wire-line").filter(
        has=tab.page.locator("strong").get_by_text(name, exact=True)
    )


@needs_chromium
@pytest.mark.asyncio(loop_scope="module")
async def test_the_drawer_opens_by_keyboard_and_follows_the_chat(
    tab: Tab, desk: BrowserContext
) -> None:
    page = tab.page
    panel = await tab.show(PHOTOS / "coffee.jpg")
    await page.focus("#wire-open")
    await page.keyboard.press("Enter")
    drawer = page.get_by_role("complementary", name="Over the wire")
    await expect(drawer).to_be_focused()
    await expect(line(tab, "sendMessage")).to_have_count(1)
    await expect(line(tab, "message")).to_contain_text("update")

    tag = panel.locator(".key", has_text="#").first
    label = await tag.inner_text()
    await tag.click()  # the chat stays usable beside it
    await expect(key(panel, f"✓ {label}")).to_be_visible()
    edit = line(tab, "editMessageText")
    await expect(edit).to_contain_text("ok")
    await expect(page.locator(".wire-line").last).to_be_in_viewport()
    await edit.locator("summary").focus()
    await page.keyboard.press("Enter")
    await expect(edit.locator("pre").first).to_contain_text('"text"')
    await expect(edit.locator("pre").last).to_contain_text('"message_id"')
    assert PLAYGROUND_TOKEN not in await drawer.inner_html()

    await page.fill("#wire-filter", "CALLBACKQUERY")
    await expect(page.locator(".wire-line:visible")).to_have_count(1)
    await expect(page.locator("#wire-count")).to_contain_text("1 of")
    await page.focus("#wire-close")
    await page.keyboard.press("Escape")
    await expect(drawer).to_be_hidden()
    await expect(page.locator("#wire-open")).to_be_focused()

    other = Tab(await desk.new_page(), tab.url)
    await other.open()
    await other.page.click("#wire-open")
    await other.say("hello")
    await expect(line(other, "message")).to_have_count(1)
    await expect(line(other, "editMessageText")).to_have_count(0)
    assert other.complaints == []


@needs_chromium
@pytest.mark.asyncio(loop_scope="module")
async def test_on_a_phone_the_drawer_covers_the_chat_and_fits(
    chromium: Browser, running: RunningBot
) -> None:
    context = await chromium.new_context(viewport={"width": 360, "height": 740}, has_touch=True)
    tab = Tab(await context.new_page(), running.url)
    await tab.open()
    await tab.show(PHOTOS / "coffee.jpg", caption="A word " + "without_an_end_" * 12)
    await tab.page.tap("#wire-open")
    await line(tab, "sendMessage").locator("summary").tap()
    await expect(line(tab, "sendMessage").locator("pre").first).to_be_visible()
    ends = "elements => elements.map((one) => one.getBoundingClientRect().right)"
    assert max(await tab.page.locator("#wire, #wire *").evaluate_all(ends)) <= 360
    assert await tab.page.locator("#field").evaluate("field => field.closest('[inert]') !== null")
    await tab.page.tap("#wire-close")
    await tab.page.tap("#field")
    await expect(tab.page.locator("#field")).to_be_focused()
    assert tab.complaints == []
    await context.close()
