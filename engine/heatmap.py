"""Heat maps as pictures: the photo, then the map before and after each chosen tag, side by side.

Pure: a `engine.door.Heatmap` in, a picture out, the layout of the paper's figure 10. Warm colours
speak for the tag and cold ones against it, on one scale for the whole strip.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont, ImageOps

from engine.door import Heatmap

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

COLUMNS = 4
"""Panels in a row; longer strips go on in a next row."""

SMALLEST = 200
"""Sides that a panel has at least, so that its label fits under a narrow photo."""

GAP = 12
LABEL = 44
HEADING = 40
PAPER, INK, FAINT = (255, 255, 255), (24, 24, 27), (113, 113, 122)

WARM = ((255, 236, 120), (255, 150, 30), (205, 20, 30))
COLD = ((150, 205, 255), (70, 130, 240), (30, 50, 170))
"""From a whisper to the strongest voice on the map."""

STRONGEST = 0.8
"""How much of the photo the strongest colour covers."""

FONTS = ("DejaVuSans.ttf", "Arial.ttf")
"""Common fonts with more than Latin letters, for tags that people wrote; else Pillow's own."""


def as_png(heatmap: Heatmap, columns: int = COLUMNS) -> bytes:
    """The `strip` over the photo that the heat map carries, as a file."""
    file = io.BytesIO()
    with Image.open(io.BytesIO(heatmap.photo)) as photo:
        strip(photo, heatmap, columns).save(file, "PNG")
    return file.getvalue()


def strip(photo: Image.Image, heatmap: Heatmap, columns: int = COLUMNS) -> Image.Image:
    """The photo, the map before the first tag, and the map after each.

    Args:
        photo: Upright; every panel has its size.
        heatmap: With its earlier maps.
        columns: Panels in a row.
    """
    maps = (*heatmap.earlier, heatmap)
    scale = strongest(maps)
    panels = [(photo.convert("RGB"), "the photo", "")]
    for one in maps:
        label = f"after #{one.prefix[-1]}" if one.prefix else "before"
        parts = f"photo {one.lift.from_photo:+.1f}"
        if one.prefix:
            parts += f", your tags {one.lift.from_tags:+.1f}"
        panels.append((overlay(photo, one, scale), label, parts))
    return _page(f"Where #{heatmap.tag} comes from", panels, columns)


def strongest(maps: Sequence[Heatmap]) -> float:
    """What the loudest spot of any of the maps adds, for or against."""
    return max(abs(cell) for one in maps for cell in one.lift.cells)


def overlay(photo: Image.Image, heatmap: Heatmap, scale: float | None = None) -> Image.Image:
    """Lay the map over a photo, smoothly from spot to spot.

    Args:
        photo: Upright, all of it.
        scale: What gets the strongest colour; None takes the map's own loudest spot.

    Returns:
        RGB, of the photo's size. What the encoder did not see is faded.
    """
    scale = scale or strongest([heatmap]) or 1.0
    grey = ImageOps.grayscale(photo).convert("RGB")
    base = np.asarray(Image.blend(grey, photo.convert("RGB"), 0.35), dtype=np.float32)
    left, top, right, bottom = (
        round(fraction * side)
        for fraction, side in zip(heatmap.crop, (*photo.size, *photo.size), strict=True)
    )
    right, bottom = max(right, left + 1), max(bottom, top + 1)
    page = 0.35 * base + 0.65 * 255
    seen = base[top:bottom, left:right]
    voice = upsample(heatmap, (right - left, bottom - top)) / scale
    page[top:bottom, left:right] = _tinted(seen, voice.clip(-1, 1))
    return Image.fromarray(page.round().astype(np.uint8))


def upsample(heatmap: Heatmap, size: tuple[int, int]) -> NDArray[np.float32]:
    """The grid of cells as a smooth surface over the encoder's view.

    Args:
        size: Width and height in pixels.

    Returns:
        (height, width); each cell is the surface's value in the middle of its tile.
    """
    cells = np.array(heatmap.lift.cells, dtype=np.float32).reshape(heatmap.rows, heatmap.columns)
    surface = Image.fromarray(cells).resize(size, Image.Resampling.BICUBIC)
    return np.asarray(surface, dtype=np.float32)


def _tinted(base: NDArray[np.float32], voice: NDArray[np.float32]) -> NDArray[np.float32]:
    """Blend the map's colours over pixels; (H, W, 3) and (H, W) in −1…1."""
    loud = np.abs(voice)
    steps = np.linspace(0, 1, len(WARM))
    warm, cold = (
        np.stack([np.interp(loud, steps, channel) for channel in np.array(ramp).T], axis=-1)
        for ramp in (WARM, COLD)
    )
    colour = np.where((voice > 0)[..., None], warm, cold)
    cover = (STRONGEST * loud**0.75)[..., None]
    return (base * (1 - cover) + colour * cover).astype(np.float32)


def _page(
    heading: str, panels: Sequence[tuple[Image.Image, str, str]], columns: int
) -> Image.Image:
    """Set the panels, each with two lines of label, in rows under a heading."""
    width = max(SMALLEST, *(panel.width for panel, _, _ in panels))
    height = max(panel.height for panel, _, _ in panels)
    columns = min(columns, len(panels))
    rows = -(-len(panels) // columns)
    across, down = width + GAP, height + LABEL + GAP
    page = Image.new("RGB", (GAP + columns * across, HEADING + rows * down + HEADING), PAPER)
    draw = ImageDraw.Draw(page)
    draw.text((GAP, 8), _fitted(heading, _font(20), page.width - 2 * GAP), INK, _font(20))
    for place, (panel, label, parts) in enumerate(panels):
        x = GAP + place % columns * across
        y = HEADING + place // columns * down
        page.paste(panel, (x + (width - panel.width) // 2, y + (height - panel.height) // 2))
        draw.text((x, y + height + 4), _fitted(label, _font(16), width), INK, _font(16))
        draw.text((x, y + height + 25), _fitted(parts, _font(13), width), FAINT, _font(13))
    _draw_legend(page, draw)
    return page


def _draw_legend(page: Image.Image, draw: ImageDraw.ImageDraw) -> None:
    """What the colours mean, at the page's foot."""
    y, long = page.height - HEADING + 8, 120
    voice = np.tile(np.linspace(-1, 1, long, dtype=np.float32), (14, 1))
    bar = _tinted(np.full((14, long, 3), 200, dtype=np.float32), voice)
    against, font = "speaks against it", _font(13)
    x = GAP + round(font.getlength(against)) + 8
    draw.text((GAP, y), against, FAINT, font)
    page.paste(Image.fromarray(bar.round().astype(np.uint8)), (x, y))
    draw.text((x + long + 8, y), "speaks for it", FAINT, font)


def _fitted(text: str, font: Font, width: int) -> str:
    """Shorten a text to what fits."""
    if font.getlength(text) <= width:
        return text
    while text and font.getlength(text + "...") > width:
        text = text[:-1]
    return text + "..."


@cache
def _font(size: int) -> Font:
    for name in FONTS:
        try:
            return ImageFont.truetype(name, size)
        except OSError:
            continue
    return ImageFont.load_default(size)
