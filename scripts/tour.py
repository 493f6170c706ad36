"""Makes the pictures of docs/TOUR.md: the chat page on phones and on a desktop, taken from a real
run of ``python -m bot`` with free photos from tests/photos.

Usage: python scripts/tour.py [--out FOLDER] [--only NAME ...]
"""

from __future__ import annotations

import argparse
import re
import shutil
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Locator, Page, sync_playwright
from screenshot import FLAGS, ROOT, SCALE, chat, running_bot, shot

PHOTOS = ROOT / "tests" / "photos"
PHONE, DESKTOP = {"width": 390, "height": 900}, {"width": 1180, "height": 800}
SLOW_MS = 60_000


def key(place: Locator, text: str) -> Locator:
    """A button by a word of its label."""
    return place.locator(".key", has_text=text).first


def latest(page: Page, words: str = "") -> Locator:
    """The bot's last message with a keyboard, and with some words in it."""
    found = page.locator("#log article.theirs.with-keyboard", has_text=words).last
    found.wait_for(timeout=SLOW_MS)
    return found


def say(page: Page, text: str) -> None:
    """Write a message."""
    page.fill("#field", text)
    page.click("#send")


def finish(page: Page, panel: Locator) -> None:
    """Tap Done and wait for the caption."""
    before = page.locator("#log .pre").count()
    key(panel, "Done").click()
    page.locator("#log .pre").nth(before).wait_for(timeout=SLOW_MS)


def send(page: Page, *names: str) -> Locator:
    """Send photos together; returns the panel that answers them."""
    before = page.locator("#log article.theirs.with-keyboard").count()
    page.set_input_files("#picker", [PHOTOS / name for name in names])
    page.locator("#preview-items img").nth(len(names) - 1).wait_for()
    page.click("#preview-send")
    panel = page.locator("#log article.theirs.with-keyboard").nth(before)
    panel.wait_for(timeout=SLOW_MS)
    return panel


def pick(panel: Locator, count: int) -> None:
    """Tap the first suggestion so many times."""
    for _ in range(count):
        plain = panel.locator(".key").filter(has_text=re.compile(r"^#"))
        label = plain.first.inner_text()
        plain.first.click()
        key(panel, f"✓ {label}").wait_for()


def tags(page: Page, url: str) -> None:
    """Three tags are tapped, the suggestions follow."""
    chat(page, url, PHOTOS / "flower.jpg", 3)


def why(page: Page, url: str) -> None:
    """Where in the photo a tag comes from."""
    panel = chat(page, url, PHOTOS / "cat.png", 2)
    key(panel, "Why").click()
    key(panel, "💡 #").wait_for()
    panel.locator(".key", has_text="💡 #").nth(1).click()
    picture = page.locator("#log article.theirs .photo img")
    picture.wait_for(timeout=SLOW_MS)
    picture.evaluate("image => image.decode()")


def settings(page: Page, url: str) -> None:
    """The one menu."""
    page.goto(url)
    page.locator("#status", has_text="bot").wait_for()
    say(page, "/settings")
    latest(page, "settings")


def history(page: Page, url: str) -> None:
    """Past captions, photo by photo."""
    panel = chat(page, url, PHOTOS / "temple.jpg", ("#temple", "#architecture", "#sky"))
    finish(page, panel)
    say(page, "/history")
    picture = page.locator("#log article.theirs.with-keyboard .photo img")
    picture.wait_for(timeout=SLOW_MS)
    picture.evaluate("image => image.decode()")


def sets(page: Page, url: str) -> None:
    """Saved hashtags."""
    panel = chat(page, url, PHOTOS / "coffee.jpg", 3)
    for name in ("Coffee", "Slow mornings"):
        say(page, "/sets")
        key(latest(page), "Save").click()
        page.locator("#context").wait_for(timeout=SLOW_MS)
        say(page, name)
        page.locator("#log article", has_text=f"Saved as “{name}”").wait_for(timeout=SLOW_MS)
        pick(panel, 1)
    say(page, "/sets")
    latest(page, "saved hashtag sets")


def album(page: Page, url: str) -> None:
    """One caption for several photos."""
    page.goto(url)
    page.locator("#empty").wait_for()
    pick(send(page, "dress.jpg", "shoes.jpg", "hat.jpg"), 2)


def chats(page: Page, url: str) -> None:
    """The chats of this browser."""
    for photo in ("cat.png", "hat.jpg"):
        chat(page, url, PHOTOS / photo, 2)
        page.click("#chats-open")
        page.click("#chats-new")
        page.locator("#empty").wait_for(timeout=SLOW_MS)
    page.click("#chats-open")
    page.locator("#chats-list button").nth(1).wait_for()


def wire(page: Page, url: str) -> None:
    """What bot and server tell each other."""
    chat(page, url, PHOTOS / "rocket.jpg", 2)
    page.click("#wire-open")
    page.locator(".wire-line", has_text="sendMessage").first.locator("summary").click()


SCENES: dict[str, tuple[Callable[[Page, str], None], str, dict[str, int]]] = {
    "tags": (tags, "light", PHONE),
    "why": (why, "dark", PHONE),
    "album": (album, "light", PHONE),
    "settings": (settings, "light", PHONE),
    "history": (history, "dark", PHONE),
    "sets": (sets, "light", PHONE),
    "chats": (chats, "light", PHONE),
    "wire": (wire, "dark", DESKTOP),
}


def take(browser: Browser, url: str, name: str) -> Image.Image:
    """The picture of a scene."""
    scene, scheme, size = SCENES[name]
    page = browser.new_page(viewport=size, device_scale_factor=SCALE, color_scheme=scheme)
    scene(page, url)
    page.evaluate("scroller.scrollTop = scroller.scrollHeight")
    picture = shot(page)
    page.context.close()
    return picture


def main() -> None:
    """Run the bot, chat with it, and write the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "tour")
    parser.add_argument("--only", nargs="*", choices=SCENES, default=list(SCENES))
    arguments = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        raise SystemExit("Chromium is needed: apt install chromium")
    arguments.out.mkdir(parents=True, exist_ok=True)
    with running_bot() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        for name in arguments.only:
            path = arguments.out / f"{name}.webp"
            take(browser, url, name).save(path, quality=82, method=6)
            print(f"{path}: {path.stat().st_size} bytes")
        browser.close()


if __name__ == "__main__":
    main()
