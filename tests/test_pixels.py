"""Decoding: whatever people send becomes an upright RGB square, or a clear refusal."""

from __future__ import annotations

import io
import random
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.door import ImageTooLarge, NotAnImage
from engine.pixels import Geometry, decode, inspect

PHOTOS = Path(__file__).parent / "photos"
GEOMETRY = Geometry(resize=297, crop=260)


def photo(name: str = "temple.jpg") -> Image.Image:
    return Image.open(PHOTOS / name).convert("RGB")


def saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def pixels_of(picture: Image.Image) -> np.ndarray:
    """The pixels of a picture that was not compressed with loss on the way."""
    return decode(saved(picture, "PNG", compress_level=1), GEOMETRY)


def difference(one: np.ndarray, other: np.ndarray) -> float:
    """Mean difference in steps of 256."""
    assert one.shape == other.shape == (260, 260, 3)
    assert one.dtype == other.dtype == np.uint8
    return float(np.abs(one.astype(int) - other.astype(int)).mean())


def test_the_middle_of_the_photo_is_taken_with_its_shorter_side_at_297():
    picture = photo()
    resized = picture.resize((297 * picture.width // picture.height, 297), Image.Resampling.BICUBIC)
    left, top = round((resized.width - 260) / 2), round((297 - 260) / 2)
    expected = np.asarray(resized.crop((left, top, left + 260, top + 260)))
    assert difference(pixels_of(picture), expected) < 0.5


def test_a_large_jpeg_decoded_small_looks_like_the_whole_of_it():
    large = photo().resize((3841, 2563), Image.Resampling.LANCZOS)
    assert difference(decode(saved(large, "JPEG", quality=95), GEOMETRY), pixels_of(photo())) < 2


def test_a_large_png_shrunk_in_strips_looks_like_the_whole_of_it():
    large = photo().resize((3841, 2563), Image.Resampling.LANCZOS)
    assert difference(pixels_of(large), pixels_of(photo())) < 2


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF"])
@pytest.mark.parametrize(
    ("orientation", "turn"),
    [
        (2, Image.Transpose.FLIP_LEFT_RIGHT),
        (3, Image.Transpose.ROTATE_180),
        (4, Image.Transpose.FLIP_TOP_BOTTOM),
        (5, Image.Transpose.TRANSPOSE),
        (6, Image.Transpose.ROTATE_90),
        (7, Image.Transpose.TRANSVERSE),
        (8, Image.Transpose.ROTATE_270),
    ],
)
def test_a_photo_taken_with_the_camera_turned_stands_upright(orientation, turn, kind):
    exif = Image.Exif()
    exif[0x0112] = orientation
    turned = saved(photo().transpose(turn), kind, exif=exif, quality=95)
    assert difference(decode(turned, GEOMETRY), pixels_of(photo())) < 4


def test_large_photos_taken_with_the_camera_turned_stand_upright_too():
    large = photo().resize((2561, 1709), Image.Resampling.LANCZOS)
    exif = Image.Exif()
    exif[0x0112] = 6
    for kind in ("JPEG", "TIFF", "PNG"):
        turned = saved(large.transpose(Image.Transpose.ROTATE_90), kind, exif=exif, quality=95)
        assert difference(decode(turned, GEOMETRY), pixels_of(photo())) < 3


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_broken_exif_data_does_not_cost_the_photo():
    exif = b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + b"\x01\x12\0\x09\xff\xff\xff\xff" * 20
    broken = saved(photo(), "JPEG", exif=exif, quality=95)
    assert difference(decode(broken, GEOMETRY), pixels_of(photo())) < 3


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("JPEG", {"quality": 90}),
        ("JPEG", {"quality": 90, "progressive": True}),
        ("MPO", {"quality": 90, "save_all": True, "append_images": [Image.new("RGB", (9, 9))]}),
        ("WEBP", {"quality": 90}),
        ("HEIF", {"quality": 90}),
        ("AVIF", {"quality": 90}),
        ("TIFF", {}),
        ("BMP", {}),
    ],
)
def test_every_kind_of_file_that_people_send_is_read(kind, options):
    assert difference(decode(saved(photo(), kind, **options), GEOMETRY), pixels_of(photo())) < 4


@pytest.mark.parametrize(
    ("mode", "kind", "tolerance"),
    [
        ("CMYK", "JPEG", 6),
        ("CMYK", "TIFF", 6),
        ("P", "PNG", 12),
        ("P", "GIF", 12),
        ("RGBA", "PNG", 0),
    ],
)
def test_colours_survive_other_ways_of_storing_them(mode, kind, tolerance):
    stored = saved(photo().convert(mode), kind)
    assert difference(decode(stored, GEOMETRY), pixels_of(photo())) <= tolerance


@pytest.mark.parametrize("mode", ["L", "LA", "1"])
def test_a_grey_photo_comes_out_grey(mode):
    grey = decode(saved(photo().convert(mode), "PNG"), GEOMETRY)
    assert (grey.min(axis=2) == grey.max(axis=2)).all()
    assert difference(grey, pixels_of(photo().convert("L"))) < (60 if mode == "1" else 1)


@pytest.mark.parametrize("size", [(640, 427), (2560, 1708)])
@pytest.mark.parametrize(
    ("kind", "scale", "dtype"),
    [
        ("PNG", 257, np.uint16),
        ("TIFF", 257, np.uint16),
        ("TIFF", 257, np.int32),
        ("TIFF", 1 / 255, np.float32),
    ],
)
def test_deep_greys_are_scaled_and_not_cut_off(kind, scale, dtype, size):
    grey = photo().convert("L").resize(size)
    deep = Image.fromarray((np.asarray(grey, dtype=np.float64) * scale).astype(dtype))
    assert difference(decode(saved(deep, kind), GEOMETRY), pixels_of(grey)) < 2


@pytest.mark.parametrize("size", [(300, 300), (1800, 1800)])
def test_transparent_parts_turn_white(size):
    ghost = Image.new("RGBA", size, (200, 0, 0, 0))
    assert (pixels_of(ghost) == 255).all()
    sprite = Image.new("P", size, 0)
    sprite.putpalette([200, 0, 0] * 256)
    assert (decode(saved(sprite, "PNG", transparency=0), GEOMETRY) == 255).all()


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_of_an_animation_the_first_frame_counts(kind):
    frames = [Image.new("RGB", (300, 300), colour) for colour in ("red", "blue", "lime")]
    moving = saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=50)
    red, green, blue = decode(moving, GEOMETRY)[130, 130]
    assert red > 240
    assert green < 15
    assert blue < 15


@pytest.mark.parametrize("size", [(1, 1), (5000, 1), (1, 5000), (3, 2)])
def test_odd_sizes_work(size):
    assert (pixels_of(Image.new("RGB", size, "teal")) == (0, 128, 128)).all()


@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_cut_off_after_most_of_it_still_counts(progressive):
    whole = saved(photo(), "JPEG", quality=90, progressive=progressive)
    cut = decode(whole[: len(whole) * 3 // 4], GEOMETRY)
    top = slice(0, 120)
    assert np.abs(cut[top].astype(int) - pixels_of(photo())[top]).mean() < 8


@pytest.mark.parametrize(
    "broken",
    [
        saved(photo(), "JPEG", quality=90)[:9000],
        saved(photo(), "PNG")[:9000],
        saved(photo(), "WEBP")[:9000],
        saved(photo(), "HEIF")[:9000],
        saved(photo(), "GIF")[:700],
    ],
    ids=["JPEG", "PNG", "WEBP", "HEIF", "GIF"],
)
def test_too_little_of_a_picture_is_refused(broken):
    with pytest.raises(NotAnImage):
        decode(broken, GEOMETRY)


def test_an_empty_file_is_refused_as_empty():
    with pytest.raises(NotAnImage, match="empty"):
        decode(b"", GEOMETRY)


@pytest.mark.parametrize(
    "content",
    [
        b"Dear diary, this is not a photo.\n" * 40,
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%PDF-1.7\n",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\nshowpage\n",
        b"\0" * 5000,
        b"\xff\xd8\xff",
        b"\x89PNG\r\n\x1a\n",
        b"GIF89a",
        b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom",
    ],
)
def test_what_is_no_picture_is_refused_in_a_sentence(content):
    with pytest.raises(NotAnImage, match="picture"):
        decode(content, GEOMETRY)


def png_header(width: int, height: int) -> bytes:
    """A PNG that announces a size, with next to nothing in it."""

    def chunk(name: bytes, content: bytes) -> bytes:
        crc = zlib.crc32(name + content)
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", crc)

    size = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", size)
        + chunk(b"IDAT", zlib.compress(b"\0" * 999))
        + chunk(b"IEND", b"")
    )


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("side", [10_001, 12_000, 14_000, 50_000])
def test_a_decompression_bomb_is_refused_by_its_header(side):
    bomb = png_header(side, side)
    with pytest.raises(ImageTooLarge, match="100 megapixels"):
        inspect(bomb, GEOMETRY)
    with pytest.raises(ImageTooLarge, match="100 megapixels"):
        decode(bomb, GEOMETRY)


@pytest.mark.parametrize(("kind", "mode"), [("JPEG", "RGB"), ("PNG", "L")])
def test_fifty_megapixels_work(kind, mode):
    huge = saved(Image.new(mode, (8200, 6150), "olive"), kind)
    expected = (128, 128, 0) if mode == "RGB" else (113, 113, 113)
    assert np.abs(decode(huge, GEOMETRY).astype(int) - expected).max() <= 3


def test_only_pictures_that_need_much_memory_are_heavy():
    large = photo().resize((4000, 3000))
    assert not inspect(saved(large, "JPEG"), GEOMETRY).heavy  # decoded at an eighth
    assert inspect(png_header(8000, 6000), GEOMETRY).heavy
    assert inspect(saved(Image.new("RGB", (8000, 6000)), "JPEG", progressive=True), GEOMETRY).heavy


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "HEIF"])
def test_damaged_bytes_give_pixels_or_a_refusal_and_nothing_else(kind):
    whole = saved(photo("hat.jpg").resize((64, 48)), kind)
    dice = random.Random(0)
    for _ in range(60):
        damaged = bytearray(whole)
        for _ in range(dice.randint(1, 12)):
            damaged[dice.randrange(len(damaged))] = dice.randrange(256)
        try:
            assert decode(bytes(damaged), GEOMETRY).shape == (260, 260, 3)
        except NotAnImage as refusal:
            assert str(refusal)
