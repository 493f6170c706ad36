"""What the encoder itself was taught: how far it is believed, and what a page makes of it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from page_fixtures import ROOT
from safetensors.torch import load_file, save_file

from engine import open_recommender
from engine.classes import Classes
from engine.decoder import TagDecoder
from engine.door import CheckpointError
from engine.head import DESCRIPTION, TENSORS, load_head, save_head
from engine.lists import NO_LISTS, read_lists
from engine.namer import Namer
from engine.nominees import BEFORE, Names, nominate, nominate_asked
from engine.train.bridge import Tables, read_tables
from engine.train.classes import fit_classes
from engine.train.data import Photo, PhotoSet
from engine.train.imagenet import Classifier
from engine.vocabulary import Vocabulary

LABELS = ("tabby", "Persian cat", "unicycle", "wok", "brand")
WORDS = Vocabulary(("cat", "tabby", "persiancat", "unicycle", "kitchen", "brand", "street"))
TABLES = Tables(
    labels={
        "imagenet-1000": {
            "tabby": {"tabby": 1.0, "cat": 1.0},
            "Persian cat": {"persiancat": 1.0, "cat": 1.0},
            "unicycle": {"unicycle": 1.0},
            "wok": {"kitchen": 1.0},
            "brand": {"brand": 1.0},
        },
        "flickr8k": {},
    },
    words={"kitten": {"cat": 0.9}},
    acceptable={},
    named={},
    classes=frozenset({"tabby", "persiancat", "unicycle", "brand"}),
)
SURE = Classifier(20 * np.eye(5, dtype=np.float32), np.zeros(5, dtype=np.float32))


def photos(*said: tuple[int, str]) -> PhotoSet:
    """Photos that seem to be of a class, with a caption each; the last one is held back."""
    features = np.eye(5, dtype=np.float16)[[number for number, _ in said]]
    held = np.arange(len(said)) == len(said) - 1
    told = tuple(Photo(captions=(caption,)) for _, caption in said)
    return PhotoSet("flickr8k", ROOT, told, features, held)


def called(*labels: str) -> PhotoSet:
    """One photo of each class, which tells its name."""
    features = np.eye(len(labels), 5, dtype=np.float16)
    told = tuple(Photo(labels=(label,) if label else ()) for label in labels)
    return PhotoSet("imagenet-1000", ROOT, told, features, np.zeros(len(labels), dtype=np.bool_))


def fitted(*said: tuple[int, str]) -> Classes:
    lists = replace(NO_LISTS, entities=frozenset({"brand"}))
    found = fit_classes([called(*LABELS), photos(*said)], SURE, TABLES, lists, WORDS, {"cat"})
    assert found is not None
    return found


def test_a_class_is_believed_as_often_as_what_people_say_confirms_it() -> None:
    board = [(2, "A boy on a skateboard .")] * 3
    found = fitted((0, "A kitten sleeps ."), *board, (2, "A unicycle ."), (2, "A boy ."))
    # A tabby is a cat, and a kitten was said; one in four unicycles was one; the photo that is
    # held back tells nothing, nor does a class of which no photo was seen.
    assert dict(zip(found.named, found.trust.tolist(), strict=True)) == pytest.approx(
        {"persiancat": 1.0, "tabby": 1.0, "unicycle": (1 + 3) / (4 + 3)}
    )


def test_a_class_that_is_seen_everywhere_loses_its_name() -> None:
    found = fitted(*[(2, "A boy on a skateboard .")] * 11)
    assert list(found.named) == ["persiancat", "tabby"]


def test_without_the_names_of_all_classes_there_are_none() -> None:
    said = photos((0, "A cat ."))
    assert fit_classes([said], SURE, TABLES, NO_LISTS, WORDS, ()) is None
    # A line that is missing would move all names that come after it.
    assert fit_classes([called(*LABELS[1:]), said], SURE, TABLES, NO_LISTS, WORDS, ()) is None
    unnamed = called(*LABELS[:2], "", *LABELS[3:])
    assert fit_classes([unnamed, said], SURE, TABLES, NO_LISTS, WORDS, ()) is None


def test_certainty_is_modest_and_shared_between_the_classes_of_a_tag() -> None:
    weight = torch.zeros(4, 2)
    classes = Classes(weight, torch.zeros(4), torch.tensor([1.0, 0.5]), {"a": (0, 1), "b": (3,)})
    photo = torch.ones(1, 2)
    torch.testing.assert_close(classes.chances(photo), torch.tensor([[0.5, 0.25]]))
    torch.testing.assert_close(classes(photo), torch.tensor([[0.5**1.5, 0.5 * 0.25**1.5]]))


def test_once_a_general_tag_is_chosen_its_object_is_asked_for() -> None:
    sure = np.array([0.9, 0.2, 0.1, 0.0, 0.0, 0.0, 0.8], dtype=np.float32)
    objects = np.array([True, True, True, False, False, False, True])
    names = Names(sure, np.full(7, -1, dtype=np.int16), objects)
    cats = np.array([tag in ("tabby", "persiancat") for tag in WORDS.tags])
    assert nominate_asked(names, cats, 6).five == (WORDS.index["tabby"],)


def test_what_a_class_is_unsure_of_is_a_tag_like_all_others() -> None:
    head = load_head(ROOT / "weights")
    assert head.naming is not None
    assert head.naming.classes is not None
    owl = head.vocabulary.index["owl"]
    [number] = head.naming.classes.named["owl"]
    namer = Namer(head.naming, head.vocabulary)
    photo = head.naming.classes.weight[number].clamp(min=0)
    clear, nothing = namer.see(torch.stack([40 * photo, 0 * photo]))
    assert clear.names.objects[owl]
    assert clear.names.certainty[owl] > 0.9
    assert not nothing.names.objects[owl]


def test_a_thing_that_is_a_class_as_well_is_owed_one_place() -> None:
    decoder = TagDecoder.load(ROOT / "weights")
    naming, size = decoder.head.naming, len(decoder.vocabulary)
    assert naming is not None
    assert naming.classes is not None
    wolf, animal = (decoder.vocabulary.index[tag] for tag in ("wolf", "animal"))
    assert "wolf" in naming.things
    number = naming.classes.named["wolf"][0]
    photo = 40 * naming.classes.weight[number].clamp(min=0)
    [seen] = Namer(naming, decoder.vocabulary).see(photo[None])
    assert not seen.names.things[wolf]
    score = np.zeros(size, dtype=np.float32)
    score[animal] = 1
    owed = nominate(seen.names, score, BEFORE, decoder.rules.company, decoder.rules.open)
    assert owed.five.count(wolf) == owed.ten.count(wolf) == 1


def test_no_face_leads_to_an_animal() -> None:
    decoder = TagDecoder.load(ROOT / "weights")
    rules, vocabulary = decoder.rules, decoder.vocabulary
    pug, dog, snake, animal, car = (
        vocabulary.index[tag] for tag in ("pug", "dog", "snake", "animal", "sportscar")
    )
    assert rules.company[[pug, snake, car]].tolist() == [dog, animal, -1]
    size = len(vocabulary)
    sure, objects = np.zeros(size, dtype=np.float32), np.zeros(size, dtype=np.bool_)
    sure[pug], objects[pug] = 0.45, True
    names = Names(sure, np.full(size, -1, dtype=np.int16), objects)
    portrait = np.zeros(size, dtype=np.float32)
    portrait[dog] = -5
    assert nominate(names, portrait, BEFORE, rules.company, rules.open).ten == ()
    portrait[dog] = 5
    assert nominate(names, portrait, BEFORE, rules.company, rules.open).five == (pug,)


def test_the_shipped_classes_name_only_what_is_listed_and_may_be_shown() -> None:
    naming, lists = load_head(ROOT / "weights").naming, read_lists()
    assert naming is not None
    assert naming.classes is not None
    assert set(naming.taught) <= read_tables().classes
    assert len(naming.taught) > 300
    assert lists.kept_back.isdisjoint(naming.taught)
    assert float(naming.classes.trust.min()) >= 0.25
    assert float(naming.classes.trust.max()) <= 1


def test_classes_that_do_not_fit_the_head_are_an_error(tmp_path: Path) -> None:
    save_head(load_head(ROOT / "weights"), tmp_path)
    tensors = load_file(tmp_path / TENSORS)
    text = (tmp_path / DESCRIPTION).read_text("utf-8")
    for name in ("weight", "bias", "trust"):
        broken = {one: value for one, value in tensors.items() if f"classes.{name}" not in one}
        save_file(broken, tmp_path / TENSORS)
        with pytest.raises(CheckpointError, match=r"what names classes is broken"):
            load_head(tmp_path)
    save_file(tensors | {"naming.classes.bias": torch.zeros(3)}, tmp_path / TENSORS)
    with pytest.raises(CheckpointError, match="tensors of"):
        load_head(tmp_path)
    for name, value, message in (
        ("weight_scale", float("nan"), "not all weights are numbers"),
        ("trust", 1.5, "a share of 0 to 1"),
    ):
        one = torch.full_like(tensors[f"naming.classes.{name}"], value)
        save_file(tensors | {f"naming.classes.{name}": one}, tmp_path / TENSORS)
        with pytest.raises(CheckpointError, match=message):
            load_head(tmp_path)
    save_file(tensors, tmp_path / TENSORS)
    for change, message in (
        ({"owl": [1000]}, "there are 1000"),
        ({"owl": ["x"]}, "broken"),
        ({"owl": 24}, "broken"),
        ({"owl": [float("inf")]}, "broken"),
    ):
        described = json.loads(text)
        described["naming"]["classes"] |= change
        (tmp_path / DESCRIPTION).write_text(json.dumps(described), encoding="utf-8")
        with pytest.raises(CheckpointError, match=message):
            load_head(tmp_path)
    described = json.loads(text)
    described["naming"]["classes"]["neverposted"] = described["naming"]["classes"].pop("owl")
    (tmp_path / DESCRIPTION).write_text(json.dumps(described), encoding="utf-8")
    with pytest.raises(CheckpointError, match="vocabulary lacks"):
        load_head(tmp_path)
    described = json.loads(text)
    del described["naming"]["classes"]
    (tmp_path / DESCRIPTION).write_text(json.dumps(described), encoding="utf-8")
    with pytest.raises(CheckpointError, match="tensors of"):
        load_head(tmp_path)


async def test_a_photo_of_an_espresso_is_called_one() -> None:
    engine = await open_recommender()
    try:
        image = await engine.look((ROOT / "tests" / "photos" / "coffee.jpg").read_bytes())
        before = [one.tag for one in (await engine.suggest(image, ())).items]
        after = [one.tag for one in (await engine.suggest(image, ("coffee",))).items]
    finally:
        await engine.close()
    assert before[0] == "coffee"
    assert "espresso" in before[:5]
    assert "espresso" in after[:5]
