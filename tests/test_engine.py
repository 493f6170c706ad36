"""The engine as the bot sees it: the shipped checkpoint behind the door."""

from __future__ import annotations

import asyncio
import io
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from engine_fixtures import Blind, Held
from PIL import Image

from engine import (
    CheckpointError,
    EmbeddingMismatch,
    EngineBusy,
    EngineClosed,
    ImageEmbedding,
    ImageTooLarge,
    NotAnImage,
    open_recommender,
)
from engine.decoder import TagDecoder
from engine.door import Unobserved
from engine.encoder import CARD_FILE, Encoder, EncoderCard
from engine.local import SHIPPED_WEIGHTS, LocalRecommender

PHOTOS = Path(__file__).parent / "photos"

# Every 40th feature of cat.png as timm's tf_efficientnet_lite2 computes it in float32 with the
# published weights.
CAT_FEATURES = [
    *(0.001, 0.015, 0.0, 0.0, 0.008, 0.799, 0.0, 0.0, 0.049, 0.0, 0.0, 0.0, 0.0, 0.0, 0.306, 0.0),
    *(0.0, 0.0, 0.416, 0.006, 0.0, 0.012, 0.0, 0.596, 0.0, 0.0, 0.503, 0.17, 0.075, 0.0, 0.098),
    0.194,
]


def photo(name: str) -> bytes:
    return (PHOTOS / name).read_bytes()


def vector(image: ImageEmbedding) -> np.ndarray:
    return np.frombuffer(image.vector, "<f2").astype(np.float32)


def likeness(one: ImageEmbedding, other: ImageEmbedding) -> float:
    a, b = vector(one), vector(other)
    return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))


class Count(Unobserved):
    """Waits until a step was done so often."""

    def __init__(self, step: str, number: int) -> None:
        self.step = step
        self.left = number
        self.reached = asyncio.Event()

    def worked(self, step: str, items: int, seconds: float) -> None:
        if step == self.step:
            self.left -= 1
        if self.left == 0:
            self.reached.set()


@pytest.fixture(scope="module")
def engine():
    """One engine with the shipped weights for all of these tests."""
    engine = asyncio.run(open_recommender())
    yield engine
    asyncio.run(engine.close())


async def test_a_photo_gets_ranked_hashtags(engine):
    image = await engine.look(photo("flower.jpg"))
    page = await engine.suggest(image, [], k=10)
    tags = [each.tag for each in page.items]
    assert len(set(tags)) == 10
    assert {"flower", "flowers"} & set(tags)
    scores = [each.score for each in page.items]
    assert all(0 <= score <= 1 for score in scores)
    assert 0 <= page.complete <= 1


async def test_the_encoder_sees_what_the_published_network_sees():
    engine = await open_recommender(precision="float32")
    features = vector(await engine.look(photo("cat.png")))
    await engine.close()
    assert features.shape == (1280,)
    assert np.abs(features[::40] - CAT_FEATURES).max() < 0.02


async def test_a_coffee_is_no_soup(engine):
    page = await engine.suggest(await engine.look(photo("coffee.jpg")), [])
    assert page.items[0].tag == "coffee"
    assert not {"soup", "churros"} & {each.tag for each in page.items}


async def test_every_tap_changes_the_suggestions(engine):
    image = await engine.look(photo("temple.jpg"))
    before = [each.tag for each in (await engine.suggest(image, [])).items]
    after = [each.tag for each in (await engine.suggest(image, before[:2])).items]
    assert not set(before[:2]) & set(after)
    assert after != before
    other = await engine.suggest(image, before[:2], exclude=after)
    assert not {each.tag for each in other.items} & {*before[:2], *after}


async def test_words_alone_get_suggestions_too(engine):
    page = await engine.suggest(None, ["beach", "#Sunset"], k=5)
    assert len(page.items) == 5
    assert not {"beach", "sunset"} & {each.tag for each in page.items}


async def test_a_stored_embedding_needs_neither_the_photo_nor_the_same_process(engine):
    image = await engine.look(photo("coffee.jpg"))
    stored = image.to_bytes()
    assert len(stored) < 3000
    restored = ImageEmbedding.from_bytes(stored)
    reopened = await LocalRecommender.open()
    assert await reopened.suggest(restored, ["coffee"]) == await engine.suggest(image, ["coffee"])
    await reopened.close()


async def test_a_photo_looks_the_same_alone_and_among_others(engine):
    names = ["cat.png", "coffee.jpg", "rocket.jpg", "temple.jpg", "dress.jpg", "shoes.jpg"]
    alone = [await engine.look(photo(name)) for name in names]
    together = await asyncio.gather(*(engine.look(photo(name)) for name in names))
    for one, other in zip(alone, together, strict=True):
        assert likeness(one, other) > 0.9999
    taps = [["art"], [], ["travel", "love"], ["unknownword"], ["fun"], []]
    pages = await asyncio.gather(*map(engine.suggest, alone, taps))
    for image, tap, page in zip(alone, taps, pages, strict=True):
        assert [each.tag for each in (await engine.suggest(image, tap)).items] == [
            each.tag for each in page.items
        ]


async def test_a_photo_sent_large_gets_nearly_the_same_features(engine):
    large = io.BytesIO()
    Image.open(PHOTOS / "temple.jpg").resize((2560, 1708), Image.Resampling.LANCZOS).save(
        large, "JPEG", quality=92
    )
    small = await engine.look(photo("temple.jpg"))
    assert likeness(small, await engine.look(large.getvalue())) > 0.99


async def test_what_is_no_photo_is_refused_and_the_next_one_is_served(engine):
    with pytest.raises(NotAnImage):
        await engine.look(b"not a picture")
    with pytest.raises(NotAnImage):
        await engine.look(b"")
    bomb = io.BytesIO()
    Image.new("1", (11_000, 11_000)).save(bomb, "PNG")
    with pytest.raises(ImageTooLarge):
        await engine.look(bomb.getvalue())
    assert (await engine.look(photo("hat.jpg"))).vector


async def test_bad_files_among_an_album_cost_only_themselves(engine):
    album = [photo("cat.png"), b"no", photo("hat.jpg"), photo("cat.png")[:5000], photo("dress.jpg")]
    seen = await asyncio.gather(*map(engine.look, album), return_exceptions=True)
    assert [isinstance(one, ImageEmbedding) for one in seen] == [True, False, True, False, True]
    assert isinstance(seen[1], NotAnImage)
    assert isinstance(seen[3], NotAnImage)


async def test_several_huge_pictures_at_once_are_all_seen(engine):
    huge = io.BytesIO()
    Image.open(PHOTOS / "cat.png").resize((6000, 4000)).save(huge, "PNG", compress_level=1)
    seen = await asyncio.gather(*(engine.look(huge.getvalue()) for _ in range(3)))
    small = await engine.look(photo("cat.png"))
    assert all(likeness(small, one) > 0.98 for one in seen)


async def test_a_neighbour_does_not_wait_for_a_whole_album(engine):
    done: list[str] = []

    async def send(name: str, caller: str) -> None:
        await engine.look(photo(name), caller=caller)
        done.append(caller)

    album = [asyncio.create_task(send("shoes.jpg", "album")) for _ in range(30)]
    await asyncio.sleep(0)
    await send("hat.jpg", "neighbour")
    await asyncio.gather(*album)
    assert done.index("neighbour") < 15


def heavy_picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (5000, 4000), (90, 120, 60)).save(file, "PNG", compress_level=1)
    return file.getvalue()


async def test_small_photos_do_not_wait_for_an_album_of_heavy_pictures(monkeypatch):
    monkeypatch.setattr("engine.local.available_cores", lambda: 1)
    engine = await LocalRecommender.open()
    heavy = heavy_picture()
    album = [asyncio.create_task(engine.look(heavy, caller="album")) for _ in range(12)]
    await asyncio.sleep(0)
    for _ in range(6):
        await engine.look(photo("hat.jpg"), caller="neighbour")
    assert sum(task.done() for task in album) < 6
    assert len({(await task).vector for task in album}) == 1
    await engine.close()


async def test_heavy_pictures_whose_callers_have_gone_hold_up_nobody(engine):
    heavy = heavy_picture()
    album = [asyncio.create_task(engine.look(heavy, caller="album")) for _ in range(50)]
    await asyncio.wait([album[0]])
    last = asyncio.create_task(engine.look(heavy, caller="album"))
    for task in album[1:]:
        task.cancel()
    assert (await last).vector == album[0].result().vector
    assert sum(not task.cancelled() for task in album) == 1


async def test_a_tap_does_not_wait_for_the_photos_before_it(engine):
    image = await engine.look(photo("hat.jpg"))
    album = [asyncio.create_task(engine.look(photo("shoes.jpg"))) for _ in range(20)]
    await asyncio.sleep(0)
    await engine.suggest(image, ["summer"])
    assert sum(task.done() for task in album) < 10
    await asyncio.gather(*album)


async def test_more_than_it_can_hold_is_refused_at_once_and_passes(engine):
    content = photo("shoes.jpg")
    flood = [asyncio.create_task(engine.look(content)) for _ in range(200)]
    for _ in range(3):
        await asyncio.sleep(0)
    refused = [task for task in flood if task.done()]
    assert 30 < len(refused) < 100
    assert all(isinstance(task.exception(), EngineBusy) for task in refused)
    assert all(task.exception().retry_after > 0 for task in refused)
    for task in flood:
        task.cancel()
    await asyncio.gather(*flood, return_exceptions=True)
    assert (await engine.look(content)).vector


async def test_a_machine_of_many_cores_refuses_no_photo_that_it_has_begun(monkeypatch):
    monkeypatch.setattr("engine.local.available_cores", lambda: 150)
    network, decoded = Held(Blind()), Count("decode", 150)
    card = EncoderCard.read(SHIPPED_WEIGHTS / CARD_FILE)
    encoder = Encoder(network, card, torch.device("cpu"))
    engine = LocalRecommender(encoder, TagDecoder.load(SHIPPED_WEIGHTS), decoded)
    file = io.BytesIO()
    Image.new("RGB", (8, 8)).save(file, "PNG")
    looks = [asyncio.create_task(engine.look(file.getvalue(), caller=n)) for n in range(150)]
    await decoded.reached.wait()  # all of them are before the CNN now
    network.go_on.set()
    assert all(isinstance(one, ImageEmbedding) for one in await asyncio.gather(*looks))
    await engine.close()


async def test_several_photos_are_suggested_for_as_one(engine):
    cat, coffee = [await engine.look(photo(name)) for name in ("cat.png", "coffee.jpg")]
    both = ImageEmbedding.mean([cat, coffee])
    assert ImageEmbedding.mean([cat]) == cat
    assert vector(both) == pytest.approx((vector(cat) + vector(coffee)) / 2, abs=1e-3)
    tags = {one.tag for one in (await engine.suggest(both, [], k=20)).items}
    for alone in (cat, coffee):
        assert tags & {one.tag for one in (await engine.suggest(alone, [], k=5)).items}
    with pytest.raises(EmbeddingMismatch):
        ImageEmbedding.mean([cat, ImageEmbedding("another-encoder", coffee.vector)])


async def test_an_embedding_of_another_encoder_or_a_damaged_one_is_refused(engine):
    image = await engine.look(photo("hat.jpg"))
    for other in (
        ImageEmbedding("another-encoder", image.vector),
        ImageEmbedding(image.encoder, image.vector[:-2]),
    ):
        with pytest.raises(EmbeddingMismatch):
            await engine.suggest(other, [])
    with pytest.raises(EmbeddingMismatch):
        ImageEmbedding.from_bytes(b"garbage")


async def test_closing_finishes_what_is_under_way_and_refuses_the_rest():
    engine = await LocalRecommender.open()
    image = await engine.look(photo("hat.jpg"))
    files = [photo("shoes.jpg")] * 8 + [heavy_picture()] * 2
    photos = [asyncio.create_task(engine.look(file)) for file in files]
    explained = asyncio.create_task(engine.explain(photo("shoes.jpg"), [], "shoes"))
    tap = asyncio.create_task(engine.suggest(image, ["summer"]))
    await asyncio.sleep(0)
    closing = asyncio.create_task(engine.close())
    await asyncio.sleep(0)
    with pytest.raises(EngineClosed):
        await engine.look(photo("hat.jpg"))
    with pytest.raises(EngineClosed):
        await engine.suggest(image, [])
    with pytest.raises(EngineClosed):
        await engine.explain(photo("hat.jpg"), [], "hat")
    await closing
    assert all(isinstance(one, ImageEmbedding) for one in await asyncio.gather(*photos))
    assert (await tap).items
    assert (await explained).tag == "shoes"


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """A copy of the shipped weights to be spoiled."""
    for file in SHIPPED_WEIGHTS.iterdir():
        if file.suffix in (".json", ".safetensors"):
            shutil.copyfile(file, tmp_path / file.name)
    return tmp_path


def rewrite(file: Path, **changes: object) -> None:
    file.write_text(json.dumps({**json.loads(file.read_text()), **changes}))


def respelled(folder: Path, word: object) -> None:
    """Another word for the hundredth row of the tables."""
    words = json.loads((folder / "head.json").read_text())["vocabulary"]
    rewrite(folder / "head.json", vocabulary=[*words[:100], word, *words[101:]])


def resized(folder: Path, **sizes: object) -> None:
    dimensions = json.loads((folder / "head.json").read_text())["dimensions"]
    rewrite(folder / "head.json", dimensions=dimensions | sizes)


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        (lambda folder: (folder / "encoder.json").unlink(), "encoder.json"),
        (lambda folder: (folder / "encoder.json").write_text("{}"), "encoder.json"),
        (lambda folder: (folder / "encoder.safetensors").unlink(), "encoder.safetensors"),
        (lambda folder: (folder / "encoder.safetensors").write_bytes(b"12"), "encoder.safetensors"),
        (lambda folder: rewrite(folder / "encoder.json", version="v0"), "encoder.json"),
        (lambda folder: rewrite(folder / "encoder.json", name="vgg16"), "encoder.json"),
        (lambda folder: (folder / "head.safetensors").unlink(), "head.safetensors"),
        (lambda folder: (folder / "head.json").write_text("[" * 99_999), "cannot be read"),
        (lambda folder: respelled(folder, "gardens"), "not the one it was"),
        (lambda folder: respelled(folder, 7), "not a normalised tag: 7"),
        (lambda folder: resized(folder, joint=-1), "joint is -1"),
        (lambda folder: resized(folder, gates=0.5), "gates is 0.5"),
    ],
)
async def test_a_checkpoint_that_cannot_be_used_is_refused_by_name(weights, spoil, complaint):
    spoil(weights)
    with pytest.raises(CheckpointError, match=complaint):
        await open_recommender(weights=str(weights))


async def test_there_is_no_engine_of_another_name():
    with pytest.raises(ValueError, match="magic"):
        await open_recommender("magic")


def test_the_running_engine_needs_neither_timm_nor_what_trains_it():
    script = (
        "import asyncio, sys\n"
        "from engine import open_recommender\n"
        "async def main():\n"
        "    engine = await open_recommender()\n"
        "    await engine.suggest(await engine.look(open(sys.argv[1], 'rb').read()), ['fun'])\n"
        "    await engine.close()\n"
        "asyncio.run(main())\n"
        "print(*sorted({name.split('.')[0] for name in sys.modules} & {'timm', 'torchvision',\n"
        "    'scipy', 'sklearn', 'matplotlib', 'telegram', 'sqlalchemy', 'bot', 'storage'}))\n"
        "print(*[name for name in sys.modules if name.startswith('engine.train')])\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", script, str(PHOTOS / "hat.jpg")],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parent.parent,
    )
    assert run.stdout.split() == []
