"""Photos as Telegram hands them out: JPEGs whose longer side has 1,280 pixels.

The free photos of the tests are smaller, so they are enlarged and given the grain of a sensor:
without it they would have far fewer bytes than a photo of that size, and decode faster.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from itertools import cycle, islice
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

_FOLDER = Path(__file__).parent.parent / "tests" / "photos"
_LONGER = 1280
_QUALITY = 87
_GRAIN = 4.0  # standard deviation, in 256 steps: about 200 kB a photo


def photos() -> list[bytes]:
    """Different photos, landscape, portrait and square: each as it is, mirrored, and cropped."""
    random = np.random.default_rng(0)
    files = sorted(file for file in _FOLDER.iterdir() if file.suffix in (".jpg", ".png"))
    pictures = [Image.open(file).convert("RGB") for file in files]
    kinds = [
        pictures,
        [ImageOps.mirror(picture) for picture in pictures],
        [_cropped(picture, 0.8, 1.0) for picture in pictures],
        [_cropped(picture, 0.6, 0.9) for picture in pictures],
    ]
    return [_as_photo(picture, random) for kind in kinds for picture in kind]


def in_turn(pictures: Sequence[bytes], number: int) -> list[bytes]:
    """So many of them, from the first again after the last."""
    return list(islice(cycle(pictures), number))


def _cropped(picture: Image.Image, width: float, height: float) -> Image.Image:
    """The middle of a picture, given as shares of its sides."""
    left, top = (1 - width) / 2 * picture.width, (1 - height) / 2 * picture.height
    return picture.crop((round(left), round(top), *_corner(picture, left, top)))


def _corner(picture: Image.Image, left: float, top: float) -> tuple[int, int]:
    return round(picture.width - left), round(picture.height - top)


def _as_photo(picture: Image.Image, random: np.random.Generator) -> bytes:
    scale = _LONGER / max(picture.size)
    size = (round(scale * picture.width), round(scale * picture.height))
    pixels = np.asarray(picture.resize(size, Image.Resampling.BICUBIC), np.float32)
    grainy = pixels + random.normal(0, _GRAIN, pixels.shape[:2])[..., None]
    out = io.BytesIO()
    Image.fromarray(grainy.clip(0, 255).astype(np.uint8)).save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()
