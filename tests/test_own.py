"""A head of one's own through the commands: manifest → train → evaluate → suggest."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from engine.cli import main
from engine.datasets.album import read_album
from engine.decoder import TagDecoder
from engine.door import CheckpointError
from engine.evaluate.manifest import over_words, tables
from engine.head import TENSORS, load_head
from engine.neighbours import rooted
from engine.train.neighbours import _ridge

THEMES = {
    "night": ("girl", "moon"),  # the product itself never says #girl of a photo
    "sea": ("sea", "blue"),
    "meadow": ("green", "picnic"),
    "fire": ("red", "bonfire"),
}
COLOURS = {"night": (10, 10, 30), "sea": (20, 90, 200), "meadow": (60, 170, 60),
           "fire": (220, 60, 20)}  # fmt: skip
SMALL = ["--joint", "32", "--recurrent", "16", "--reading", "16", "--steps", "40", "--batch", "32",
         "--threads", "1", "--device", "cpu"]  # fmt: skip


def draw(path: Path, theme: str, random: np.random.Generator) -> None:
    """A picture of a theme: its colour, in stripes of a width of its own."""
    pixels = np.tile(np.array(COLOURS[theme], dtype=np.float64), (96, 96, 1))
    pixels[:: 4 + 8 * list(COLOURS).index(theme)] *= 0.4
    pixels += random.normal(0, 12, pixels.shape)
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(path)


def write(folder: Path, lines: list[object]) -> Path:
    """Write a manifest; strings stand there as they are."""
    file = folder / "manifest.jsonl"
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    file.write_text("\n".join(texts) + "\n", encoding="utf-8")
    return file


def pictures(folder: Path, number: int) -> list[object]:
    """Draw photos of all themes in turn; gives their lines."""
    (folder / "images").mkdir(parents=True)
    random = np.random.default_rng(2)
    lines: list[object] = []
    for place in range(number):
        theme = list(THEMES)[place % len(THEMES)]
        draw(folder / "images" / f"{place}.png", theme, random)
        lines.append({"image": f"images/{place}.png", "labels": list(THEMES[theme])})
    return lines


def evaluated(*arguments: object, out: Path) -> dict[str, object]:
    """The report of an evaluation."""
    command = ["evaluate", *map(str, arguments), "--out", str(out), "--threads", "1"]
    assert main(command) == 0
    return json.loads(out.read_text(encoding="utf-8"))


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A cache of features of the tests' own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty-four pictures, and all that can be wrong with a manifest."""
    folder = tmp_path_factory.mktemp("photos")
    lines = pictures(folder, 44)
    lines[3] = {"image": "images/3.png", "tags": ["#Red", "red", "bonfire"]}
    (folder / "images" / "notes.png").write_text("no picture")
    lines += [
        '{"image": "images/1.png", "labels": [',
        "[]",
        {"image": "images/gone.png", "labels": ["sea"]},
        {"image": "images/notes.png", "labels": ["sea"]},
        {"labels": ["sea"]},
        {"image": "images/0.png"},
    ]
    return write(folder, lines)


@pytest.fixture(scope="module")
def head(manifest: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A head that was trained on them, eight held back."""
    out = tmp_path_factory.mktemp("own") / "head"
    command = ["train", "--manifest", str(manifest), "--hold-back", "8", "--out", str(out)]
    assert main([*command, *SMALL]) == 0
    return out


@pytest.fixture
def vectors(tmp_path: Path) -> Path:
    """A manifest whose photos are features alone: four groups, and a rare word within one."""
    random = np.random.default_rng(4)
    lines: list[object] = []
    table = np.zeros((120, 16), dtype=np.float32)
    for place in range(120):
        group = place % 4
        table[place, group * 3 : group * 3 + 3] = 3.0
        words = list(THEMES[list(THEMES)[group]])
        if place in (1, 41, 61, 81, 101):
            table[place, 12:15] = 2.0
            words.append("heron")
        lines.append({"labels": words})
    table = (table + random.uniform(0, 0.4, table.shape)).astype(np.float32)
    store(tmp_path / "features.npz", table)
    return write(tmp_path, lines)


def store(path: Path, table: np.ndarray) -> None:
    size = table.shape[1]
    np.savez(
        path,
        codes=(table * 60).round().astype(np.uint8),
        low=np.zeros(size, dtype=np.float32),
        scale=np.full(size, 1 / 60, dtype=np.float32),
    )


def trained(manifest: Path, out: Path, *options: str) -> Path:
    command = ["train", "--manifest", str(manifest), "--out", str(out), *SMALL, *options]
    assert main(command) == 0
    return out


# From pictures


def test_what_is_wrong_with_a_manifest_is_counted_and_the_rest_is_measured(
    manifest: Path, head: Path, tmp_path: Path
) -> None:
    report = evaluated(
        "--checkpoint", head, "--manifest", manifest, "--hold-back", 8, "--words", 2,
        out=tmp_path / "report.json",
    )  # fmt: skip
    assert (report["broken_lines"], report["missing_photos"]) == (2, 3)
    assert (report["wordless_photos"], report["duplicate_tags"]) == (1, 1)
    assert report["photos"] == 8
    assert report["f1"]["value"] > 0.9
    assert report["n_plus"]["value"] == report["words"] == report["f1"]["number"]
    assert report["knn/f1"]["value"] > 0.5
    assert report["image_only/f1"]["value"] > 0.5


def test_training_says_what_it_left_out(
    manifest: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trained(manifest, tmp_path / "head", "--steps", "2")
    said = capsys.readouterr().err
    assert "44 photos, 2 broken lines, 3 photos missing or unreadable" in said
    assert "1 photos without a word, 1 repeated tags" in said


def test_a_head_alone_in_its_folder_suggests_the_words_of_its_manifest(
    manifest: Path, head: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fresh = tmp_path / "night.png"
    draw(fresh, "night", np.random.default_rng(77))
    status = main(["suggest", str(fresh), "--json", "--k", "8", "--checkpoint", str(head)])
    suggestions = json.loads(capsys.readouterr().out)["suggestions"]
    assert status == 0
    assert {one["tag"] for one in suggestions[:2]} == {"girl", "moon"}
    assert {one["tag"] for one in suggestions} == {tag for tags in THEMES.values() for tag in tags}
    scores = [one["score"] for one in suggestions]
    assert scores == sorted(scores, reverse=True)
    command = ["suggest", str(fresh), "--json", "--checkpoint", str(head), "--prefix", "girl"]
    assert main(command) == 0
    after = json.loads(capsys.readouterr().out)["suggestions"]
    assert after[0]["tag"] == "moon"


# From features


def test_features_beside_a_manifest_need_no_picture_and_a_rare_word_is_found(
    vectors: Path, tmp_path: Path
) -> None:
    head = trained(vectors, tmp_path / "head", "--hold-back", "30")
    held = read_album(vectors, Path("weights"), 30)
    rare = [
        row for row in np.flatnonzero(held.photos.held_back).tolist() if "heron" in held.words[row]
    ]
    assert 0 < len(rare) < 4
    report = evaluated(
        "--checkpoint", head, "--manifest", vectors, "--hold-back", 30, "--words", 3,
        out=tmp_path / "report.json",
    )  # fmt: skip
    assert report["photos"] == 30
    assert report["recall"]["value"] == 1.0
    assert report["n_plus"]["value"] == 9
    assert report["rr@3(0)"]["number"] == report["rr@3(2)"]["number"] == len(rare)


def test_features_that_do_not_fit_their_manifest_are_left_aside(
    manifest: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(manifest.parent, folder)
    store(folder / "features.npz", np.ones((7, 16), dtype=np.float32))
    head = trained(folder / "manifest.jsonl", tmp_path / "head", "--steps", "2")
    assert "features.npz was left aside: 7 rows for 50 lines" in capsys.readouterr().err
    assert load_head(head).model.dims.features == 1280


def spoiled(path: Path, how: str) -> None:
    """A file of features that is none."""
    store(path, np.ones((120, 16), dtype=np.float32))
    with np.load(path) as stored:
        arrays = dict(stored)
    if how == "empty":
        path.write_bytes(b"")
    elif how == "cut":
        path.write_bytes(path.read_bytes()[:200])
    elif how == "an array":
        with path.open("wb") as file:
            np.save(file, np.ones((120, 16)))
    elif how == "flat":
        np.savez(path, **arrays | {"codes": np.zeros(120, dtype=np.uint8)})
    elif how == "no numbers":
        np.savez(path, **arrays | {"scale": np.full(16, np.nan, dtype=np.float32)})
    else:
        np.savez(path, **{name: value for name, value in arrays.items() if name != "low"})


@pytest.mark.parametrize("how", ["empty", "cut", "an array", "flat", "no numbers", "a part"])
def test_damaged_features_are_told_of_and_left_aside(
    vectors: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], how: str
) -> None:
    spoiled(vectors.with_name("features.npz"), how)
    command = ["train", "--manifest", str(vectors), "--out", str(tmp_path / "head"), *SMALL]
    assert main(command) == 1
    said = capsys.readouterr().err
    assert "0 of 120 lines can be used (features.npz was left aside: " in said
    pack = tmp_path / "pack"
    shutil.copytree(vectors.parent, pack / "photos", ignore=shutil.ignore_patterns("pack", "head"))
    assert main(["train", "--data", str(pack), "--out", str(tmp_path / "head")]) == 1
    assert "features.npz cannot be read: " in capsys.readouterr().err


def test_what_is_held_back_is_drawn_by_the_seed_and_never_learned(
    vectors: Path, tmp_path: Path
) -> None:
    lines = [json.loads(line) for line in vectors.read_text().splitlines()]
    first, again, other = (
        read_album(vectors, Path("weights"), 30, seed).photos.held_back for seed in (0, 0, 1)
    )
    assert first.sum() == 30
    assert (first == again).all()
    assert (first != other).any()
    for line, held in zip(lines, first, strict=True):
        line["labels"] += ["secret"] if held else []
    write(vectors.parent, lines)
    head = load_head(trained(vectors, tmp_path / "head", "--hold-back", "30"))
    assert "secret" not in head.vocabulary
    assert head.neighbours is not None
    assert len(head.neighbours.features) == 90


def test_halves_of_characters_and_impossible_names_cost_their_own_line_only(
    vectors: Path, tmp_path: Path
) -> None:
    lines = [json.loads(line) for line in vectors.read_text().splitlines()]
    texts = [json.dumps(line) for line in lines]
    texts[0] = r'{"image": "no\u0000.png", "labels": ["sea", "half \ud83d"]}'
    texts[1] = r'{"image": "\udc80.png", "tags": ["\ud83d"], "labels": ["sea"]}'
    vectors.write_text("\n".join(texts) + "\n", encoding="utf-8")
    head = load_head(trained(vectors, tmp_path / "head"))
    assert head.neighbours is not None
    assert len(head.neighbours.features) == 120


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--posts", ".3"], "--posts does nothing with --manifest"),
        (["--silence", ".3"], "--silence does nothing with --manifest"),
        (["--patience", "3", "--validation", "0"], "--validation 0 switches off"),
    ],
)
def test_an_option_that_would_do_nothing_is_refused(
    vectors: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    options: list[str],
    complaint: str,
) -> None:
    folders = ["--manifest", str(vectors), "--out", str(tmp_path / "head")]
    assert main(["train", *folders, *options]) == 1
    assert complaint in capsys.readouterr().err
    assert not (tmp_path / "head").exists()


def test_options_of_the_other_source_are_refused(
    vectors: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, out = str(tmp_path), str(tmp_path / "head")
    for command, complaint in (
        (["train", "--data", folder, "--out", out, "--hold-back", "3"], "--hold-back"),
        (["evaluate", "--data", folder, "--words", "3"], "--words"),
        (["evaluate", "--manifest", str(vectors), "--quick"], "--quick"),
    ):
        assert main(command) == 1
        assert f"{complaint} does nothing with --" in capsys.readouterr().err
    for option, value in (("--threads", "0"), ("--seed", "-1"), ("--hold-back", "-3")):
        with pytest.raises(SystemExit):
            main(["train", "--manifest", str(vectors), "--out", out, option, value])
        assert f"{option}: {value} is below" in capsys.readouterr().err


def test_a_manifest_without_a_usable_photo_is_an_error_that_says_so(
    vectors: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "bad"
    bad.mkdir()
    command = ["train", "--out", str(tmp_path / "head"), "--manifest"]
    assert main([*command, str(bad / "none.jsonl")]) == 1
    assert "cannot read" in capsys.readouterr().err
    assert main([*command, str(write(bad, ["{", '{"image": "gone.jpg", "tags": ["sea"]}']))]) == 1
    assert "0 of 2 lines can be used" in capsys.readouterr().err
    assert main([*command, str(vectors), "--hold-back", "120"]) == 1
    assert "120 are to be held back" in capsys.readouterr().err


def test_the_papers_model_keeps_no_photos(vectors: Path, tmp_path: Path) -> None:
    out = tmp_path / "head"
    command = ["train", "--manifest", str(vectors), "--out", str(out), "--preset", "paper"]
    assert main([*command, "--joint", "16", "--reading", "16", "--recurrent", "16",
                 "--steps", "5", "--batch", "32", "--device", "cpu"]) == 0  # fmt: skip
    head = load_head(out)
    assert head.neighbours is None
    assert not head.model.item_item.any()
    assert not TagDecoder.load(out).rules.never.any()


# The arithmetic


def test_the_figures_are_the_fields_own() -> None:
    true = [("sea", "sun"), ("sea",), ("owl",)]
    shown = [("sea", "cat"), ("sun", "sea"), ("sun", "cat")]
    figures = over_words(*tables(true, shown))
    # sea: 2 of 2 shown right, 2 of 2 found; sun: 0 of 2, 0 of 1; owl: never shown; cat: no word.
    assert figures["precision"].value == pytest.approx(1 / 3)
    assert figures["recall"].value == pytest.approx(1 / 3)
    assert figures["f1"].value == pytest.approx(1 / 3)
    assert figures["n_plus"].value == 1
    assert figures["n_plus_share"].value == pytest.approx(1 / 3)
    assert all(figure.number == 3 for figure in figures.values())


def test_each_photo_is_left_out_as_if_it_had_never_been_seen() -> None:
    torch.manual_seed(3)
    roots, labels = rooted(torch.rand(20, 6)), (torch.rand(20, 4) > 0.6).float()
    share = labels.mean(0)
    _, without = _ridge(roots, labels, share)
    for out in (0, 7, 19):
        left = [row for row in range(20) if row != out]
        dual, _ = _ridge(roots[left], labels[left], share)
        near = torch.exp(4.0 * (roots[out] @ roots[left].T - 1))
        assert torch.allclose(without[out], near @ dual + share, atol=1e-3)


def test_a_damaged_memory_is_refused(head: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(head, broken)
    tensors = load_file(broken / TENSORS)
    save_file(tensors | {"neighbours.dual": torch.zeros(3, 3)}, broken / TENSORS)
    with pytest.raises(CheckpointError, match="do not fit"):
        load_head(broken)
    del tensors["neighbours.dual"]
    save_file(tensors, broken / TENSORS)
    with pytest.raises(CheckpointError, match="incomplete"):
        load_head(broken)
