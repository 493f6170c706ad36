"""Other people's data sets and one's own picks, from the files on disk to a trained head."""

from __future__ import annotations

import asyncio
import base64
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine import ImageEmbedding
from engine.cli import main
from engine.encoder import CARD_FILE, EncoderCard
from engine.head import load_head
from engine.train.data import read_features, read_missing, read_photo_set
from storage import PickKind, SessionState
from storage.__main__ import main as export_command
from tests.storage_fixtures import PERSON, address, opened, send_photo

ROOT = Path(__file__).parent.parent
CARD = EncoderCard.read(ROOT / "weights" / CARD_FILE)


@pytest.fixture
def data(tmp_path, capsys):
    """Convert; gives the manifest's lines, what was said, and the exit status."""

    def call(kind: str, source: Path, *options: object) -> tuple[list[dict], str, int]:
        out = tmp_path / "out"
        shutil.rmtree(out, ignore_errors=True)
        status = main(["data", kind, str(source), "--out", str(out), *map(str, options)])
        printed = capsys.readouterr()
        file = out / "manifest.jsonl"
        text = file.read_text(encoding="utf-8") if file.exists() else ""
        return [json.loads(line) for line in text.splitlines()], printed.out + printed.err, status

    return call


def write(path: Path, content: object) -> Path:
    """Text, or lines, or JSON; the folders above are made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, list):
        content = "".join(f"{line}\n" for line in content)
    text = content if isinstance(content, str) else json.dumps(content)
    path.write_text(text, encoding="utf-8")
    return path


def photo(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (24, 16), (90, 120, 200)).save(path)
    return path


def names(lines: list[dict]) -> list[str]:
    return [Path(line["image"]).name for line in lines]


def counted(said: str) -> dict[str, int]:
    """What the last line says was wrong, by kind."""
    _, _, problems = said.strip().rpartition("not all was well: ")
    return {what: int(number) for number, what in re.findall(r"(\d+) ([a-z ]+)", problems)}


# --- HARRISON --------------------------------------------------------------------------------


def harrison(root: Path, posts: int = 1) -> Path:
    tags = ["Sea #sea beach ", "cat ", "", "sea qqqzz"] + ["cat beach"] * (posts - 1)
    photos = [f"instagram_dataset/sea/image_{number}.jpg" for number in range(len(tags))]
    write(root / "tag_list.txt", tags)
    write(root / "data_list.txt", photos)
    write(root / "vocab_index.txt", ["Sea 0", "#sea 1", "sea 2", "beach   3", "cat 4"])
    return root


def test_harrison_gives_each_posts_tags_and_counts_what_is_wrong(tmp_path, data):
    root = harrison(tmp_path / "harrison")
    photo(root / "instagram_dataset" / "sea" / "image_0.jpg")
    lines, said, status = data("harrison", root)
    assert status == 0
    assert lines == [{"image": lines[0]["image"], "tags": ["sea", "beach"]}]
    assert Path(lines[0]["image"]).is_file()
    assert counted(said) == {"photos missing": 1, "broken lines": 2, "repeated tags": 1}


def test_harrison_without_its_photos_still_gives_the_tags(tmp_path, data):
    lines, said, _ = data("harrison", harrison(tmp_path / "harrison"))
    assert lines == [{"tags": ["sea", "beach"]}, {"tags": ["cat"]}]
    assert "2 photos, 0 of them with a picture" in said
    assert "missing" not in said


def test_harrisons_parts_are_the_same_every_time_and_make_the_whole(tmp_path, data):
    root = harrison(tmp_path / "harrison", posts=200)
    for number in range(203):
        photo(root / "instagram_dataset" / "sea" / f"image_{number}.jpg")
    whole, test, again, train = (
        names(data("harrison", root, *options)[0])
        for options in ((), ("--split", "test"), ("--split", "test"), ("--split", "train"))
    )
    assert test == again
    assert 10 < len(test) < 25
    assert sorted(test + train) == sorted(whole)


def test_lines_that_cannot_be_told_apart_are_refused(tmp_path, data):
    root = harrison(tmp_path / "harrison")
    write(root / "data_list.txt", ["a.jpg"])
    lines, said, status = data("harrison", root)
    assert (lines, status) == ([], 1)
    assert "4 lines of tags, but 1 of photos" in said


# --- MS-COCO ---------------------------------------------------------------------------------


def coco(root: Path) -> Path:
    notes = [
        {"image_id": 7, "category_id": 1},
        {"image_id": 7, "category_id": 18},
        {"image_id": 7, "category_id": 1},
        {"image_id": 9, "category_id": 99},
        {"image_id": 9},
    ]
    photos = [{"id": number, "file_name": f"{number:012}.jpg"} for number in (7, 8, 9)]
    instances = {
        "categories": [{"id": 1, "name": "person"}, {"id": 18, "name": "dog"}],
        "images": [*photos, {"id": "ten"}],
        "annotations": notes,
    }
    captions = [{"image_id": 7, "caption": "A person\nwalks  a dog."}, {"image_id": 7}]
    write(root / "annotations" / "instances_val2017.json", instances)
    write(root / "annotations" / "captions_val2017.json", {"annotations": captions})
    train = {"categories": [], "images": [], "annotations": []}
    write(root / "annotations" / "instances_train2017.json", train)
    return root


def test_coco_gives_objects_and_captions(tmp_path, data):
    root = coco(tmp_path / "coco")
    for number in (7, 8):
        photo(root / "val2017" / f"{number:012}.jpg")
    lines, said, status = data("coco", root)
    assert status == 0
    assert names(lines) == ["000000000007.jpg", "000000000008.jpg"]
    assert lines[0]["labels"] == ["person", "dog"]
    assert lines[0]["captions"] == ["A person walks a dog."]
    assert lines[0]["id"] == 7
    assert lines[1]["labels"] == []
    assert counted(said) == {"photos missing": 1, "broken lines": 4}


def test_one_file_of_coco_is_one_part(tmp_path, data):
    file = coco(tmp_path / "coco") / "annotations" / "instances_val2017.json"
    lines, _, _ = data("coco", file)
    assert [line["id"] for line in lines] == [7, 8, 9]
    assert data("coco", file.parent.parent, "--split", "val")[0] == lines
    assert data("coco", file.parent.parent, "--split", "train")[2] == 1
    assert data("coco", file.parent.parent, "--split", "test")[2] == 1
    assert data("coco", file, "--split", "val")[2] == 1


@pytest.mark.parametrize("content", ["{", "[]", '{"images": []}'])
def test_a_file_that_is_not_cocos_gets_one_clear_line(tmp_path, data, content):
    file = write(tmp_path / "instances_val2017.json", content)
    _, said, status = data("coco", file)
    assert status == 1
    assert said.startswith("data: ") and said.count("\n") == 1 and str(file) in said


# --- NUS-WIDE and Pascal VOC -----------------------------------------------------------------


def nuswide(root: Path) -> Path:
    photos = ["actor\\0001_21.jpg", "actor\\0002_22.jpg", "zoo\\0003_23.jpg", "zoo\\nameless.jpg"]
    write(root / "ImageList" / "Imagelist.txt", photos)
    write(root / "ImageList" / "TestImagelist.txt", photos[2:3])
    write(root / "ConceptsList" / "Concepts81.txt", ["animal", "sky"])
    labels = root / "Groundtruth"
    write(labels / "AllLabels" / "Labels_animal.txt", ["0", "x", "1", "0"])
    write(labels / "AllLabels" / "Labels_sky.txt", ["1", "0", "1", "0"])
    write(labels / "TrainTestLabels" / "Labels_animal_Test.txt", ["1"])
    write(labels / "TrainTestLabels" / "Labels_sky_Test.txt", ["0"])
    said = ["21      blue Sky blue", "23      zebra", "?? what is this"]
    write(root / "NUS_WID_Tags" / "All_Tags.txt", said)
    return root


def test_nuswide_gives_concepts_and_the_owners_tags(tmp_path, data):
    root = nuswide(tmp_path / "nuswide")
    photo(root / "Flickr" / "actor" / "0001_21.jpg")
    lines, said, _ = data("nuswide", root)
    image = str(root / "Flickr" / "actor" / "0001_21.jpg")
    assert lines == [{"image": image, "id": 21, "tags": ["blue", "sky"], "labels": ["sky"]}]
    assert counted(said) == {"photos missing": 1, "broken lines": 3, "repeated tags": 1}


def test_a_part_of_nuswide_has_its_own_lists(tmp_path, data):
    root = nuswide(tmp_path / "nuswide")
    lines, _, _ = data("nuswide", root, "--split", "test")
    assert lines == [{"id": 23, "tags": ["zebra"], "labels": ["animal"]}]
    write(root / "Groundtruth" / "AllLabels" / "Labels_sky.txt", ["1"])
    assert "1 lines for 4 photos" in data("nuswide", root)[1]


def voc(root: Path) -> Path:
    year = root / "VOC2007"
    objects = (("dog", 0), ("person", 0), ("dog", 0), ("chair", 1))
    things = "".join(
        f"<object><name>{name}</name><difficult>{difficult}</difficult></object>"
        for name, difficult in objects
    )
    for name in ("000001", "000002"):
        text = f"<annotation><filename>{name}.jpg</filename>{things}</annotation>"
        write(year / "Annotations" / f"{name}.xml", text)
    write(year / "Annotations" / "000003.xml", "<annotation><object>")
    write(year / "Annotations" / "000004.xml", f"<annotation><filename/>{things}</annotation>")
    for name in ("000001", "000003"):
        photo(year / "JPEGImages" / f"{name}.jpg")
    write(year / "Annotations" / "000005.xml", '<?xml version="1.0" encoding="klingon"?><a/>')
    write(year / "ImageSets" / "Main" / "test.txt", ["000001 -1", "000007  1", "no\0 1"])
    return root


def test_voc_gives_each_object_once_and_leaves_difficult_ones_out(tmp_path, data):
    root = voc(tmp_path / "VOCdevkit")
    lines, said, _ = data("voc", root)
    image = str(root / "VOC2007" / "JPEGImages" / "000001.jpg")
    assert lines == [{"image": image, "labels": ["dog", "person"]}]
    assert counted(said) == {"photos missing": 2, "broken lines": 2}
    assert data("voc", root / "VOC2007")[0] == lines


def test_a_part_of_voc_is_a_list_of_names(tmp_path, data):
    lines, said, _ = data("voc", voc(tmp_path / "VOCdevkit"), "--split", "test")
    assert names(lines) == ["000001.jpg"]
    assert counted(said) == {"broken lines": 2}
    assert data("voc", tmp_path)[2] == 1


# --- a manifest ------------------------------------------------------------------------------


def test_a_manifest_is_cleaned_and_counted(tmp_path, data):
    folder = tmp_path / "mine"
    photo(folder / "images" / "a.png")
    lines = [
        '{"image": "images/a.png", "tags": ["#Sea", "sea", "A b", 3], "captions": ["a\\u2028b"]}',
        '{"image": "images/gone.png", "labels": ["dog"]}',
        '{"image": "no\\u0000thing/a.png", "labels": ["dog"]}',
        '{"image": "", "labels": ["dog"]}',
        '{"labels": ["dog", "dog", "half a pair \\ud83d"]}',
        "[1, 2]",
        "[" * 100_000,
        "{",
        "",
    ]
    write(folder / "manifest.jsonl", lines)
    manifest = (folder / "manifest.jsonl").read_text("utf-8").replace("\\u2028", "\u2028")
    (folder / "manifest.jsonl").write_text(f"\ufeff{manifest}", encoding="utf-8")
    cleaned, said, status = data("manifest", folder)
    assert status == 0
    image = str(folder / "images" / "a.png")
    assert cleaned[0] == {"image": image, "tags": ["sea", "ab"], "captions": ["a b"]}
    assert cleaned[1:] == [{"labels": ["dog", "half a pair ?"]}]
    assert counted(said) == {"photos missing": 3, "broken lines": 3, "repeated tags": 2}


def test_what_was_seen_before_goes_with_the_lines_that_stay(tmp_path, data):
    folder = tmp_path / "mine"
    photo(folder / "a.png")
    lines = ['{"image": "gone.png", "tags": ["one"]}', "{", '{"image": "a.png", "tags": ["two"]}']
    write(folder / "manifest.jsonl", [*lines, '{"image": "gone.png", "tags": ["three"]}'])
    np.savez(
        folder / "features.npz",
        codes=np.arange(12, dtype=np.uint8).reshape(4, 3),
        low=np.zeros(3, np.float32),
        scale=np.ones(3, np.float32),
        missing=np.array([False, True, False, True]),
        encoder=np.array("somebody's"),
    )
    cleaned, said, _ = data("manifest", folder)
    assert cleaned == [{"tags": ["one"]}, {"image": str(folder / "a.png"), "tags": ["two"]}]
    assert counted(said) == {"photos missing": 2, "broken lines": 1}
    photos = read_photo_set(tmp_path / "out")
    assert photos.encoder == "somebody's"
    assert photos.features.tolist() == [[0, 1, 2], [6, 7, 8]]

    (folder / "features.npz").write_bytes(b"PK no more")
    cleaned, said, _ = data("manifest", folder)
    assert cleaned == [{"image": str(folder / "a.png"), "tags": ["two"]}]
    assert "features.npz was left aside" in said
    assert not (tmp_path / "out" / "features.npz").exists()


def test_a_manifest_is_never_written_over_itself(tmp_path, capsys):
    text = '{"tags": ["sea"]}\n{\n'
    file = write(tmp_path / "manifest.jsonl", text)
    for source in (tmp_path, file):
        assert main(["data", "manifest", str(source), "--out", str(tmp_path)]) == 1
        assert "would be replaced" in capsys.readouterr().err
    assert file.read_text() == text


@pytest.mark.parametrize("kind", ["harrison", "coco", "nuswide", "voc", "manifest", "picks"])
def test_what_is_not_there_or_empty_gets_one_clear_line(tmp_path, data, kind):
    empty = tmp_path / "empty"
    empty.mkdir()
    for source in (tmp_path / "nowhere", empty):
        lines, said, status = data(kind, source)
        assert (lines, status) == ([], 1)
        assert said.startswith("data: ") and said.count("\n") == 1 and str(source) in said


def test_a_picture_inside_of_the_folder_is_named_relative_to_it(tmp_path, capsys):
    year = voc(tmp_path) / "VOC2007"
    assert main(["data", "voc", str(year), "--out", str(year)]) == 0
    line = json.loads((year / "manifest.jsonl").read_text())
    assert line["image"] == "JPEGImages/000001.jpg"


# --- people's own picks ----------------------------------------------------------------------

DIM, BRIGHT = (np.full(CARD.features, value, dtype="<f2") for value in (0.25, 2.0))


async def told(file: Path, *photos: tuple[np.ndarray, dict[str, int]]) -> None:
    """For each photo two tags, a third that is undone, a page passed over, Done."""
    async with opened(file) as storage:
        for message, (vector, whose) in enumerate(photos):
            session = await send_photo(storage, message, text="for my dear Ada", **whose)
            steps = (
                (PickKind.ADD, "sea"),
                (PickKind.MORE, "boat dog sand"),
                (PickKind.OWN, "ourdog"),
                (PickKind.ADD, "dog"),
                (PickKind.ADD, "oops"),
                (PickKind.UNDO, None),
                (PickKind.LIKE, "sand"),
                (PickKind.UNDO, None),
                (PickKind.DONE, None),
            )
            for number, (kind, tag) in enumerate(steps):
                await storage.tap(session.id, kind, tag, key=f"{message}/{number}")
            seen = ImageEmbedding(CARD.version, vector.tobytes()).to_bytes()
            await storage.update_session(session.id, state=SessionState.DONE, embedding=seen)
        left = await send_photo(storage, len(photos))
        await storage.tap(left.id, PickKind.ADD, "unfinished", key="left")


def test_the_bots_picks_become_a_head(tmp_path, data, capsys):
    asyncio.run(told(tmp_path / "tagalong.db", *[(DIM, {}), (BRIGHT, {})] * 4))
    done = subprocess.run(
        [sys.executable, "-m", "storage", "export", "--out", "picks.jsonl"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "DATA_DIR": "."},
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "8 finished captions\n")

    lines, said, status = data("picks", tmp_path / "picks.jsonl")
    assert status == 0
    assert lines == [{"tags": ["sea", "ourdog", "dog"], "rejected": ["boat", "sand"]}] * 8
    assert "8 photos" in said and "not all was well" not in said
    features = read_features(tmp_path / "out" / "features.npz")
    assert features[:2, 0].tolist() == pytest.approx([0.25, 2.0], abs=0.01)

    small = ["--steps", "4", "--batch", "8", "--joint", "16", "--recurrent", "8", "--threads", "1"]
    head = tmp_path / "head"
    asked = ["train", "--manifest", str(tmp_path / "out"), "--out", str(head), *small]
    assert main(asked) == 0, capsys.readouterr().err
    assert set(load_head(head).vocabulary.tags) == {"sea", "ourdog", "dog"}


def test_an_export_names_nobody_and_leaves_out_whom_one_says(tmp_path, capsys):
    file = tmp_path / "tagalong.db"
    group = {"chat_id": -99, "owner_id": PERSON}
    guest = {"chat_id": -99, "owner_id": 77}
    asyncio.run(told(file, (DIM, {}), (DIM / 2, group), (BRIGHT, guest)))

    def exported(*options: str) -> list[dict]:
        assert export_command(["export", "--database", address(file), *options]) == 0
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    lines = exported()
    assert len(lines) == 3
    for line in lines:
        assert line.pop("embedding")
        assert line == {"tags": ["sea", "ourdog", "dog"], "rejected": ["boat", "sand"]}
    everybody = exported()
    assert exported("--without", "77") == everybody[:2]
    assert exported("--without", "-99") == everybody[:1]
    assert exported("--without", str(PERSON)) == everybody[2:]
    assert exported("--without", "77", str(PERSON)) == []


def test_the_tags_of_an_album_are_learned_from_all_its_photos(tmp_path, data):
    file = tmp_path / "tagalong.db"
    asyncio.run(told(file, (DIM, {}), (BRIGHT, {})))

    async def joined() -> None:
        async with opened(file) as storage:
            for message, vector in ((21, BRIGHT), (22, None)):  # one is not looked at yet
                photo, _ = await storage.add_photo(1, message, f"file{message}")
                if vector is not None:
                    seen = ImageEmbedding(CARD.version, vector.tobytes()).to_bytes()
                    await storage.set_photo_embedding(1, photo.position, seen)

    asyncio.run(joined())
    picks = tmp_path / "picks.jsonl"
    assert export_command(["export", "--database", address(file), "--out", str(picks)]) == 0
    album, alone = map(json.loads, picks.read_text().splitlines())
    assert album["embedding"] == [packed(DIM), packed(BRIGHT)]
    assert alone["embedding"] == packed(BRIGHT)
    assert data("picks", picks)[0] == [{"tags": album["tags"], "rejected": album["rejected"]}] * 2
    features = read_features(tmp_path / "out" / "features.npz")
    assert features[:2, 0].tolist() == pytest.approx([1.125, 2.0], abs=0.01)


def test_exporting_nothing_makes_no_database_and_no_file(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATA_DIR", "data")
    monkeypatch.delenv("DATABASE_URL", raising=False)
    for where in ([], ["--database", "sqlite:///gone.db"], ["--database", "gone.db"]):
        assert export_command(["export", *where, "--out", "picks.jsonl"]) == 1
        said = capsys.readouterr().err
        assert said.startswith("export: ") and said.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def packed(vector: np.ndarray, encoder: str = CARD.version) -> str:
    return base64.b64encode(ImageEmbedding(encoder, vector.tobytes()).to_bytes()).decode()


def test_picks_that_cannot_be_learned_from_are_counted(tmp_path, data):
    photo(tmp_path / "photos" / "a.png")
    entries = [
        {"tags": ["#Sea", "sea"], "embedding": packed(DIM), "rejected": ["sand", "sea"]},
        {"tags": ["cat"], "embedding": packed(DIM, "another-encoder")},
        {"tags": ["dog"], "embedding": packed(DIM, "another-encoder"), "image": "a.png"},
        {"tags": ["fox"], "embedding": packed(DIM[:9])},
        {"tags": ["elk"], "embedding": [packed(DIM), packed(DIM, "another-encoder")]},
        {"tags": ["gnu"], "embedding": [packed(DIM), "no base64!"]},
        {"tags": ["owl"], "embedding": packed(DIM * np.float16("nan"))},
        {"tags": ["bee"], "embedding": "no base64!", "image": "gone.png"},
        {"tags": [], "embedding": packed(DIM)},
        {"tags": "ant", "embedding": packed(DIM)},
        "a line",
    ]
    one_a_line = [json.dumps(entry) for entry in entries] + ["{"]
    lines, said, _ = data(
        "picks", write(tmp_path / "p.jsonl", one_a_line), "--images", tmp_path / "photos"
    )
    sea, gnu = {"tags": ["sea"], "rejected": ["sand"]}, {"tags": ["gnu"]}
    assert lines == [sea, {"image": str(tmp_path / "photos" / "a.png"), "tags": ["dog"]}, gnu]
    assert counted(said) == {
        "photos missing": 2,
        "broken lines": 4,
        "repeated tags": 1,
        "embeddings of another encoder": 4,
    }
    assert read_missing(tmp_path / "out" / "features.npz") == {1}
    for document in (entries, {"format": "tagalong-chat", "captions": {"finished": entries}}):
        whole = write(tmp_path / "export.json", json.dumps(document))
        assert data("picks", whole)[0] == [sea, gnu]
    assert data("picks", write(tmp_path / "export.json", '{"captions": 3}'))[2] == 1
    assert data("picks", write(tmp_path / "deep.json", "[" * 99_999))[2] == 1
