"""What axe-core says of the chat page, in the colours and at the widths in which people see it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from page_fixtures import PHOTOS, SLOW_MS, Tab, chromium, desk, key, needs_chromium, running, tab
from playwright.async_api import Locator, Page, expect

__all__ = ["chromium", "desk", "running", "tab"]
pytestmark = [needs_chromium, pytest.mark.asyncio(loop_scope="module")]

SIZES = {"phone": (360, 740), "desktop": (1280, 800)}
GRAVE = {"serious", "critical"}
AT_REST = """async () => {
  for (let n = 0; n < 2; n += 1) await new Promise(requestAnimationFrame);
  await Promise.allSettled(document.getAnimations().map((one) => one.finished));
}"""


async def complaints(page: Page, scene: str, toast: Locator | None = None) -> list[str]:
    """What axe finds that is grave, in light and dark, at the width of a phone and a desktop."""
    found = []
    for scheme in ("light", "dark"):
        for size, (width, height) in SIZES.items():
            await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            await page.set_viewport_size({"width": width, "height": height})
            if toast is not None:  # what a press on it says passes by
                await toast.click()
                await expect(page.locator(".toast").first).to_be_visible()
            await page.evaluate(AT_REST)
            report: dict[str, Any] = (await Axe().run(page)).response
            assert report["passes"], "axe looked at nothing"
            for rule in report["violations"]:
                if rule["impact"] in GRAVE:
                    places = ", ".join(str(node["target"]) for node in rule["nodes"])
                    found.append(f"{scene}, {scheme}, {size}: {rule['id']} at {places}")
    return found


async def test_axe_finds_nothing_serious(tab: Tab) -> None:
    page = tab.page
    await page.fill("#field", "/")
    await expect(page.locator("#commands")).to_be_visible()
    found = await complaints(page, "an empty chat with the commands")
    await page.fill("#field", "")

    await tab.drop(PHOTOS / "coffee.jpg")
    found += await complaints(page, "the sheet before sending")
    await tab.send("Good morning #ourcup")
    panel = tab.panels.first
    await expect(panel).to_be_visible(timeout=SLOW_MS)
    await key(panel, "Why").click()
    await panel.locator(".key", has_text="💡 #").nth(1).click()
    picture = page.locator("#log article.theirs .photo img")
    await expect(picture).to_be_visible(timeout=SLOW_MS)
    await expect(panel.locator(".key", has_text=re.compile("^#"))).to_have_count(10)
    await tab.say("/settings")
    await expect(tab.panels.filter(has_text="settings")).to_be_visible(timeout=SLOW_MS)
    found += await complaints(page, "a keyboard, a heat map and the settings")

    await page.click("#wire-open")
    await page.locator(".wire-line summary").first.click()
    found += await complaints(page, "the drawer")
    await page.keyboard.press("Escape")

    await page.click("#chats-open")
    await expect(page.locator("#chats-list button")).not_to_have_count(0)
    found += await complaints(page, "the chats")
    await page.keyboard.press("Escape")

    await picture.click()
    await expect(page.locator("#viewer")).to_be_visible()
    found += await complaints(page, "the large photo")
    await page.keyboard.press("Escape")

    caption = await tab.finish(panel)
    found += await complaints(page, "a copied caption", key(caption, "Copy"))
    assert found == []
