"""What encoders see in pictures: computed once, kept by encoder and content, learned from."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch
from PIL import Image

from engine.backbones import open_backbone
from engine.cli import main
from engine.datasets.album import read_album
from engine.encoder import Encoder
from engine.local import SHIPPED_WEIGHTS
from engine.pixels import decode
from engine.train.data import encoder_of, read_features, read_missing

PHOTOS = Path(__file__).parent / "photos"
BACKBONE = "torchvision:mobilenet_v3_small"


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Two pictures gain nothing from several, which wait for each other on a busy machine."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch) -> Path:
    """The user's cache folder, empty."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "tagalong" / "features.sqlite"


@pytest.fixture(scope="module")
def models() -> ModuleType:
    """torchvision's networks, imported where they are needed: that takes seconds."""
    from torchvision import models

    return models


@pytest.fixture(scope="module")
def state(models: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights of the backbone as its library would write them, classifier and all."""
    torch.manual_seed(1)
    path = tmp_path_factory.mktemp("state") / "mobilenet.pth"
    network = models.mobilenet_v3_small(weights=None).train()
    for layer in network.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            layer.momentum = 1.0  # one look is enough to know its activations
    with torch.no_grad():
        network(torch.randn(4, 3, 64, 64))
    torch.save(network.state_dict(), path)
    return path


@pytest.fixture
def folder(tmp_path) -> Path:
    """Two pictures."""
    return manifest(tmp_path / "mine", '{"image": "a.jpg", "tags": ["hat"]}', '{"image": "b.png"}')


def manifest(folder: Path, *lines: str) -> Path:
    folder.mkdir(exist_ok=True)
    shutil.copy(PHOTOS / "hat.jpg", folder / "a.jpg")
    Image.new("RGB", (40, 30), (200, 120, 60)).save(folder / "b.png")
    (folder / "manifest.jsonl").write_text("".join(f"{line}\n" for line in lines))
    return folder


@pytest.fixture
def features(capsys):
    """Compute; gives what was said and the exit status."""

    def call(*arguments: object) -> tuple[str, int]:
        status = main(["features", *map(str, arguments)])
        printed = capsys.readouterr()
        return printed.out + printed.err, status

    return call


def work(said: str) -> tuple[int, int]:
    """How many pictures were computed, and how many came from the cache."""
    computed, cached = re.search(r"(\d+) computed, (\d+) from the cache", said).groups()
    return int(computed), int(cached)


def alike(one: np.ndarray, other: np.ndarray) -> float:
    one, other = one.astype(np.float64), other.astype(np.float64)
    return float(one @ other / np.linalg.norm(one) / np.linalg.norm(other))


def test_features_are_what_the_encoder_sees_and_are_computed_once(tmp_path, folder, features):
    said, status = features(folder)
    assert (work(said), status) == ((2, 0), 0)
    encoder = Encoder.load(SHIPPED_WEIGHTS)
    pixels = decode((folder / "a.jpg").read_bytes(), encoder.card.geometry)
    stored = read_features(folder / "features.npz")
    assert alike(stored[0], encoder.features(np.stack([pixels]))[0]) > 0.999
    assert encoder_of(folder / "features.npz") == (encoder.card.name, encoder.card.version)

    # Somewhere else, under another name, between others: the picture is the same.
    again = manifest(tmp_path / "again", "{", '{"image": "moved.png"}', '{"image": "a.jpg"}')
    (again / "b.png").rename(again / "moved.png")
    said, _ = features(again / "manifest.jsonl", "--out", tmp_path / "again.npz", "--batch", 1)
    assert work(said) == (0, 2)
    assert alike(read_features(tmp_path / "again.npz")[2], stored[0]) > 0.999

    Image.new("RGB", (40, 30), (20, 120, 60)).save(folder / "b.png")
    assert work(features(folder)[0]) == (1, 1)


def test_training_and_measuring_look_at_pictures_by_the_same_cache(folder, features, cache):
    said: list[str] = []
    album = read_album(folder, SHIPPED_WEIGHTS, say=said.append)
    assert album.words == (("hat",),)
    assert cache.exists()
    assert work(features(folder)[0]) == (0, 2)
    stored = read_album(folder, SHIPPED_WEIGHTS)
    assert alike(stored.photos.features[0], album.photos.features[0]) > 0.999


def test_missing_and_broken_pictures_are_counted_and_keep_their_lines(folder, features):
    (folder / "notes.jpg").write_text("milk, bread")
    said, status = features(
        manifest(
            folder,
            '{"image": "gone.jpg"}',
            r'{"image": "no\u0000.jpg"}',
            r'{"image": "\ud83d.jpg"}',
            '{"image": "."}',
            '{"image": "notes.jpg"}',
            "{",
            '{"tags": ["hat"]}',
            '{"image": "b.png"}',
        )
    )
    assert status == 0
    assert "5 pictures missing or broken, 1 lines without a picture, 1 broken lines" in said
    assert read_missing(folder / "features.npz") == {0, 1, 2, 3, 4, 5, 6}
    assert len(read_features(folder / "features.npz")) == 8


def test_what_was_seen_before_stays_where_the_picture_is_gone(folder, features, state):
    features(folder)
    before = read_features(folder / "features.npz")
    (folder / "a.jpg").unlink()
    said, status = features(folder)
    assert (work(said), status) == ((0, 1), 0)
    assert "1 kept" in said
    assert read_missing(folder / "features.npz") == frozenset()
    assert alike(read_features(folder / "features.npz")[0], before[0]) > 0.999
    with np.load(folder / "features.npz") as stored:
        arrays = dict(stored)
    np.savez(folder / "features.npz", **arrays | {"version": np.array("trained-anew")})
    assert "features of other weights" in features(folder)[0]
    assert read_missing(folder / "features.npz") == {0}
    np.savez(folder / "features.npz", **arrays)
    # Of another encoder they would be nonsense.
    features(folder, "--encoder", BACKBONE, "--state", state)
    assert read_missing(folder / "features.npz") == {0}


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (['{"tags": ["sea"]}'], "names no pictures"),
        (['{"image": "gone.jpg"}'], "none of the pictures"),
        (None, "No such file"),
    ],
)
def test_nothing_to_see_leaves_one_clear_line_and_no_file(tmp_path, features, lines, reason):
    folder = manifest(tmp_path / "mine", *lines or ())
    if lines is None:
        (folder / "manifest.jsonl").unlink()
    said, status = features(folder)
    assert status == 1
    assert said.startswith("features: ") and said.count("\n") == 1 and reason in said
    assert not (folder / "features.npz").exists()


def test_a_cache_that_cannot_be_used_is_said_so(tmp_path, folder, features):
    letter = tmp_path / "letter"
    letter.write_text("not a database, but a letter that somebody may want to keep" * 20)
    said, status = features(folder, "--cache", letter)
    assert status == 1
    assert str(letter) in said and said.count("\n") == 1
    assert letter.read_text().startswith("not a database")


# --- backbones by name -----------------------------------------------------------------------


def test_a_backbone_sees_without_its_classifier_and_is_saved_for_serving(
    tmp_path, folder, features, state, models
):
    assert work(features(folder)[0]) == (2, 0)
    saved = tmp_path / "encoder"
    said, status = features(
        folder, "--encoder", BACKBONE, "--state", state, "--save-encoder", saved
    )
    assert status == 0
    assert work(said) == (2, 0), "another encoder's features were taken from the cache"
    assert "1024 features" in said
    seen = read_features(folder / "features.npz")

    network = models.mobilenet_v3_small(weights=None)
    network.load_state_dict(torch.load(state, weights_only=True))
    network.classifier[-1] = torch.nn.Identity()
    with Image.open(folder / "a.jpg") as photo, torch.inference_mode():
        transform = models.MobileNet_V3_Small_Weights.DEFAULT.transforms()
        expected = network.eval()(transform(photo.convert("RGB"))[None])[0]
    assert alike(seen[0], expected.numpy()) > 0.995

    description = json.loads((saved / "encoder.json").read_text())
    assert description["name"] == BACKBONE
    said, _ = features(folder, "--encoder", saved, "--cache", tmp_path / "other.sqlite")
    assert work(said) == (2, 0)
    assert alike(read_features(folder / "features.npz")[0], seen[0]) > 0.999
    assert "copy its two files" in features(folder, "--save-encoder", saved)[0]

    description["preprocessing"]["crop"] -= 1
    (saved / "encoder.json").write_text(json.dumps(description))
    said, status = features(folder, "--encoder", saved)
    assert status == 1
    assert "is not the file that encoder.json describes" in said


def test_published_weights_are_taken_by_name(
    tmp_path, monkeypatch, folder, features, models, state
):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    for variable in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(variable, "http://127.0.0.1:9")  # where nobody answers
    said, status = features(folder, "--encoder", BACKBONE)
    assert status == 1
    assert "could not be downloaded" in said and "--state" in said and "Traceback" not in said

    # What torchvision has downloaded once is not asked for again.
    published = models.MobileNet_V3_Small_Weights.DEFAULT.url
    downloaded = tmp_path / "torch" / "hub" / "checkpoints" / Path(published).name
    downloaded.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(state, downloaded)
    name = f"{BACKBONE}.IMAGENET1K_V1"
    said, status = features(folder, "--encoder", name)
    assert status == 0, said
    assert encoder_of(folder / "features.npz")[0] == name


def test_an_encoder_that_cannot_be_had_says_why(tmp_path, folder, features, state, monkeypatch):
    monkeypatch.setitem(sys.modules, "timm", None)
    (tmp_path / "text.pth").write_text("no weights")
    torch.save({"weights": [1, 2]}, tmp_path / "list.pth")
    for name, file, reason in (
        ("timm:resnet50", None, "pip install timm"),
        ("torchvision:vgg17", None, "no model 'vgg17'"),
        ("torchvision:vgg16.BEST", None, "no weights 'BEST'"),
        ("torchvision:fcn_resnet50", None, "does not classify pictures"),
        ("torchvision:squeezenet1_0", state, "no last layer"),
        ("keras:vgg16", None, "there is no encoder"),
        ("vgg16", None, "there is no encoder"),
        (BACKBONE, tmp_path / "gone.pth", "cannot read"),
        (BACKBONE, tmp_path / "text.pth", "cannot read"),
        (BACKBONE, tmp_path / "list.pth", "not a state dict"),
        ("torchvision:mobilenet_v3_large", state, "does not fit"),
        ("weights", state, "--state belongs to a backbone"),
        (str(tmp_path), None, "encoder.json"),
    ):
        said, status = features(folder, "--encoder", name, *(("--state", file) if file else ()))
        assert status == 1, name
        assert said.startswith("features: ") and reason in said, said
    assert not (folder / "features.npz").exists()


def test_a_network_that_scales_its_own_input_does_so_with_weights_from_a_file(models, tmp_path):
    torch.manual_seed(2)
    whole = models.googlenet(weights=None, init_weights=False)  # with the branches for training
    torch.save(whole.state_dict(), tmp_path / "googlenet.pth")
    encoder = open_backbone("torchvision:googlenet", tmp_path / "googlenet.pth")
    whole.aux1 = whole.aux2 = None
    whole.fc, whole.transform_input = torch.nn.Identity(), True  # as torchvision's own weights
    pixels = decode((PHOTOS / "hat.jpg").read_bytes(), encoder.card.geometry)
    scaled = torch.tensor(pixels).permute(2, 0, 1)[None] / 255
    mean, std = (
        torch.tensor(values)[:, None, None] for values in (encoder.card.mean, encoder.card.std)
    )
    with torch.inference_mode():
        expected = whole.eval()((scaled - mean) / std)[0].numpy()
    assert encoder.features(np.stack([pixels]))[0] == pytest.approx(expected, abs=1e-3)
