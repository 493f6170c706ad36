"""What names the things of a photo: fitted, stored, and seen to on a page."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from page_fixtures import ROOT
from safetensors.torch import load_file, save_file

from engine import open_recommender
from engine.decoder import Query, TagDecoder
from engine.door import CheckpointError
from engine.embeddings import unpack
from engine.encoder import Encoder
from engine.head import DESCRIPTION, TENSORS, Head, load_head, named_by, save_head
from engine.lists import NO_LISTS, read_lists
from engine.naming import Naming
from engine.nominees import AFTER, Certainty, Names, Nominees, nominate, nominate_asked
from engine.page import Choice, arrange
from engine.policy import Policy
from engine.train.bridge import Tables
from engine.train.data import Photo, PhotoSet
from engine.train.naming import fit_naming
from engine.train.writers import TRUST, Writers
from engine.vocabulary import Vocabulary

FLOWERS = ("daisy", "rose", "tulip")
SPORTS = ("chess", "tennis")
WORDS = Vocabulary(("flower", "car", "street", *FLOWERS, *SPORTS))


def shown(place: int, number: int) -> np.ndarray:
    """Features of photos that show one thing."""
    noise = np.abs(np.random.default_rng(place).normal(0, 0.5, (number, 16)))
    noise[:, 2 * place : 2 * place + 2] += 3
    return noise.astype(np.float16)


def labelled(name: str, labels: tuple[tuple[str, ...], ...], first: int) -> PhotoSet:
    """Forty photos of each, every tenth held back."""
    photos = tuple(Photo(labels=one) for one in labels for _ in range(40))
    features = np.concatenate([shown(first + place, 40) for place in range(len(labels))])
    held = np.arange(len(photos)) % 10 == 0
    return PhotoSet(name, ROOT, photos, features, held)


@pytest.fixture(scope="module")
def sets() -> list[PhotoSet]:
    streets = labelled("coco-captions", (("car",), ("stop sign",), ("person",)), 5)
    return [
        labelled("flowers", tuple((one,) for one in FLOWERS), 0),
        labelled("sports", tuple((one,) for one in SPORTS), 3),
        streets,
    ]


@pytest.fixture(scope="module")
def naming(sets: list[PhotoSet]) -> Naming:
    tables = Tables(
        labels={
            "flowers": {one: {one: 1.0} for one in FLOWERS},
            "sports": {one: {one: 1.0} for one in SPORTS},
        },
        words={},
        acceptable={},
        named={"flowers": {"rose": ("winona", "rose")}},
    )
    lists = replace(NO_LISTS, entities=frozenset({"winona"}))
    features = np.concatenate([one.features for one in sets])
    found = fit_naming(sets, features, tables, lists, WORDS, writers=writers(sets), steps=300)
    assert found is not None
    return found


def writers(sets: list[PhotoSet]) -> dict[str, Writers]:
    """Owners write #rose about roses, and #street about all photos of the last set."""
    rows = np.concatenate([np.arange(40, 80), np.arange(200, 320)])
    held = np.concatenate([one.held_back for one in sets])
    rows = rows[~held[rows]]
    truth = torch.tensor([[row >= 200, row < 200] for row in rows.tolist()]).float()
    return {"owners": Writers(("street", "rose"), rows.astype(np.int64), truth)}


def test_what_a_photo_shows_is_named_among_its_kind_and_nothing_where_nothing_is(
    sets: list[PhotoSet], naming: Naming
) -> None:
    # A brand is no name for anybody's photo, and what stands about in a street makes it one.
    assert naming.kinds == {"flowers": FLOWERS, "sports": SPORTS}
    assert naming.objects == ("car", "street")
    for place, one in enumerate(sets):
        photos = torch.from_numpy(one.features[one.held_back]).float()
        chances = naming.look(photos)[0].numpy()
        things, objects = chances[:, :5], chances[:, 5:]
        if place < 2:
            first = 3 * place
            right = first + np.repeat(np.arange(len(things) // 4), 4)
            assert (things.argmax(1) == right).all()
            assert (things.max(1) > 0.5).all()
        else:
            assert (things.max(1) < 0.3).all()
            assert (objects[:4, 0] > 0.5).all()
            assert (objects[4:8, 1] > 0.5).all()
            assert (objects[8:] < 0.5).all()


def test_what_is_written_about_such_photos_is_likelier_than_usual(
    sets: list[PhotoSet], naming: Naming
) -> None:
    assert naming.words == ("street", "rose")
    assert naming.trust == {"owners": TRUST["owners"]}
    flowers, _, streets = (torch.from_numpy(one.features[one.held_back]).float() for one in sets)
    _, roses = naming.look(flowers[4:8])
    before, after = roses[:, 0], roses[:, 1]
    assert (before[:, 1] > 0.5).all()
    assert (before[:, 0] < -0.5).all()
    torch.testing.assert_close(after, before * TRUST["owners"][1] / TRUST["owners"][0])
    _, cars = naming.look(streets)
    assert (cars[:, 0, 0] > 0.1).all()
    assert (cars[:, 0, 1] < -0.5).all()


def test_sets_without_things_name_nothing(sets: list[PhotoSet]) -> None:
    tables = Tables(labels={}, words={}, acceptable={}, named={})
    assert fit_naming(sets[2:], sets[2].features, tables, NO_LISTS, WORDS) is None


def test_names_are_stored_with_the_head_and_what_does_not_fit_is_an_error(tmp_path: Path) -> None:
    head: Head = load_head(ROOT / "weights")
    assert head.naming is not None
    things = head.naming.things
    assert len(set(things)) == len(things) > 300
    kept_back = read_lists().entities | read_lists().sensitive | read_lists().promotional
    assert kept_back.isdisjoint({*things, *head.naming.objects})
    photo = torch.rand(3, head.model.dims.features)
    before = head.naming.look(photo)
    other = named_by(replace(head, naming=None), head.naming)
    assert other.version != head.version
    save_head(other, tmp_path)
    again = load_head(tmp_path)
    assert again.version == other.version
    assert again.naming is not None
    for found, told in zip(again.naming.look(photo), before, strict=True):
        torch.testing.assert_close(found, told, atol=1e-3, rtol=1e-3)
    tensors = load_file(tmp_path / TENSORS)
    save_file(tensors | {"naming.0.hidden": torch.zeros(3, 3)}, tmp_path / TENSORS)
    with pytest.raises(CheckpointError, match="layers of a perceptron"):
        load_head(tmp_path)
    save_file(tensors, tmp_path / TENSORS, metadata={"version": head.version})
    with pytest.raises(CheckpointError, match=f"is of {head.version}"):
        load_head(tmp_path)
    save_file(tensors, tmp_path / TENSORS)
    text = (tmp_path / DESCRIPTION).read_text("utf-8")
    for right, wrong, message in (
        ('"bench"', '"neverposted"', "vocabulary lacks"),
        ('"objects"', '"object"', "broken"),
        ('"trust"', '"trusted"', "broken"),
    ):
        (tmp_path / DESCRIPTION).write_text(text.replace(right, wrong, 1), encoding="utf-8")
        with pytest.raises(CheckpointError, match=message):
            load_head(tmp_path)


def names(**certainty: float) -> Names:
    sure = np.array([certainty.get(tag, 0.0) for tag in WORDS.tags], dtype=np.float32)
    kinds = {tag: kind for kind, tags in enumerate((FLOWERS, SPORTS)) for tag in tags}
    kind = np.array([kinds.get(tag, -1) for tag in WORDS.tags], dtype=np.int16)
    objects = np.array([tag in ("car", "street") for tag in WORDS.tags])
    return Names(sure, kind, objects)


def rows(*tags: str) -> tuple[int, ...]:
    return tuple(WORDS.index[tag] for tag in tags)


def test_a_page_owes_the_best_name_and_further_ones_that_are_sure_enough() -> None:
    everything = np.zeros(len(WORDS), dtype=np.float32)
    found = names(rose=0.5, tulip=0.12, chess=0.08, tennis=0.01, car=0.2, street=0.125)
    owed = nominate(found, everything, Certainty())
    assert owed.five == rows("rose", "car")
    assert owed.ten == rows("rose", "car", "street", "tulip")  # no sport is there for sure
    assert owed.clear == rows("rose")
    assert owed.later is not None
    assert set(np.flatnonzero(owed.later).tolist()) == {
        *rows("daisy", "tulip", "chess", "tennis", "street")
    }
    # One that may not be shown is owed by nobody, and a weak best one still has its place.
    barred = everything.copy()
    barred[list(rows("rose", "car"))] = -np.inf
    assert nominate(found, barred, Certainty()).five == rows("tulip")
    # After a tap, only what is surer still is owed.
    assert nominate(found, everything, AFTER).ten == rows("rose")
    # Names wait until the places that are left are theirs.
    flower = WORDS.index["flower"]
    assert owed.due([flower] * 2) == []
    assert owed.due([flower] * 3) == [*rows("rose", "car")]
    assert owed.due([*rows("rose"), flower, flower, flower]) == [*rows("car")]
    assert owed.due([*owed.five, flower, flower, flower, flower]) == []
    assert owed.due([*owed.five, *[flower] * 6]) == [*rows("street", "tulip")]
    assert owed.due([flower] * 10) == []


def test_a_name_that_the_photo_is_not_sure_of_needs_a_second_voice() -> None:
    def owed(first: float, second: float, unlikely: tuple[int, ...]) -> tuple[int, ...]:
        sure = np.zeros(60, dtype=np.float32)
        sure[:2] = first, second
        score = np.zeros(60, dtype=np.float32)
        score[list(unlikely)] = -5  # all others are likelier
        one_kind = np.where(sure > 0, 0, -1).astype(np.int16)
        found = Names(sure, one_kind, np.zeros(60, dtype=np.bool_))
        return nominate(found, score, Certainty()).ten

    assert owed(0.15, 0.12, ()) == (0, 1)
    assert owed(0.15, 0.12, (1,)) == (0,)
    assert owed(0.25, 0.21, (1,)) == (0, 1)
    assert owed(0.15, 0.12, (0,)) == (0, 1)  # the surest one is heard a little earlier
    assert owed(0.11, 0.1, (0, 1)) == ()
    assert owed(0.9, 0.12, (1,)) == (0, 1)  # its kind is there


def test_a_name_comes_with_the_tag_of_its_kind_or_the_photo_is_surer_of_it() -> None:
    sure = np.zeros(12, dtype=np.float32)
    beside = np.full(12, -1)
    beside[0] = 1  # soup comes with food

    def owed(certainty: float, food: float) -> bool:
        sure[0] = certainty
        score = np.zeros(12, dtype=np.float32)
        score[1] = food
        kind = np.where(sure > 0, 0, -1).astype(np.int16)
        found = Names(sure.copy(), kind, np.zeros(12, dtype=np.bool_))
        return 0 in nominate(found, score, Certainty(), beside).ten

    assert owed(0.4, 1.0)
    assert not owed(0.4, -1.0)
    assert owed(0.6, -1.0)
    assert owed(0.4, -np.inf)  # it was shown before, or is not wanted


def test_of_an_open_kind_a_second_guess_is_named_early() -> None:
    flowers = np.array([tag in FLOWERS for tag in WORDS.tags])
    opened = np.where(flowers, 0.05, 1).astype(np.float32)
    beside = np.where(flowers, WORDS.index["flower"], -1)
    score = np.zeros(len(WORDS), dtype=np.float32)
    found = names(rose=0.6, tulip=0.06, chess=0.06)
    assert nominate(found, score, Certainty()).five == rows("rose")
    owed = nominate(found, score, Certainty(), None, opened)
    assert owed.five == rows("rose", "tulip")
    assert owed.guesses == rows("tulip")
    # A photo of which hardly more is known than that #flower comes to mind is called after one.
    weak = names(daisy=0.07, tulip=0.05, chess=0.07)
    assert nominate(weak, score, Certainty(), None, opened).ten == ()
    assert nominate(weak, score, Certainty(), beside, opened).five == rows("daisy", "tulip")


def test_a_general_tag_asks_for_the_surest_of_its_things() -> None:
    meant = np.array([tag in FLOWERS for tag in WORDS.tags])
    owed = nominate_asked(names(rose=0.6, tulip=0.01, daisy=0.00001, chess=0.9), meant, 6)
    assert owed.five == owed.ten == rows("rose", "tulip")
    assert owed.later is None


def test_a_general_tag_asks_for_nothing_of_a_kind_that_is_not_there() -> None:
    meant = np.array([tag in FLOWERS for tag in WORDS.tags])
    owed = nominate_asked(names(rose=0.3, tulip=0.1, chess=0.9), meant, 6)
    assert owed.five == owed.ten == ()


def test_a_page_begins_with_what_is_likeliest_as_far_as_each_place_allows() -> None:
    rules = TagDecoder.load(ROOT / "weights").rules
    size = len(rules.usual)
    rows = [row for row in range(size) if row not in rules.member][:12]
    zeros = np.zeros(size, dtype=np.float32)
    alike = np.zeros((1, 1), dtype=np.float16)
    later = np.zeros(size, dtype=np.bool_)
    later[rows[9]] = True
    nominees = Nominees(five=(rows[3],), ten=(rows[3],), later=later)
    choice = Choice(zeros, zeros, later, nominees, alike)
    likely = np.array([5, 1, 2, 0, 4, 3, 6, 7, 8, 9, 99, 98], dtype=np.float32)
    found = arrange(rows, likely, choice, rules, Policy())
    # The surest one is held back, one that is owed a place stands on the last that it may have,
    # and what comes after the first ten stays there.
    expected = [8, 7, 6, 0, 3, 9, 4, 5, 2, 1, 10, 11]
    assert found == [rows[place] for place in expected]


def test_only_the_order_of_a_page_follows_what_is_likeliest() -> None:
    head, lists = load_head(ROOT / "weights"), read_lists()
    plain, ours = TagDecoder(head, lists, Policy(wishful=0)), TagDecoder(head, lists)
    random = np.random.default_rng(0)
    photos = np.abs(random.normal(0, 0.5, (20, ours.feature_size))).astype(np.float32)
    queries = [Query(one, prefix) for one in photos for prefix in ((), ("sunset",))]
    pairs = [
        ([item.tag for item in one.items], [item.tag for item in other.items])
        for one, other in zip(plain.suggest(queries), ours.suggest(queries), strict=True)
    ]
    assert all(sorted(one) == sorted(other) for one, other in pairs)
    assert any(one != other for one, other in pairs)


async def test_what_the_shipped_head_is_sure_of_stands_among_the_first_five() -> None:
    decoder = TagDecoder.load(ROOT / "weights")
    naming, card = decoder.head.naming, Encoder.load(ROOT / "weights").card
    assert naming is not None
    engine = await open_recommender()
    found = set()
    try:
        for name in ("cat.png", "coffee.jpg", "dress.jpg", "hat.jpg", "rocket.jpg", "shoes.jpg"):
            image = await engine.look((ROOT / "tests" / "photos" / name).read_bytes())
            features = unpack(image, card).astype(np.float32)
            sure = naming.look(torch.from_numpy(features[None]))[0][0].numpy()
            best = int(sure.argmax())
            page = [one.tag for one in (await engine.suggest(image, ())).items]
            tag = (*naming.things, *naming.objects, *naming.taught)[best]
            if sure[best] >= Certainty().obvious:
                found.add(tag)
                assert tag in page[:5], name
    finally:
        await engine.close()
    assert {"cat", "dress", "espresso", "hat"} <= found


def test_what_people_write_moves_chances_between_tags_and_less_after_a_tap() -> None:
    decoder = TagDecoder.load(ROOT / "weights")
    assert decoder.head.naming is not None
    photo = np.abs(np.random.default_rng(0).normal(0, 0.4, decoder.feature_size)).astype(np.float32)
    [sight] = decoder.scorer.look([photo])
    assert sight is not None and sight.impression is not None
    said, later = sight.impression.said.float()
    assert float(said.max()) > 0 > float(said.min())
    end = decoder.vocabulary.end
    readings = [decoder.prefixes.read(prefix) for prefix in ((), ("sea",), ())]
    photos = [photo, photo, None]
    sights = decoder.scorer.look(photos)
    alone, beside = decoder.scorer.logits(photos, readings), decoder.scorer.scores(sights, readings)
    chances = [torch.softmax(one, 1)[:, end] for one in (alone, beside)]
    torch.testing.assert_close(*chances, atol=1e-6, rtol=1e-4)
    nothing = [None], readings[2:]  # no features, no sight: nothing is written about no photo
    assert torch.equal(decoder.scorer.logits(*nothing), decoder.scorer.scores(*nothing))
    torch.testing.assert_close(alone[2], beside[2])

    def centred(row: torch.Tensor) -> torch.Tensor:
        return row[:end] - row[:end].mean()

    def fitted(row: torch.Tensor, direction: torch.Tensor) -> float:
        share = float(row @ direction / (direction @ direction))
        torch.testing.assert_close(row, share * direction, atol=2e-3, rtol=1e-3)
        return share

    agreed = fitted(centred(beside[0]), centred(alone[0, :end] + said))
    assert 0.5 < agreed < 1  # both together are less sure than their sum
    # After a tap some of what the photo said before it stays.
    parts = torch.stack([centred(one) for one in (alone[1, :end], later, beside[0])], 1)
    shares = torch.linalg.lstsq(parts, centred(beside[1])[:, None]).solution
    torch.testing.assert_close((parts @ shares)[:, 0], centred(beside[1]), atol=2e-3, rtol=1e-3)
    read, heard, first = shares[:, 0].tolist()
    assert 0.1 < first < 0.5
    assert read == pytest.approx(agreed * (1 - first), rel=0.02)
    assert heard == pytest.approx(read, rel=0.02)
    assert later.abs().sum() < said.abs().sum()
