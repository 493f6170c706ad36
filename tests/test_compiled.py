"""The CNN in OpenVINO beside the CNN in PyTorch: nobody can tell which one saw a photo."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from engine import ImageEmbedding, NoRuntime, open_recommender, pixels
from engine.compiled import Compiled
from engine.cores import granted
from engine.encoder import Encoder
from engine.local import SHIPPED_WEIGHTS, LocalRecommender

ROOT = Path(__file__).parent.parent
PHOTOS = sorted(file for file in (ROOT / "tests" / "photos").iterdir() if file.suffix != ".md")


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder.load(SHIPPED_WEIGHTS)


def test_both_give_the_same_features_alone_and_in_batches(encoder):
    compiled = Compiled(encoder, streams=2)
    squares = [pixels.decode(file.read_bytes(), encoder.card.geometry) for file in PHOTOS]
    noise = np.random.default_rng(0).integers(0, 256, squares[0].shape, dtype=np.uint8)
    batch = np.stack([*squares, noise, np.zeros_like(noise), np.full_like(noise, 255)])
    expected = encoder.features(batch)
    assert compiled.features(batch) == pytest.approx(expected, abs=1e-4)
    assert compiled.features(batch[3:4]) == pytest.approx(expected[3:4], abs=1e-4)
    assert compiled.features(batch[:0]).shape == (0, 1280)


async def test_an_embedding_of_one_is_read_by_the_other_and_the_suggestions_are_equal():
    engines = await asyncio.gather(
        LocalRecommender.open(runtime="torch", precision="float32"),
        LocalRecommender.open(runtime="openvino", precision="float32"),
    )
    try:
        for file in PHOTOS:
            one, other = [await engine.look(file.read_bytes()) for engine in engines]
            assert one.encoder == other.encoder
            halves = [np.frombuffer(each.vector, "<f2").astype(float) for each in (one, other)]
            assert np.abs(halves[0] - halves[1]).max() < 0.004  # a step of half precision
            for prefix in ([], ["travel"], ["love", "summer"]):
                pages = [
                    await engine.suggest(image, prefix)
                    for engine, image in ((engines[0], one), (engines[1], one), (engines[0], other))
                ]
                first, *others = [[each.tag for each in page.items] for page in pages]
                assert others == [first, first]
    finally:
        await asyncio.gather(*(engine.close() for engine in engines))


async def test_many_photos_at_once_are_all_seen_as_each_alone():
    engine = await LocalRecommender.open(runtime="openvino")
    alone = [await engine.look(file.read_bytes()) for file in PHOTOS]
    many = [file.read_bytes() for file in PHOTOS * 3]
    together = await asyncio.gather(*(engine.look(photo) for photo in many))
    assert together == alone * 3
    await engine.close()


async def test_a_runtime_of_another_name_is_refused():
    with pytest.raises(ValueError, match="magic"):
        await open_recommender(runtime="magic")


async def test_a_precision_of_another_name_is_refused():
    with pytest.raises(ValueError, match="float8"):
        await open_recommender(precision="float8")


@pytest.mark.parametrize("runtime", ["openvino", "torch"])
@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
async def test_in_half_precision_the_first_ten_agree(encoder, runtime, precision):
    exact, half = await asyncio.gather(
        LocalRecommender.open(runtime=runtime, precision="float32"),
        LocalRecommender.open(runtime=runtime, precision=precision),
    )
    narrower = runtime == "torch" or Compiled(encoder, 1, precision).precision != "float32"
    likeness = []
    for file in PHOTOS:
        one, other = [await engine.look(file.read_bytes()) for engine in (exact, half)]
        assert one.encoder == other.encoder
        assert (one != other) == narrower
        for prefix in ([], ["travel"], ["love", "summer"]):
            pages = [await exact.suggest(image, prefix) for image in (one, other)]
            first, second = ({each.tag for each in page.items} for page in pages)
            likeness.append(len(first & second) / len(first | second))
    assert sum(likeness) / len(likeness) >= 0.95
    await asyncio.gather(exact.close(), half.close())


def run(script: str) -> str:
    script = f"import asyncio, sys\nfrom engine import *\n{script}\nasyncio.run(main())\n"
    done = subprocess.run(
        [sys.executable, "-c", script, str(PHOTOS[0])],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    return done.stdout.strip()


def test_without_openvino_the_engine_runs_all_the_same_unless_it_was_asked_for():
    printed = run(
        "sys.modules['openvino'] = None\n"
        "async def main():\n"
        "    engine = await open_recommender()\n"
        "    print((await engine.look(open(sys.argv[1], 'rb').read())).to_bytes().hex())\n"
        "    await engine.close()\n"
        "    try:\n"
        "        await open_recommender(runtime='openvino')\n"
        "    except NoRuntime as error:\n"
        "        print(error)\n"
    )
    embedding, complaint = printed.splitlines()
    assert len(ImageEmbedding.from_bytes(bytes.fromhex(embedding)).vector) == 2 * 1280
    assert "pip install openvino" in complaint


def test_openvino_reports_nothing_to_its_makers():
    printed = run(
        "async def main():\n"
        "    engine = await open_recommender(runtime='openvino')\n"
        "    await engine.look(open(sys.argv[1], 'rb').read())\n"
        "    await engine.close()\n"
        "    print('openvino' in sys.modules, [n for n in sys.modules if 'telemetry' in n])\n"
    )
    assert printed == "True []"


def test_another_encoder_stays_in_pytorch(encoder):
    from torch import nn

    other = Encoder(nn.Flatten(), encoder.card, encoder.device)
    with pytest.raises(NoRuntime, match="only"):
        Compiled(other, streams=1)


def test_a_container_has_the_cores_that_its_share_of_time_is_worth(tmp_path):
    quota = tmp_path / "cpu.max"
    assert granted(quota) == float("inf")
    for content, cores in (("max 100000", float("inf")), ("200000 100000", 2), ("5000 100000", 1)):
        quota.write_text(f"{content}\n")
        assert granted(quota) == cores
