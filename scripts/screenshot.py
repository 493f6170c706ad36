"""Makes docs/page.png, the README's picture: the chat page on a desktop and on a phone, taken from
a real run of ``python -m bot`` with a free photo from tests/photos.

Usage: python scripts/screenshot.py [--photo PHOTO] [--out PNG]
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter
from playwright.sync_api import Browser, Locator, Page, sync_playwright

ROOT = Path(__file__).parent.parent
STARTUP_S = 120
FLAGS = ["--headless", "--no-sandbox", "--no-first-run", "--disable-background-networking"]
FLAGS += ["--disable-component-update", "--disable-sync", "--disable-quic"]
DESKTOP, PHONE = {"width": 1000, "height": 930}, {"width": 390, "height": 780}
SCALE = 2  # pixels of the phone's and the desktop's screen for each of the layout


@contextmanager
def running_bot() -> Iterator[str]:
    """The bot with its page in an empty folder; yields the page's address."""
    with socket.socket() as probe, tempfile.TemporaryDirectory() as home:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        environment = {k: v for k, v in os.environ.items() if not k.startswith("TELEGRAM_")}
        environment |= {"DATA_DIR": home, "PLAYGROUND_PORT": str(port), "PYTHONPATH": str(ROOT)}
        process = subprocess.Popen([sys.executable, "-m", "bot"], cwd=home, env=environment)
        try:
            url = f"http://127.0.0.1:{port}/"
            _wait_for(process, f"{url}playground/bot")
            yield url
        finally:
            process.terminate()
            process.wait()


def _wait_for(process: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + STARTUP_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise SystemExit("The bot ended before the page was there.")
        try:
            with urllib.request.urlopen(url, timeout=2) as response:
                if b'"command"' in response.read():
                    return
        except OSError:
            pass
        time.sleep(0.2)
    raise SystemExit("The bot did not come up.")


def chat(page: Page, url: str, photo: Path, taps: int | Sequence[str]) -> Locator:
    """Drop the photo and tap so many first suggestions, or these; returns the panel."""
    page.goto(url)
    page.locator("#empty").wait_for()
    page.set_input_files("#picker", photo)
    page.locator("#preview-items img").wait_for()
    page.click("#preview-send")
    panel = page.locator("#log article.with-keyboard").first
    panel.wait_for()
    for tag in [None] * taps if isinstance(taps, int) else taps:
        offered = panel.locator(".key").filter(has_text="#").filter(has_not_text="✓")
        label = tag or offered.first.inner_text()
        panel.locator(".key").get_by_text(label, exact=True).click()
        panel.locator(".key").get_by_text(f"✓ {label}", exact=True).wait_for()
    return panel


def shot(page: Page) -> Image.Image:
    """The page as it is when everything on it has come to rest."""
    page.mouse.move(1, 1)
    page.wait_for_timeout(900)
    return Image.open(BytesIO(page.screenshot()))


def desktop(browser: Browser, url: str, photo: Path) -> Image.Image:
    """A light desktop with three tags chosen."""
    page = browser.new_page(viewport=DESKTOP, device_scale_factor=SCALE, color_scheme="light")
    chat(page, url, photo, 3)
    return shot(page)


def phone(browser: Browser, url: str, photo: Path) -> Image.Image:
    """A dark phone with the finished caption, copied."""
    page = browser.new_page(
        viewport=PHONE, device_scale_factor=SCALE, color_scheme="dark", has_touch=True
    )
    panel = chat(page, url, photo, 5)
    panel.locator(".key", has_text="Done").click()
    page.locator(".pre").wait_for()
    page.wait_for_timeout(600)
    page.locator(".pre-copy").click()
    return shot(page)


def rounded(image: Image.Image, radius: int) -> Image.Image:
    """The image with round corners."""
    mask = Image.new("L", image.size, 0)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, *image.size), radius, fill=255)
    out = image.convert("RGBA")
    out.putalpha(mask)
    return out


def compose(large: Image.Image, small: Image.Image) -> Image.Image:
    """The desktop and the phone side by side, with shadows, on nothing."""
    margin, gap = 40, 40
    width = margin * 2 + large.width + gap + small.width
    height = margin * 2 + max(large.height, small.height)
    canvas = Image.new("RGBA", (width, height), (255, 255, 255, 0))
    places = [(margin, margin), (margin + large.width + gap, (height - small.height) // 2)]
    for image, place, radius in zip((large, small), places, (28, 56), strict=True):
        shadow = Image.new("RGBA", canvas.size, (0, 0, 0, 0))
        box = (*place, place[0] + image.width, place[1] + image.height)
        ImageDraw.Draw(shadow).rounded_rectangle(box, radius, fill=(30, 20, 80, 110))
        canvas.alpha_composite(shadow.filter(ImageFilter.GaussianBlur(18)))
        canvas.alpha_composite(rounded(image, radius), place)
    return canvas.resize((width // 2, height // 2), Image.Resampling.LANCZOS)


def main() -> None:
    """Run the bot, chat with it, and write the picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photo", type=Path, default=ROOT / "tests" / "photos" / "coffee.jpg")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "page.png")
    arguments = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        raise SystemExit("Chromium is needed: apt install chromium")
    photo = arguments.photo.resolve()
    with running_bot() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        picture = compose(desktop(browser, url, photo), phone(browser, url, photo))
        browser.close()
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    picture.save(arguments.out, optimize=True)
    print(f"{arguments.out}: {picture.width} x {picture.height}")


if __name__ == "__main__":
    main()
