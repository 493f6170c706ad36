"""Heat maps: the split of a logit, what it says of a photo, its picture, and the command."""

from __future__ import annotations

import asyncio
import io
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from engine_fixtures import Held
from PIL import Image, ImageFilter, ImageFont
from torch import nn

from engine import (
    EngineBusy,
    EngineClosed,
    Heatmap,
    ImageEmbedding,
    NoHeatmap,
    NotAnImage,
    UnknownTag,
    draw_heatmap,
    open_recommender,
)
from engine.cli import main
from engine.compiled import Compiled
from engine.decoder import TagDecoder
from engine.encoder import Encoder
from engine.fonts import fonts, writable
from engine.heatmap import overlay
from engine.local import SHIPPED_WEIGHTS, LocalRecommender
from engine.model.efficientnet import EfficientNetLite2
from engine.pixels import decode
from engine.sheet import wrapped

PHOTOS = Path(__file__).parent / "photos"
NAMES = sorted(file.name for file in PHOTOS.iterdir() if file.suffix in (".jpg", ".png"))


def photo(name: str) -> bytes:
    return (PHOTOS / name).read_bytes()


def saved(picture: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


@pytest.fixture(scope="module")
def engine():
    """One engine with the shipped weights for all of these tests."""
    engine = asyncio.run(open_recommender())
    yield engine
    asyncio.run(engine.close())


@pytest.fixture(scope="module")
def decoder() -> TagDecoder:
    return TagDecoder.load(SHIPPED_WEIGHTS)


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder.load(SHIPPED_WEIGHTS)


def logits(decoder: TagDecoder, image: ImageEmbedding, prefix: Sequence[str]) -> torch.Tensor:
    """What suggestions for a photo after a prefix are ranked by: (V + 1,)."""
    features = np.frombuffer(image.vector, "<f2").astype(np.float32)
    return decoder.scorer.logits([features], [decoder.prefixes.read(prefix)])[0]


async def best(engine, image: ImageEmbedding, k: int = 1) -> list[str]:
    return [each.tag for each in (await engine.suggest(image, [], k=k)).items]


def stages(heatmap: Heatmap) -> tuple[Heatmap, ...]:
    return *heatmap.earlier, heatmap


async def test_the_parts_sum_to_the_logit_that_the_page_is_ranked_by(engine, decoder):
    for name in NAMES[::2]:
        image = await engine.look(photo(name))
        tag, *prefix = await best(engine, image, 4)
        heatmap = await engine.explain(photo(name), [*prefix, "#OurDog", "xqzv"], tag)
        assert heatmap.prefix == (*prefix, "ourdog", "xqzv")
        assert [one.prefix for one in stages(heatmap)] == [
            heatmap.prefix[:length] for length in range(6)
        ]
        for one in stages(heatmap):
            real = logits(decoder, image, one.prefix)
            assert one.logit == pytest.approx(float(real[decoder.vocabulary.index[tag]]), abs=1e-4)
            assert one.usual.logit == pytest.approx(float(real[:-1].mean()), abs=1e-4)
            assert len(one.parts.cells) == one.rows * one.columns
        before = heatmap.earlier[0]
        assert before.parts.from_tags == 0


@pytest.mark.parametrize("runtime", ["openvino", "torch"])
async def test_they_do_so_where_photos_are_seen_in_half_precision(runtime, decoder):
    engine = await open_recommender(runtime=runtime, precision="bfloat16")
    image = await engine.look(photo(NAMES[0]))
    tag, *prefix = await best(engine, image, 2)
    heatmap = await engine.explain(photo(NAMES[0]), prefix, tag)
    real = logits(decoder, image, prefix)[decoder.vocabulary.index[tag]]
    assert heatmap.logit == pytest.approx(float(real), abs=1e-4)
    await engine.close()


async def test_explained_at_once_every_tag_is_split_as_alone(engine, decoder):
    image = await engine.look(photo("temple.jpg"))
    tags = await best(engine, image, 8)
    prefix = ["travel", "love"]
    maps = await asyncio.gather(
        *(engine.explain(photo("temple.jpg"), prefix, tag, caller=tag) for tag in tags)
    )
    for tag, heatmap in zip(tags, maps, strict=True):
        assert heatmap.tag == tag
        real = logits(decoder, image, [each for each in prefix if each != tag])
        assert heatmap.logit == pytest.approx(float(real[decoder.vocabulary.index[tag]]), abs=2e-4)


async def test_a_tag_is_no_reason_for_itself(engine):
    tag, first = await best(engine, await engine.look(photo("cat.png")), 2)
    heatmap = await engine.explain(photo("cat.png"), [first, f"#{tag.upper()}"], tag)
    assert heatmap == await engine.explain(photo("cat.png"), [first], tag)
    assert heatmap.prefix == (first,)


async def test_a_tap_changes_the_map(engine):
    for name in ("cat.png", "coffee.jpg", "temple.jpg"):
        tag, *prefix = await best(engine, await engine.look(photo(name)), 3)
        heatmap = await engine.explain(photo(name), prefix, tag)
        for one, later in zip(stages(heatmap), stages(heatmap)[1:], strict=False):
            change = np.subtract(later.parts.cells, one.parts.cells)
            assert np.abs(change).max() > 0.01 * np.abs(one.parts.cells).max()
            assert np.ptp(change) > 0  # not by the same amount everywhere
        short = await engine.explain(photo(name), prefix[:1], tag)
        assert short.parts.cells == pytest.approx(heatmap.earlier[1].parts.cells, abs=1e-5)


async def test_taking_the_highlighted_spots_away_costs_more_than_taking_any(
    engine, encoder, decoder
):
    """A spot that is taken away shows what the average photo shows."""
    chance = np.random.default_rng(7)
    average = decoder.head.model.feature_mean.numpy()
    logit_losses = []
    for name in NAMES:
        (tag,) = await best(engine, await engine.look(photo(name)))
        heatmap = await engine.explain(photo(name), [], tag)
        spots = encoder.spots(decode(photo(name), encoder.card.geometry)).reshape(-1, len(average))
        shown, loud = (
            np.argsort(cells)[::-1] for cells in (heatmap.lift.cells, heatmap.parts.cells)
        )
        photos = [spots.mean(0)]
        for choice in (shown, loud, *(chance.permutation(shown) for _ in range(9))):
            left = spots.copy()
            left[choice[: len(spots) // 5]] = average
            photos.append(left.mean(0))
        scores = decoder.scorer.logits(photos, [decoder.prefixes.read([])] * len(photos))
        row = decoder.vocabulary.index[tag]
        chances, logit = scores.softmax(1)[:, row].tolist(), scores[:, row].tolist()
        assert chances[1] < min(chances[3:])
        logit_losses.append((logit[0] - logit[2], logit[0] - np.mean(logit[3:])))
    highlighted, others = np.mean(logit_losses, axis=0)
    assert highlighted > others


async def test_blurring_the_loudest_part_of_a_photo_costs_more_than_the_quietest(
    engine, encoder, decoder
):
    seen = {
        "cat.png": "cat", "coffee.jpg": "coffee", "dress.jpg": "dress", "flower.jpg": "flower",
        "hat.jpg": "hat", "rocket.jpg": "rocket", "shoes.jpg": "shoes", "temple.jpg": "temple",
    }  # fmt: skip
    losses = []
    for name, tag in seen.items():
        heatmap = await engine.explain(photo(name), [], tag)
        ninths = np.array(heatmap.lift.cells).reshape(3, 3, 3, 3).sum(axis=(1, 3)).flatten()
        square = decode(photo(name), encoder.card.geometry)
        spoiled = [blurred(square, int(ninth)) for ninth in (ninths.argmax(), ninths.argmin())]
        features = list(encoder.features(np.stack([square, *spoiled])))
        scores = decoder.scorer.logits(features, [decoder.prefixes.read([])] * 3).log_softmax(1)
        whole, *left = scores[:, decoder.vocabulary.index[tag]].tolist()
        losses.append([whole - each for each in left])
    loudest, quietest = np.mean(losses, axis=0)
    assert loudest > quietest


def blurred(square: np.ndarray, ninth: int) -> np.ndarray:
    """A square with one of its nine parts blurred."""
    soft = np.asarray(Image.fromarray(square).filter(ImageFilter.GaussianBlur(25)))
    side = len(square)
    row, column = divmod(ninth, 3)
    down = slice(row * side // 3, (row + 1) * side // 3)
    across = slice(column * side // 3, (column + 1) * side // 3)
    spoiled = square.copy()
    spoiled[down, across] = soft[down, across]
    return spoiled


@pytest.mark.parametrize("mode", ["L", "CMYK", "1", "RGBA", "I;16"])
async def test_photos_of_every_kind_are_explained(engine, decoder, mode):
    picture = Image.open(PHOTOS / "temple.jpg")
    kind = "TIFF" if mode == "CMYK" else "PNG"
    content = saved(
        picture.convert("L").convert(mode) if mode == "I;16" else picture.convert(mode), kind
    )
    heatmap = await engine.explain(content, ["travel"], "architecture")
    real = logits(decoder, await engine.look(content), ["travel"])
    row = decoder.vocabulary.index["architecture"]
    assert heatmap.logit == pytest.approx(float(real[row]), abs=1e-4)
    with Image.open(io.BytesIO(heatmap.photo)) as small:
        assert (small.mode, small.size) == ("RGB", (480, 320))


async def test_a_photo_taken_with_the_camera_turned_is_explained_upright(engine):
    upright = Image.open(PHOTOS / "temple.jpg")
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = saved(upright.transpose(Image.Transpose.ROTATE_90), exif=exif)
    heatmap = await engine.explain(turned, [], "temple")
    straight = await engine.explain(saved(upright), [], "temple")
    assert heatmap.crop == straight.crop
    assert np.corrcoef(heatmap.lift.cells, straight.lift.cells)[0, 1] > 0.999
    with Image.open(io.BytesIO(heatmap.photo)) as small:
        assert small.size == (480, 320)


async def test_the_map_says_which_part_of_the_photo_the_encoder_saw(engine):
    wide = Image.open(PHOTOS / "temple.jpg")  # 640 × 427: the shorter side becomes 297
    heatmap = await engine.explain(saved(wide), [], "temple")
    assert heatmap.crop == pytest.approx((92 / 445, 18 / 297, 352 / 445, 278 / 297), abs=0.002)
    tall = wide.transpose(Image.Transpose.ROTATE_90)
    turned = (await engine.explain(saved(tall), [], "temple")).crop
    assert turned == pytest.approx((18 / 297, 92 / 445, 278 / 297, 352 / 445), abs=0.004)


async def test_an_unknown_tag_is_refused_with_the_nearest_known_ones(engine):
    with pytest.raises(UnknownTag, match=r"#ourdog .* #dog"):
        await engine.explain(photo("cat.png"), [], "#OurDog")
    with pytest.raises(UnknownTag, match="#xqzv is not among"):
        await engine.explain(photo("cat.png"), [], "xqzv")
    with pytest.raises(UnknownTag):
        await engine.explain(photo("cat.png"), [], " # ")


@pytest.mark.parametrize("tag", ["girl", "boyfriend", "blonde"])
async def test_what_is_never_read_off_a_photo_gets_no_map(engine, tag):
    with pytest.raises(NoHeatmap, match=f"#{tag}"):
        await engine.explain(photo("astronaut.jpg"), [], tag)


def test_an_encoder_that_pools_by_itself_gives_no_map(encoder):
    pooling = nn.Sequential(EfficientNetLite2(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    pooled = Encoder(pooling, encoder.card, torch.device("cpu"))
    with pytest.raises(NoHeatmap, match="one spot"):
        pooled.spots(np.zeros((260, 260, 3), np.uint8))


async def test_what_is_no_photo_is_refused(engine):
    with pytest.raises(NotAnImage):
        await engine.explain(b"not a picture", [], "cat")


async def test_more_than_it_can_hold_is_refused_at_once_and_passes(engine):
    content = photo("shoes.jpg")
    flood = [asyncio.create_task(engine.explain(content, [], "shoes")) for _ in range(200)]
    for _ in range(3):
        await asyncio.sleep(0)
    refused = [task for task in flood if task.done()]
    assert 30 < len(refused) < 100
    assert all(isinstance(task.exception(), EngineBusy) for task in refused)
    for task in flood:
        task.cancel()
    await asyncio.gather(*flood, return_exceptions=True)
    assert (await engine.explain(content, [], "shoes")).parts.cells


async def test_neither_taps_nor_photos_wait_for_heat_maps(encoder, decoder):
    network = Held(encoder.network)
    slow = Encoder(network, encoder.card, encoder.device)
    engine = LocalRecommender(slow, decoder, compiled=Compiled(encoder, streams=1))
    content = photo("coffee.jpg")
    maps = [asyncio.create_task(engine.explain(content, [], "coffee")) for _ in range(100)]
    await asyncio.to_thread(network.reached.wait)
    assert (await engine.suggest(await engine.look(content), [])).items
    assert not any(task.done() for task in maps)
    network.go_on.set()
    for task in maps[3:]:
        task.cancel()
    assert [(await task).tag for task in maps[:3]] == ["coffee"] * 3
    await engine.close()


async def test_an_engine_that_was_closed_explains_nothing():
    engine = await LocalRecommender.open()
    await engine.close()
    with pytest.raises(EngineClosed):
        await engine.explain(photo("cat.png"), [], "cat")


async def test_the_picture_shows_the_photo_and_the_map_before_and_after_each_tag(engine):
    heatmap = await engine.explain(photo("temple.jpg"), ["travel", "sky"], "temple")
    with Image.open(io.BytesIO(await draw_heatmap(heatmap))) as picture:
        assert picture.format == "PNG"
        assert picture.width == 4 * 480 + 5 * 12  # four panels and the gaps around them
        assert 320 < picture.height < 2 * 320
    prefix = ["travel", "sky", "summer", "nature", "love", "море", "x" * 300]
    long = await engine.explain(photo("temple.jpg"), prefix, "temple")
    with Image.open(io.BytesIO(await draw_heatmap(long))) as picture:
        assert picture.width == 4 * 480 + 5 * 12
        assert 3 * 320 < picture.height < 3 * 500  # nine panels: three rows with labels


def lettering(picture: Image.Image, shown: int) -> list[int]:
    """Heights of the lines of black letters on white paper, where it is shown so wide."""
    size = shown, round(picture.height * shown / picture.width)
    small = np.asarray(picture.convert("L").resize(size, Image.Resampling.LANCZOS))
    lettered = ((small < 90).any(1) & ((small > 250).mean(1) > 0.4)).astype(int)
    edges = np.flatnonzero(np.diff(lettered, prepend=0, append=0))
    return np.diff(edges)[::2].tolist()


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("prefix", [["travel"], ["travel", "sky", "a" * 60, "sun"]])
async def test_on_a_phone_panels_are_large_and_their_lettering_can_be_read(engine, turned, prefix):
    picture = Image.open(PHOTOS / "temple.jpg")
    content = saved(picture.rotate(90, expand=True) if turned else picture)
    heatmap = await engine.explain(content, prefix, "temple")
    with Image.open(io.BytesIO(await draw_heatmap(heatmap, phone=True))) as sheet:
        panel, across = (320, 3) if turned else (480, 2)
        assert sheet.width == across * panel + (across + 1) * 12
        assert sheet.height < 1.6 * sheet.width
        heading, label, *_ = lettering(sheet, 360)
        assert heading >= 14 and label >= 12


async def test_the_lettering_is_in_ones_language_and_english_where_no_font_has_the_letters(
    engine, monkeypatch
):
    def german(name: str, *, tag: str, value: str) -> str:
        return {"heading": f"Woher {tag} kommt", "after": f"nach {tag}"}.get(name, f"Foto {value}")

    def japanese(name: str, *, tag: str, value: str) -> str:
        return f"写真 {tag}{value}"

    heatmap = await engine.explain(photo("temple.jpg"), ["travel"], "temple")
    english = await draw_heatmap(heatmap)
    assert await draw_heatmap(heatmap, wording=german) != english
    if writable("写真"):
        assert await draw_heatmap(heatmap, wording=japanese) != english
    monkeypatch.setattr("engine.fonts.FONTS", ())
    fonts.cache_clear()
    try:
        assert writable("nach #sky") and not writable("写真")
        plain = await draw_heatmap(heatmap)
        assert await draw_heatmap(heatmap, wording=german) != plain
        assert await draw_heatmap(heatmap, wording=japanese) == plain
    finally:
        fonts.cache_clear()


def test_a_long_label_goes_on_in_the_next_lines():
    font = ImageFont.load_default(20)
    tag = "#goldenhourphotography"
    wide = round(font.getlength(tag)) + 2
    assert wrapped("after #sea", font, wide) == ["after #sea"]
    assert wrapped(f"after {tag}", font, wide) == ["after", tag]
    assert wrapped("one two three four", font, round(font.getlength("one two t"))) == [
        "one two", "three", "four",
    ]  # fmt: skip
    *first, last = wrapped(f"after #{'x' * 200}", font, wide)
    assert first[0] == "after" and len(first) == 2 and last.endswith("x...")
    assert all(font.getlength(line) <= wide for line in (*first, last))
    assert "".join(wrapped("#海" * 9, font, wide, lines=20)) == "#海" * 9
    assert wrapped("x", font, 1) == ["x"] and wrapped("", font, 1) == []


async def test_a_narrow_photo_is_drawn_too(engine):
    panorama = Image.open(PHOTOS / "temple.jpg").resize((2000, 20))
    heatmap = await engine.explain(saved(panorama), ["love"], "sky")
    with Image.open(io.BytesIO(await draw_heatmap(heatmap))) as picture:
        assert picture.width == 3 * 480 + 4 * 12
    tall = await engine.explain(saved(panorama.rotate(90, expand=True)), ["love"], "sky")
    with Image.open(io.BytesIO(await draw_heatmap(tall))) as picture:
        assert picture.height > 480


async def test_colours_are_warm_where_the_photo_speaks_for_the_tag_and_cold_where_against(engine):
    heatmap = await engine.explain(photo("temple.jpg"), [], "temple")
    grey = Image.new("RGB", (400, 300), (128, 128, 128))
    drawn = np.asarray(overlay(grey, heatmap)).astype(int)
    assert drawn.shape == (300, 400, 3)
    left, top, right, bottom = np.multiply(heatmap.crop, [400, 300, 400, 300])
    cells = np.array(heatmap.lift.cells)
    colours = []
    for cell in (cells.argmax(), cells.argmin()):
        x = left + (cell % heatmap.columns + 0.5) * (right - left) / heatmap.columns
        y = top + (cell // heatmap.columns + 0.5) * (bottom - top) / heatmap.rows
        red, _, blue = drawn[int(y), int(x)]
        colours.append(red - blue)
    assert cells.min() < 0 < cells.max()
    assert colours[0] > 60
    assert colours[1] < 0
    assert np.ptp(drawn[:, : int(left) - 1], axis=2).max() == 0  # unseen: no colour of the map


async def test_a_map_on_the_scale_of_a_stronger_one_is_paler(engine):
    heatmap = await engine.explain(photo("cat.png"), [], "cat")
    grey = Image.new("RGB", (400, 300), (128, 128, 128))
    full, pale = (
        np.ptp(np.asarray(overlay(grey, heatmap, scale)).astype(int), axis=2).max()
        for scale in (None, 4 * max(heatmap.lift.cells))
    )
    assert pale < full


def test_the_command_draws_beside_the_photo_and_says_how_much_comes_from_where(tmp_path, capsys):
    shutil.copyfile(PHOTOS / "temple.jpg", tmp_path / "temple.jpg")
    call = [
        "explain",
        str(tmp_path / "temple.jpg"),
        "--prefix",
        "travel",
        "#Sky",
        "--tag",
        "#Temple",
    ]
    assert main(call) == 0
    printed = capsys.readouterr()
    said, file = printed.out.splitlines()
    assert said.startswith("#temple after #travel #sky: ")
    assert printed.err == ""
    assert Path(file) == tmp_path / "temple-temple-heatmap.png"
    with Image.open(file) as picture:
        assert picture.width == 4 * 480 + 5 * 12


def test_the_command_draws_where_it_is_told(tmp_path, capsys):
    out = tmp_path / "map.png"
    assert main(["explain", str(PHOTOS / "cat.png"), "--tag", "cat", "--out", str(out)]) == 0
    assert capsys.readouterr().out.splitlines()[0].startswith("#cat: the photo speaks for it")
    with Image.open(out) as picture:
        assert picture.width == 2 * 451 + 3 * 12


def test_the_command_explains_a_head_of_ones_own(tmp_path, capsys):
    for file in ("head.json", "head.safetensors"):
        shutil.copyfile(SHIPPED_WEIGHTS / file, tmp_path / file)
    call = ["explain", str(PHOTOS / "cat.png"), "--tag", "cat", "--out", str(tmp_path / "map.png")]
    assert main([*call, "--checkpoint", str(tmp_path)]) == 0
    assert (tmp_path / "map.png").exists()
    assert main([*call, "--checkpoint", str(tmp_path / "nowhere")]) == 1
    assert "cannot read" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("photo", "tag", "out", "complaint"),
    [
        ("nowhere.jpg", "cat", "map.png", "nowhere.jpg: no such file or directory"),
        ("notes.png", "cat", "map.png", "notes.png: this is not a picture"),
        ("cat.png", "xqzv", "map.png", "#xqzv is not among the hashtags"),
        ("cat.png", "girl", "map.png", "#girl is never suggested"),
        ("cat.png", "cat", "nowhere/map.png", "map.png: no such file or directory"),
        ("cat.png", "cat", "cat.png", "this is the photo itself"),
    ],
)
def test_the_command_says_in_a_line_what_is_wrong(tmp_path, capsys, photo, tag, out, complaint):
    shutil.copyfile(PHOTOS / "cat.png", tmp_path / "cat.png")
    (tmp_path / "notes.png").write_text("milk, bread, butter")
    call = ["explain", str(tmp_path / photo), "--tag", tag, "--out", str(tmp_path / out)]
    assert main(call) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert complaint in printed.err
    assert len(printed.err.splitlines()) == 1
    assert (tmp_path / "cat.png").read_bytes() == (PHOTOS / "cat.png").read_bytes()
    assert not (tmp_path / "map.png").exists()
