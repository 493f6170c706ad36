"""Bytes of a photo → the square of pixels that the CNN reads. All decoding happens here.

Synchronous and meant for a thread of its own. What arrives is untrusted: whatever is wrong
with it comes out as `NotAnImage`, and no picture is decoded before its header was judged.
"""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass

import numpy as np
import pillow_heif
from PIL import ExifTags, Image, ImageChops, UnidentifiedImageError

from engine.door import ImageTooLarge, NotAnImage

MAX_PIXELS = 100_000_000
"""A picture whose header announces more is refused."""

HEAVY_BYTES = 64 << 20
"""A picture that needs more memory than this while it is decoded is heavy."""

DRAFT_MARGIN = 1.5
"""A JPEG is decoded at the smallest scale that leaves this many times the needed size: with
1.5 the features keep a cosine of .998 or more to those of a full decode, in a third of the time."""

STRIP_PIXELS = 4_000_000
"""A large picture is converted this much at a time."""

# What people send. EPS, PDF and the like, which start an interpreter, are left out on purpose.
FORMATS = ("JPEG", "PNG", "WEBP", "HEIF", "AVIF", "GIF", "TIFF", "BMP")

UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What to do to a picture with this EXIF orientation so that it stands as it was taken."""

END_OF_JPEG = b"\xff\xd9"

pillow_heif.register_heif_opener()
Image.MAX_IMAGE_PIXELS = MAX_PIXELS
# Frames that turn out larger than their header said are bombs too; Pillow only warns.
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)
# Its remarks on broken metadata help nobody: the photo is read all the same, or refused.
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")


@dataclass(frozen=True)
class Geometry:
    """How the encoder wants a photo: its shorter side at ``resize``, ``crop`` of its middle.

    Attributes:
        filter: How it was resized when the encoder was trained, in Pillow's words.
    """

    resize: int
    crop: int
    filter: str = "bicubic"


@dataclass(frozen=True)
class Header:
    """What a picture says about itself before it is decoded.

    Attributes:
        width: Pixels, as stored (before any EXIF rotation).
        height: Pixels, as stored.
        memory: Bytes that decoding it takes, roughly.
    """

    width: int
    height: int
    memory: int

    @property
    def heavy(self) -> bool:
        """Whether only one such picture should be decoded at a time."""
        return self.memory > HEAVY_BYTES


@dataclass(frozen=True)
class View:
    """A photo that was decoded.

    Attributes:
        picture: All of it, upright RGB; a large one reduced on the way.
        size: Its own width and height, upright.
        square: What the encoder reads of it: uint8 RGB, ``(crop, crop, 3)``.
    """

    picture: Image.Image
    size: tuple[int, int]
    square: np.ndarray


def inspect(photo: bytes, geometry: Geometry) -> Header:
    """Judge a picture by its header.

    Raises:
        NotAnImage: not a picture of a kind that can be read.
        ImageTooLarge: more than `MAX_PIXELS`.
    """
    with _open(photo) as picture:
        width, height = picture.size
        progressive = bool(picture.info.get("progressive"))
        _draft(picture, geometry)
        memory = 4 * picture.width * picture.height
        if progressive:
            memory += 6 * width * height  # libjpeg keeps every coefficient, whatever the scale
        if picture.format in ("HEIF", "AVIF"):
            memory *= 2  # the decoder's own planes beside Pillow's
        return Header(width, height, memory)


def decode(photo: bytes, geometry: Geometry) -> np.ndarray:
    """Decode a photo to the pixels that the encoder reads.

    Args:
        photo: The bytes of a picture file. Of an animation the first frame counts;
            transparent parts turn white; a JPEG that is cut off counts when at least half of
            it is there.
        geometry: The encoder's.

    Returns:
        uint8 RGB, ``(crop, crop, 3)``.

    Raises:
        NotAnImage: not a picture, or too little of one.
        ImageTooLarge: more than `MAX_PIXELS`.
    """
    return view(photo, geometry).square


def view(photo: bytes, geometry: Geometry) -> View:
    """`decode`, and the picture around the square."""
    try:
        with _open(photo) as header:
            width, height = header.size
        picture = _load(photo, geometry)
        picture = _upright(_small_rgb(picture, geometry), _orientation(picture))
        if (width > height) != (picture.width > picture.height):  # it was turned
            width, height = height, width
        square = np.asarray(_crop(picture, (width, height), geometry))
        return View(picture, (width, height), square)
    except NotAnImage:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_large() from error
    except Exception as error:  # decoders raise anything on broken bytes
        raise NotAnImage("this picture is damaged and cannot be read") from error


def frame(size: tuple[int, int], geometry: Geometry) -> tuple[float, float, float, float]:
    """What the encoder sees of an upright photo: left, top, right, bottom, as fractions of it."""
    width, height = (geometry.resize * side // min(size) for side in size)
    left = round((width - geometry.crop) / 2)
    top = round((height - geometry.crop) / 2)
    right, bottom = left + geometry.crop, top + geometry.crop
    return left / width, top / height, right / width, bottom / height


def _open(photo: bytes) -> Image.Image:
    """Read the header and refuse what should not be decoded."""
    if not photo:
        raise NotAnImage("the file is empty")
    try:
        picture = Image.open(io.BytesIO(photo), formats=FORMATS)
    except UnidentifiedImageError as error:
        raise NotAnImage("this is not a picture, or not of a kind that can be read") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_large() from error
    except Exception as error:  # decoders raise anything on broken bytes
        raise NotAnImage("this picture is damaged and cannot be read") from error
    if picture.width * picture.height > MAX_PIXELS:
        raise _too_large()
    return picture


def _too_large() -> ImageTooLarge:
    return ImageTooLarge(f"this picture has more than {MAX_PIXELS // 1_000_000} megapixels")


def _draft(picture: Image.Image, geometry: Geometry) -> None:
    """Let libjpeg decode at 1/2, 1/4 or 1/8 where that is enough (other formats ignore it)."""
    needed = round(geometry.resize * DRAFT_MARGIN)
    picture.draft(None, (needed, needed))


def _load(photo: bytes, geometry: Geometry) -> Image.Image:
    """Decode, near the size that is needed where the format allows that."""
    picture = _open(photo)
    _draft(picture, geometry)
    try:
        picture.load()
    except OSError:
        if picture.format not in ("JPEG", "MPO"):
            raise
        # With an end marker put back, a JPEG that was cut off decodes as far as it goes.
        picture = _open(photo + END_OF_JPEG)
        _draft(picture, geometry)
        picture.load()
        if _flat_share(picture) > 0.5:
            raise NotAnImage("most of this picture is missing") from None
    return picture


def _flat_share(picture: Image.Image) -> float:
    """Share of a picture's height, from the bottom up, that is the colour of its last pixel."""
    last = picture.getpixel((picture.width - 1, picture.height - 1))
    difference = ImageChops.difference(picture, Image.new(picture.mode, picture.size, last))
    varied = difference.getbbox()  # None where nothing varies
    return 1 - varied[3] / picture.height if varied else 1.0


def _orientation(picture: Image.Image) -> int:
    """The EXIF orientation, 1 (upright) where there is none or the EXIF data is broken."""
    try:
        return int(picture.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # EXIF is written by anybody; a photo is not lost for it
        return 1


def _upright(picture: Image.Image, orientation: int) -> Image.Image:
    turn = UPRIGHT.get(orientation)
    return picture if turn is None else picture.transpose(turn)


def _small_rgb(picture: Image.Image, geometry: Geometry) -> Image.Image:
    """Turn a picture into RGB, shrinking a large one on the way.

    A large picture is averaged down strip by strip, to no less than twice the size needed, so
    that no second copy of it is ever in memory.
    """
    top = _white(picture)
    width, height = picture.size
    factor = min(width, height) // (2 * geometry.resize)
    if factor < 2:
        return _rgb(_eight_bits(picture, top))
    small = Image.new("RGB", (-(-width // factor), -(-height // factor)))
    rows = factor * max(1, STRIP_PIXELS // (factor * width))
    for y in range(0, height, rows):
        strip = picture.crop((0, y, width, min(y + rows, height)))
        small.paste(_rgb(_eight_bits(strip, top)).reduce(factor), (0, y // factor))
    return small


def _white(picture: Image.Image) -> float:
    """The value that stands for white in a picture of deep greys: of 16 or 32 bits, or float."""
    if not _deep(picture):
        return 255.0
    highest = np.nan_to_num(float(picture.getextrema()[1]))  # type: ignore[arg-type]
    if picture.mode == "F":
        return 1.0 if highest <= 1 else max(255.0, highest)
    return 255.0 if highest <= 255 else max(65535.0, highest)


def _deep(picture: Image.Image) -> bool:
    return picture.mode == "F" or picture.mode.startswith("I")


def _eight_bits(picture: Image.Image, white: float) -> Image.Image:
    """Bring deep greys to 0–255; Pillow would cut them off at 255."""
    if not _deep(picture):
        return picture
    greys = np.nan_to_num(np.asarray(picture, dtype=np.float32))
    return Image.fromarray((greys * (255 / white)).clip(0, 255).astype(np.uint8))


def _rgb(picture: Image.Image) -> Image.Image:
    """Convert any mode to RGB, on white where it is transparent."""
    if picture.has_transparency_data:
        layered = picture.convert("RGBA")
        page = Image.new("RGB", picture.size, "white")
        page.paste(layered, mask=layered.getchannel("A"))
        return page
    return picture.convert("RGB")


def _crop(picture: Image.Image, size: tuple[int, int], geometry: Geometry) -> Image.Image:
    """Shorter side to ``resize``, then the middle ``crop``: in one step, antialiased.

    Args:
        picture: Upright, the photo or a reduction of it.
        size: The photo's own, upright. A reduction by 4 of 1,001 pixels has 251, of which the
            photo fills 250.25: taking it for 251 would stretch the photo.
        geometry: The encoder's.
    """
    factor = round(max(size) / max(picture.size))
    width, height = (side / factor for side in size)
    left, top, right, bottom = frame(size, geometry)
    box = (left * width, top * height, right * width, bottom * height)
    resampling = Image.Resampling[geometry.filter.upper()]
    return picture.resize((geometry.crop, geometry.crop), resampling, box)
