"""Pictures as Telegram's clients and servers make them: small JPEG copies of a photo."""

from __future__ import annotations

import asyncio
import io
import warnings
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
import pillow_heif
from PIL import Image, ImageOps

LONG_SIDES = (90, 320, 800, 1280)
THUMBNAIL = (320,)
MAX_PIXELS = 100_000_000
MAX_DECODED = 64_000_000
MAX_RATIO = 20
_QUALITY = 87


class NotAPhotoError(Exception):
    """These bytes cannot be sent as a photo.

    Args:
        sentence: Why, for people.
        word: Why, in the Bot API's word.
    """

    def __init__(self, sentence: str, word: str = "IMAGE_PROCESS_FAILED") -> None:
        super().__init__(sentence)
        self.word = word


@dataclass(frozen=True)
class PhotoSize:
    """One size of a photo.

    Attributes:
        width: Pixels.
        height: Pixels.
        jpeg: The picture.
    """

    width: int
    height: int
    jpeg: bytes


class Darkroom:
    """Makes the sizes in threads, one picture at a time: a big one takes much memory."""

    def __init__(self) -> None:
        self._turn = asyncio.Semaphore(1)

    async def sizes(
        self, source: BinaryIO | bytes, sides: tuple[int, ...] = LONG_SIDES
    ) -> list[PhotoSize]:
        """The sizes of a picture, smallest first; it is never enlarged.

        Args:
            source: The bytes of the picture, or a file to read them from.
            sides: Longest sides in pixels.

        Raises:
            NotAPhotoError: It is no picture, a broken one, or one with too many pixels.
        """
        async with self._turn:
            return await asyncio.to_thread(_sizes, source, sides)


def _sizes(source: BinaryIO | bytes, sides: tuple[int, ...]) -> list[PhotoSize]:
    pillow_heif.register_heif_opener()
    file = io.BytesIO(source) if isinstance(source, bytes) else source
    file.seek(0)
    try:
        with warnings.catch_warnings():
            # The header's pixels are counted below, against a limit of our own.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(file) as picture:
                flat = _flat(picture, max(sides))
    except NotAPhotoError:
        raise
    except Image.DecompressionBombError as error:
        raise NotAPhotoError("This picture has too many pixels.") from error
    except Exception as error:  # Pillow raises what its many decoders raise
        raise NotAPhotoError("This file is not a picture, or it is damaged.") from error
    made: list[PhotoSize] = []
    for side in sorted(sides):
        scale = min(1.0, side / max(flat.size))
        size = (max(1, round(flat.width * scale)), max(1, round(flat.height * scale)))
        if made and size == (made[-1].width, made[-1].height):
            break
        small = flat if size == flat.size else flat.resize(size, Image.Resampling.BILINEAR)
        out = io.BytesIO()
        small.save(out, "JPEG", quality=_QUALITY)
        made.append(PhotoSize(*size, out.getvalue()))
    return made


def _flat(picture: Image.Image, longest: int) -> Image.Image:
    """The first frame, upright, on white, at most as large as the largest size."""
    width, height = picture.size
    if width * height > MAX_PIXELS:
        raise NotAPhotoError("This picture has too many pixels.")
    if max(width, height) > MAX_RATIO * min(width, height):
        raise NotAPhotoError(
            "This picture is too long and narrow to be a photo.", "PHOTO_INVALID_DIMENSIONS"
        )
    picture.draft("RGB", (longest, longest))  # lets JPEG decode to a fraction of its size
    if picture.width * picture.height > MAX_DECODED:
        raise NotAPhotoError("This picture has too many pixels.")
    picture.load()
    small = _averageable(picture, longest)
    small.thumbnail((longest, longest), Image.Resampling.BILINEAR, reducing_gap=2.0)
    small = _turned(small, picture)
    if small.mode != "RGBA":
        return small.convert("RGB")
    ground = Image.new("RGBA", small.size, "white")
    return Image.alpha_composite(ground, small).convert("RGB")


def _averageable(picture: Image.Image, longest: int) -> Image.Image:
    """The picture in a mode whose pixels can be averaged, made smaller first where that is big."""
    if picture.mode in ("RGB", "RGBA", "L", "CMYK", "YCbCr"):
        return picture
    if picture.mode.startswith("I;16"):
        # The upper eight bits of sixteen; Pillow's own conversion depends on its version.
        raw = np.asarray(picture, dtype=np.uint16)
        return Image.fromarray((raw >> 8).astype(np.uint8))
    transparent = picture.has_transparency_data
    picture.thumbnail((2 * longest, 2 * longest), Image.Resampling.NEAREST)
    return picture.convert("RGBA" if transparent else "RGB")


def _turned(small: Image.Image, original: Image.Image) -> Image.Image:
    """Upright, as the camera's orientation tag says."""
    small.getexif().update(original.getexif())
    return ImageOps.exif_transpose(small)
