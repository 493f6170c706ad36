"""The chat page in a real browser, in front of the real bot."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest
from page_fixtures import (
    PHOTOS,
    ROOT,
    SLOW_MS,
    RunningBot,
    Tab,
    chosen,
    chromium,
    desk,
    key,
    labels,
    needs_chromium,
    running,
    suggested,
    tab,
)
from PIL import Image
from pillow_heif import from_pillow
from playwright.async_api import Browser, BrowserContext, Route, expect

__all__ = ["chromium", "desk", "running", "tab"]
pytestmark = [needs_chromium, pytest.mark.asyncio(loop_scope="module")]

PAGE = ROOT / "bot" / "playground" / "page"
PHOTO = PHOTOS / "coffee.jpg"
OTHER = PHOTOS / "cat.png"


async def test_a_dropped_photo_becomes_a_caption_that_copies_with_one_tap(tab: Tab) -> None:
    panel = await tab.show(PHOTO)
    first = await suggested(panel)
    assert len(first) == len(set(first)) == 10

    await key(panel, first[0]).click()
    await expect(key(panel, f"✓ {first[0]}")).to_be_visible()
    second = await suggested(panel)
    assert len(second) == 10
    assert first[0] not in second

    await key(panel, second[3]).click()
    await expect(key(panel, f"✓ {second[3]}")).to_be_visible()
    assert await chosen(panel) == [first[0], second[3]]

    caption = await tab.finish(panel)
    await caption.locator("pre").click()
    await expect(caption.locator(".pre-copy")).to_have_text("Copied")
    assert (await tab.clipboard()).split() == [first[0], second[3]]


async def test_the_panel_quotes_the_photo_and_suggests_in_two_columns(tab: Tab) -> None:
    panel = await tab.show(PHOTO)
    thumbnail = panel.locator(".quote img")
    await expect(thumbnail).to_be_visible()
    assert await thumbnail.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    rows = [await row.locator(".key").count() for row in await panel.locator(".keys").all()]
    assert rows[:5] == [2, 2, 2, 2, 2]
    controls = " ".join((await labels(panel))[10:])
    assert all(word in controls for word in ("More", "Undo", "Done"))


async def test_the_copy_button_copies_even_where_the_browser_has_no_clipboard_api(
    desk: BrowserContext, running: RunningBot
) -> None:
    tab = Tab(await desk.new_page(), running.url)
    await tab.page.add_init_script("delete Navigator.prototype.clipboard")
    await tab.open()
    panel = await tab.show(PHOTO)
    tag = (await suggested(panel))[0]
    await key(panel, tag).click()
    await expect(key(panel, f"✓ {tag}")).to_be_visible()
    caption = await tab.finish(panel)

    await key(caption, "Copy").click()
    await expect(tab.page.locator(".toast")).to_contain_text("Copied")
    await tab.page.focus("#field")
    await tab.page.keyboard.press("Control+v")
    assert await tab.page.input_value("#field") == tag
    assert tab.complaints == []


async def test_two_tabs_are_two_chats(tab: Tab, desk: BrowserContext, running: RunningBot) -> None:
    await tab.show(PHOTO)
    other = Tab(await desk.new_page(), running.url)
    await other.open()
    await expect(other.page.locator("#empty")).to_be_visible()
    assert await other.stored_chat() != await tab.stored_chat()

    panel = await other.show(OTHER)
    await expect(other.panels).to_have_count(1)
    await expect(tab.panels).to_have_count(1)
    mine, theirs = await suggested(panel), await suggested(tab.panels.last)
    assert mine != theirs
    assert other.complaints == []


async def test_a_tab_that_the_browser_copied_gets_a_chat_of_its_own(tab: Tab) -> None:
    await tab.say("/start")
    await expect(tab.page.locator("#log article.theirs")).not_to_have_count(0, timeout=SLOW_MS)
    async with tab.page.context.expect_page() as opened:
        await tab.page.evaluate("window.open(location.href)")  # takes sessionStorage along
    copied = Tab(await opened.value, tab.url)
    await copied.connected()
    await expect(copied.page.locator("#empty")).to_be_visible()
    assert await copied.stored_chat() != await tab.stored_chat()
    assert copied.complaints == []


async def test_a_tab_turns_to_another_chat_and_back_and_begins_a_new_one(
    tab: Tab, desk: BrowserContext
) -> None:
    page, rows = tab.page, tab.page.locator("#chats-list button")
    first = await tab.stored_chat()
    panel = await tab.show(PHOTO)
    tag = (await suggested(panel))[0]
    await key(panel, tag).click()
    await expect(key(panel, f"✓ {tag}")).to_be_visible()

    other = Tab(await desk.new_page(), tab.url)
    await other.open()
    await other.say("/help")
    await expect(other.page.locator("#log article.theirs")).to_have_count(1, timeout=SLOW_MS)
    await page.bring_to_front()
    await page.focus("#chats-open")
    await page.keyboard.press("Enter")
    await expect(rows).to_have_count(2)
    await expect(rows.filter(has_text="this chat")).to_contain_text(tag)
    await expect(rows.filter(has_text="another tab")).to_be_disabled()

    await page.click("#chats-new")
    await expect(page.locator("#empty")).to_be_visible(timeout=SLOW_MS)
    assert await tab.stored_chat() not in (first, await other.stored_chat())
    await page.click("#chats-open")
    await expect(rows.filter(has_text="another tab")).to_have_count(1)
    await other.page.close()
    await expect(rows.filter(has_text="another tab")).to_have_count(0)  # it is told by itself
    await rows.filter(has_text=tag).click()
    await expect(key(tab.panels.first, f"✓ {tag}")).to_be_visible(timeout=SLOW_MS)
    assert await tab.stored_chat() == first
    assert other.complaints == []


async def test_a_reload_keeps_the_chat_and_its_open_photo(tab: Tab) -> None:
    panel = await tab.show(PHOTO)
    tag = (await suggested(panel))[0]
    await key(panel, tag).click()
    await expect(key(panel, f"✓ {tag}")).to_be_visible()
    before = await labels(panel)

    await tab.page.reload()
    await tab.connected()
    assert await labels(tab.panels.last) == before
    following = (await suggested(tab.panels.last))[0]
    await key(tab.panels.last, following).click()
    await expect(key(tab.panels.last, f"✓ {following}")).to_be_visible()


async def test_two_fast_taps_both_count(tab: Tab) -> None:
    panel = await tab.show(PHOTO)
    one, two, *_ = await suggested(panel)
    await panel.evaluate(
        """(panel, labels) => {
          const keys = [...panel.querySelectorAll(".key")];
          for (const label of labels) keys.find((k) => k.innerText === label).click();
        }""",
        [one, two],
    )
    await expect(key(panel, f"✓ {one}")).to_be_visible()
    await expect(key(panel, f"✓ {two}")).to_be_visible()
    assert sorted(await chosen(panel)) == sorted([one, two])


async def test_a_press_means_what_the_person_saw_when_pressing(tab: Tab) -> None:
    panel = await tab.show(PHOTO)
    first, *_, last = await suggested(panel)
    box = await key(panel, last).bounding_box()
    await tab.page.mouse.move(box["x"] + 20, box["y"] + 20)
    await tab.page.mouse.down()
    await key(panel, first).evaluate("key => key.click()")
    await expect(key(panel, f"✓ {first}")).to_be_visible()
    await tab.page.mouse.up()
    await expect(key(panel, f"✓ {last}")).to_be_visible()
    assert await chosen(panel) == [first, last]


async def test_an_edit_leaves_what_one_reads_where_it_is(tab: Tab) -> None:
    panel = await tab.show(PHOTO)
    for n in range(8):
        await tab.say(f"A line to read, number {n}")
    await expect(tab.page.locator("#log article.own")).to_have_count(9, timeout=SLOW_MS)
    await expect(panel).to_contain_text("number 7", timeout=SLOW_MS)  # what is written is a caption
    await tab.page.wait_for_function(
        "scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 1"
    )
    tag = (await suggested(panel))[0]
    await key(panel, tag).scroll_into_view_if_needed()
    before = [await key(panel, word).bounding_box() for word in ("More", "Done")]
    await key(panel, tag).click()
    await expect(key(panel, f"✓ {tag}")).to_be_visible()
    after = [await key(panel, word).bounding_box() for word in ("More", "Done")]
    assert [round(box["y"]) for box in after] == [round(box["y"]) for box in before]


async def test_everything_can_be_done_with_the_keyboard_alone(tab: Tab) -> None:
    page, panel = tab.page, tab.panels.first
    async with page.expect_file_chooser() as chooser:
        for _ in range(20):
            await page.keyboard.press("Tab")
            if await page.evaluate("document.activeElement.id") == "attach":
                break
        await page.keyboard.press("Enter")
    await (await chooser.value).set_files(PHOTO)
    await expect(page.locator("#preview-caption")).to_be_focused()
    await page.keyboard.type("Good morning")
    await page.keyboard.press("Enter")
    await expect(panel).to_be_visible(timeout=SLOW_MS)
    await expect(page.locator("#log article.own .text")).to_have_text("Good morning")
    await page.focus("#scroller")
    for _ in range(60):
        await page.keyboard.press("Tab")
        focused = await page.evaluate("document.activeElement.innerText")
        if focused in await suggested(panel):
            break
    outline = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    await page.keyboard.press("Enter")
    await expect(key(panel, f"✓ {focused}")).to_be_visible()
    still = await page.evaluate("document.activeElement.innerText")
    assert still in await suggested(panel)
    await page.keyboard.press("Enter")
    await expect(key(panel, f"✓ {still}")).to_be_visible()


async def test_a_screen_reader_hears_of_new_messages_and_of_taps(tab: Tab) -> None:
    panel = await tab.show(PHOTO)
    said = tab.page.locator("#announcer")
    await expect(said).to_have_attribute("aria-live", "polite")
    tag = (await suggested(panel))[0]
    await key(panel, tag).click()
    await expect(said).to_contain_text(tag)


async def test_undo_with_nothing_to_undo_is_answered_without_a_message(tab: Tab) -> None:
    panel = await tab.show(PHOTO)
    await key(panel, "Undo").click()
    await expect(tab.page.locator(".toast, #alert[open] p")).to_be_visible()
    await expect(tab.page.locator("#log article.theirs")).to_have_count(1)
    await expect(panel.locator(".key.working")).to_have_count(0)


async def test_a_pasted_picture_opens_the_sheet_with_its_preview(tab: Tab) -> None:
    await tab.page.focus("#field")
    await tab.drop(PHOTO, kind="paste")
    await expect(tab.page.locator("#preview-title")).to_have_text("Send 1 photo")
    await expect(tab.page.locator("#preview-items img")).to_be_visible()
    await tab.page.keyboard.press("Escape")
    await expect(tab.page.locator("#preview")).to_be_hidden()
    await expect(tab.page.locator("#log article")).to_have_count(0)


async def test_several_photos_go_as_one_album(tab: Tab) -> None:
    await tab.drop(PHOTO, OTHER)
    await expect(tab.page.locator("#preview-title")).to_have_text("Send 2 photos")
    await tab.send("Two of a kind")
    album = tab.page.locator("#log article.own")
    await expect(album).to_have_count(1, timeout=SLOW_MS)
    await expect(album.locator(".mosaic .photo")).to_have_count(2)
    await expect(album.locator(".text")).to_have_text("Two of a kind")


async def test_a_picture_that_the_browser_cannot_show_goes_as_a_file_and_works(
    tab: Tab, tmp_path: Path
) -> None:
    heic = tmp_path / "IMG_0001.heic"
    with Image.open(PHOTO) as picture:
        from_pillow(picture).save(heic)
    panel = await tab.show(heic)
    await expect(tab.page.locator("#log article.own .file")).to_contain_text("IMG_0001.heic")
    assert len(await suggested(panel)) == 10


async def test_a_text_that_pretends_to_be_a_photo_goes_as_a_file_and_is_answered(
    tab: Tab, tmp_path: Path
) -> None:
    fake = tmp_path / "holiday.jpg"
    fake.write_text("this is no picture")
    await tab.drop(fake)
    await expect(tab.page.locator("#preview-note")).to_contain_text("as a file")
    await tab.send()
    await expect(tab.page.locator("#log article.own .file")).to_be_visible()
    await expect(tab.page.locator("#log article.theirs")).to_have_count(1, timeout=SLOW_MS)


async def test_what_people_write_is_never_markup(tab: Tab) -> None:
    nasty = '<img src=x onerror=alert(1)> <b>bold</b> & "quotes" #ourdog'
    panel = await tab.show(PHOTO, caption=nasty)
    mine = tab.page.locator("#log article.own .text")
    await expect(mine).to_have_text(nasty)
    await expect(mine.locator("img, b")).to_have_count(0)
    await expect(panel.locator(".text img")).to_have_count(0)
    assert "#ourdog" in await chosen(panel)


async def test_a_caption_beyond_the_limit_cannot_be_sent_and_says_why(tab: Tab) -> None:
    await tab.drop(PHOTO)
    await tab.page.fill("#preview-caption", "x" * 1030)
    await expect(tab.page.locator("#preview-send")).to_be_disabled()
    await expect(tab.page.locator("#preview-note")).to_have_text(
        "The caption is 6 characters too long."
    )


async def test_a_slash_offers_the_commands_of_the_bot(tab: Tab) -> None:
    await tab.page.focus("#field")
    await tab.page.keyboard.type("/st")
    menu = tab.page.locator("#commands [role=option]")
    await expect(menu).to_have_count(1)
    await tab.page.keyboard.press("ArrowDown")
    await tab.page.keyboard.press("Enter")
    await expect(tab.page.locator("#log article.own .text")).to_have_text("/start")
    await expect(tab.page.locator("#log article.theirs")).not_to_have_count(0, timeout=SLOW_MS)


async def test_a_slash_that_is_quicker_than_the_commands_offers_them_when_they_come(
    chromium: Browser, running: RunningBot
) -> None:
    tab = Tab(await chromium.new_page(), running.url)
    come = asyncio.Event()

    async def late(route: Route) -> None:
        await come.wait()
        await route.continue_()

    await tab.page.route("**/bot?*", late)
    await tab.open()
    await tab.page.focus("#field")
    await tab.page.keyboard.type("/st")
    menu = tab.page.locator("#commands [role=option]")
    await expect(menu).to_have_count(0)
    come.set()
    await expect(menu).to_have_count(1)
    await tab.page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_phone_shows_everything_without_scrolling_sideways(
    chromium: Browser, running: RunningBot, scheme: str
) -> None:
    context = await chromium.new_context(
        viewport={"width": 360, "height": 740}, has_touch=True, color_scheme=scheme
    )
    tab = Tab(await context.new_page(), running.url)
    await tab.open()
    panel = await tab.show(PHOTO, caption="A word " + "without_an_end_" * 12)
    tag = (await suggested(panel))[0]
    await key(panel, tag).tap()
    await expect(key(panel, f"✓ {tag}")).to_be_visible()
    boxes = "keys => keys.map((key) => key.getBoundingClientRect().toJSON())"
    for box in await panel.locator(".key").evaluate_all(boxes):
        assert box["height"] >= 40
        assert box["left"] >= 0
        assert box["right"] <= 360
    await tab.finish(panel)
    wide = "document.documentElement.scrollWidth > 360 || scroller.scrollWidth > 360"
    assert not await tab.page.evaluate(wide)
    assert tab.complaints == []
    await context.close()


async def test_the_page_says_when_the_server_is_gone_and_goes_on_when_it_is_back(
    desk: BrowserContext, running: RunningBot
) -> None:
    tab = Tab(await desk.new_page(), running.url)
    await tab.open()
    panel = await tab.show(PHOTO)
    one = (await suggested(panel))[0]
    await key(panel, one).click()
    await expect(key(panel, f"✓ {one}")).to_be_visible()

    waiting = tab.page.locator("#log article:has(.failed)")
    running.stop()
    try:
        await expect(tab.page.locator("#offline")).to_be_visible(timeout=SLOW_MS)
        await tab.say("#ourdog")
        await expect(waiting).to_contain_text("It goes when the connection is back.")
        await tab.drop(OTHER)
        await tab.send()
        await tab.say("#never")
        await tab.say("#ourcat")
        await expect(waiting).to_have_count(4)
        await waiting.nth(2).get_by_text("Discard").click()
        await waiting.nth(2).get_by_text("Try again").click()
        await expect(waiting).to_have_count(3)
    finally:
        running.start()  # others talk to it, too

    await tab.connected()
    await expect(tab.page.locator("#offline")).to_be_hidden()
    await expect(tab.panels).to_have_count(2, timeout=SLOW_MS)
    cat = tab.panels.last
    await expect(key(cat, "✓ #ourcat")).to_be_visible(timeout=SLOW_MS)  # they went in their order
    assert await chosen(cat) == ["#ourcat"]
    assert await chosen(panel) == [one, "#ourdog"]
    await expect(tab.page.locator(".failed")).to_have_count(0)


async def test_a_message_that_the_network_swallowed_goes_with_a_tap_on_try_again(
    desk: BrowserContext, running: RunningBot
) -> None:
    tab = Tab(await desk.new_page(), running.url)
    await tab.open()
    await tab.page.route("**/messages", lambda route: route.abort())
    await tab.say("/start")
    failed = tab.page.locator("#log article:has(.failed)")
    await expect(failed).to_contain_text("Not sent")
    await tab.page.unroute("**/messages")
    await failed.get_by_text("Try again").click()
    await expect(tab.page.locator("#log article.theirs")).to_have_count(1, timeout=SLOW_MS)
    await expect(tab.page.locator("#log article.own .text")).to_have_text("/start")
    await expect(tab.page.locator(".failed")).to_have_count(0)


async def test_a_refused_photo_stays_where_it_was_sent_and_goes_as_a_file(
    desk: BrowserContext, running: RunningBot, tmp_path: Path
) -> None:
    narrow = tmp_path / "coast.png"
    with Image.open(PHOTO) as picture:
        picture.resize((2100, 100)).save(narrow)
    tab = Tab(await desk.new_page(), running.url)
    await tab.open()
    await tab.drop(narrow)
    await tab.send("#ourcoast")
    refused = tab.page.locator("#log article:has(.failed)")
    await expect(refused).to_contain_text("too long and narrow", timeout=SLOW_MS)
    await expect(refused.locator(".failed button")).to_have_text(["Send as a file", "Discard"])

    panel = await tab.show(PHOTO)
    await expect(key(panel, "Done")).to_be_in_viewport()
    messages = tab.page.locator("#log article")
    await expect(messages).to_have_count(3)
    await expect(messages.first.locator(".failed")).to_have_count(1)

    await refused.get_by_text("Send as a file").click()
    await expect(refused).to_have_count(0)
    await expect(messages.nth(2).locator(".file")).to_contain_text("coast.png", timeout=SLOW_MS)
    await expect(key(tab.panels.last, "✓ #ourcoast")).to_be_visible(timeout=SLOW_MS)


def _luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    digits = "".join(c * 2 for c in digits) if len(digits) == 3 else digits
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, two: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(two)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
async def test_all_text_stands_out_from_its_ground(scheme: int) -> None:
    blocks = re.findall(r":root \{(.*?)\}", (PAGE / "theme.css").read_text(), re.DOTALL)
    colours = {
        name: re.findall(r"#[0-9a-f]{3,6}\b", value)
        for name, value in re.findall(r"--([\w-]+): ([^;]+);", blocks[scheme])
    }
    pairs = """ink surface, ink surface-2, ink canvas, muted surface, muted surface-2, muted canvas,
        accent surface, accent surface-2, accent tint, on-accent accent, on-accent accent-strong,
        own-ink own, own-muted own, key-ink key-hover, key-ink tint, good-ink good, bad-ink bad,
        bad-ink canvas, warn-ink warn"""
    for pair in pairs.split(","):
        text, ground = pair.split()
        for colour in colours[ground]:
            assert _contrast(colours[text][0], colour) >= 4.5, pair


async def test_the_page_is_whole_and_asks_for_nothing_from_elsewhere() -> None:
    for source in [*PAGE.glob("*.js"), *PAGE.glob("*.css"), *PAGE.glob("*.html")]:
        text = source.read_text()
        assert not re.search(
            r"""(?:src|href|url\(|import|from)\s*=?\s*["'(]*(?:https?:)?//""", text
        )
        for name in re.findall(
            r"""(?:from |href=|src=)"(?:\./)?([\w.-]+\.(?:js|css|svg))\"""", text
        ):
            assert (PAGE / name).is_file(), f"{source.name} wants {name}"
        assert "innerHTML" not in text
