"""Heat maps as pictures: the photo, then the map before and after each chosen tag, side by side.

Pure: a `engine.door.Heatmap` in, a picture out, the layout of the paper's figure 10. Warm colours
speak for the tag and cold ones against it, on one scale for the whole strip.
"""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from engine.door import Heatmap, Wording
from engine.fonts import writable
from engine.sheet import DESK, Legend, Panel, Screen, laid_out

WARM = ((255, 236, 120), (255, 150, 30), (205, 20, 30))
COLD = ((150, 205, 255), (70, 130, 240), (30, 50, 170))
"""From a whisper to the strongest voice on the map."""

STRONGEST = 0.8
"""How much of the photo the strongest colour covers."""

TIE = "\N{NO-BREAK SPACE}"

ENGLISH = {
    "heading": "Where {tag} comes from",
    "photo": "the photo",
    "before": "before",
    "after": "after {tag}",
    "from-photo": f"photo{TIE}{{value}}",
    "from-tags": f"your{TIE}tags{TIE}{{value}}",
    "against": "speaks against it",
    "for": "speaks for it",
}
"""What stands on the picture where nobody says it otherwise."""


def english(name: str, *, tag: str, value: str) -> str:
    """The `Wording` that every font can write."""
    return ENGLISH[name].format(tag=tag, value=value)


def as_png(heatmap: Heatmap, screen: Screen = DESK, wording: Wording = english) -> bytes:
    """The `strip` over the photo that the heat map carries, as a file."""
    file = io.BytesIO()
    with Image.open(io.BytesIO(heatmap.photo)) as photo:
        strip(photo, heatmap, screen, wording).save(file, "PNG")
    return file.getvalue()


def strip(
    photo: Image.Image, heatmap: Heatmap, screen: Screen = DESK, wording: Wording = english
) -> Image.Image:
    """The photo, the map before the first tag, and the map after each.

    Args:
        photo: Upright; every panel has its size.
        heatmap: With its earlier maps.
        screen: Where it is shown.
        wording: Of its lettering; English where no font has the letters.
    """
    maps = (*heatmap.earlier, heatmap)
    scale = strongest(maps)
    if not writable("".join(wording(name, tag="", value="") for name in ENGLISH)):
        wording = english

    def say(name: str, tag: str = "", value: float = 0.0) -> str:
        return wording(name, tag=f"#{tag}", value=f"{value:+.1f}")

    panels = [Panel(photo.convert("RGB"), say("photo"))]
    for one in maps:
        label = say("after", one.prefix[-1]) if one.prefix else say("before")
        parts = say("from-photo", value=one.lift.from_photo)
        if one.prefix:
            parts += f", {say('from-tags', value=one.lift.from_tags)}"
        panels.append(Panel(overlay(photo, one, scale), label, parts))
    legend = Legend(say("against"), _bar(), say("for"))
    return laid_out(say("heading", heatmap.tag), panels, legend, screen).draw()


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


def _bar() -> Image.Image:
    """All colours, from what speaks against a tag to what speaks for it."""
    voice = np.tile(np.linspace(-1, 1, 240, dtype=np.float32), (24, 1))
    bar = _tinted(np.full((*voice.shape, 3), 200, dtype=np.float32), voice)
    return Image.fromarray(bar.round().astype(np.uint8))
