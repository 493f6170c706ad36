"""Linear probes: fitted, cross-fitted, and units of the joint embedding that do not learn."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from engine.decoder import TagDecoder
from engine.model.cnn_rnn import CnnRnn, Dimensions
from engine.train.bridge import Tables
from engine.train.data import Photo, PhotoSet
from engine.train.losses import Groups, exclusive_loss
from engine.train.probes import fit_probes
from engine.vocabulary import Vocabulary

ROOT = Path(__file__).parent.parent
KINDS = ("daisy", "rose", "tulip")
WORDS = Vocabulary(("flower", *KINDS))


@pytest.fixture(scope="module")
def sets() -> list[PhotoSet]:
    """Ninety flowers of three kinds that lie apart, and forty photos of anything."""
    random = np.random.default_rng(0)
    kinds = np.repeat(np.arange(3), 30)
    flowers = random.normal(size=(90, 12)) + 3 * np.eye(3, 12)[kinds]
    photos = tuple(Photo(labels=(KINDS[kind],)) for kind in kinds)
    held = np.zeros(90, dtype=np.bool_)
    held[::10] = True
    others = random.normal(size=(40, 12)) - 1
    return [
        PhotoSet("flowers", ROOT, photos, flowers.astype(np.float16), held),
        PhotoSet(
            "flickr8k",
            ROOT,
            tuple(Photo(captions=("A dog runs.",), labelled=False) for _ in range(40)),
            others.astype(np.float16),
            np.zeros(40, dtype=np.bool_),
        ),
    ]


@pytest.fixture(scope="module")
def tables() -> Tables:
    return Tables(
        labels={"flowers": {kind: {kind: 1.0, "flower": 0.9} for kind in KINDS}},
        words={},
        acceptable={},
        named={"flowers": {kind: (kind,) for kind in KINDS}},
    )


def test_probes_name_photos_that_they_have_not_seen(sets: list[PhotoSet], tables: Tables) -> None:
    features = np.concatenate([one.features for one in sets])
    probes = fit_probes(sets, features, tables, WORDS)
    assert probes is not None
    assert [WORDS.tags[row] for row in probes.own] == list(KINDS)
    odds = features.astype(np.float32) @ probes.weight.T + probes.bias  # (N, E)
    truth = np.repeat(np.arange(3), 30)
    held = np.flatnonzero(sets[0].held_back)
    assert (odds[held].argmax(1) == truth[held]).mean() > 0.8
    assert (odds[90:].max(1) < odds[:90].max(1).mean()).all()
    # What the head hears while it is trained is no answer that was learned by heart.
    seen = np.flatnonzero(~sets[0].held_back)
    own = odds[seen, truth[seen]]
    crossed = probes.crossed[seen, truth[seen]].astype(np.float32)
    assert own.mean() > crossed.mean()
    np.testing.assert_allclose(probes.crossed[held], odds[held], atol=0.02)
    earlier = probes.earlier(np.ones(3, dtype=np.float32))
    np.testing.assert_allclose(earlier.bias, probes.bias + 1)
    np.testing.assert_allclose(earlier.crossed, probes.crossed + 1, atol=0.02)


def test_what_owners_write_is_a_probe_of_its_own(tables: Tables) -> None:
    random = np.random.default_rng(1)
    kinds = np.repeat(np.arange(3), 40)
    photos = random.normal(size=(120, 12)) + 3 * np.eye(3, 12)[kinds]
    spelled = {"daisies": "daisy"}
    said = [("daisies", "flower"), ("rose", "flower"), ("tulip", "unknownword")]
    held = np.zeros(120, dtype=np.bool_)
    held[::10] = True
    owners = PhotoSet(
        "mirflickr",
        ROOT,
        tuple(Photo(tags=said[kind], labelled=False) for kind in kinds),
        photos.astype(np.float16),
        held,
    )
    probes = fit_probes(
        [owners], owners.features, tables, WORDS, spell=lambda tag: spelled.get(tag, tag)
    )
    assert probes is not None
    assert probes.owners.all()
    assert {WORDS.tags[row] for row in probes.own} == {"daisy", "flower", "rose", "tulip"}
    odds = owners.features.astype(np.float32) @ probes.weight.T + probes.bias
    place = {WORDS.tags[row]: column for column, row in enumerate(probes.own)}
    for kind, tag in enumerate(KINDS):
        own = odds[held & (kinds == kind), place[tag]]
        other = odds[held & (kinds != kind), place[tag]]
        # Above the usual where the owner would write it, below where not.
        assert own.min() > 0 > other.mean()


def test_sets_without_labels_make_no_probes(sets: list[PhotoSet], tables: Tables) -> None:
    assert fit_probes(sets[1:], sets[1].features, tables, WORDS) is None


def test_settled_probes_are_units_like_all_others() -> None:
    torch.manual_seed(0)
    model = CnnRnn(Dimensions(6, 5, 8, 4, 4), dropout=0.5, probes=3)
    model.probe_tags.uniform_()
    features, lengths = torch.randn(2, 6), torch.tensor([0, 2])

    def scores(one: CnnRnn) -> Tensor:
        inputs = one.words()[torch.tensor([[0, 0], [1, 2]])]
        joint = one.join(one.project(features), one.read(inputs, lengths))
        return one.score(joint, torch.zeros(2, 6), torch.tensor([True, True]), lengths)

    learned = {name for name, value in model.named_parameters() if value.requires_grad}
    assert not any(name.startswith("probe") for name in learned)
    before = scores(model.eval())
    settled = model.settle()
    assert settled.probe_projection is None
    torch.testing.assert_close(scores(settled), before)


def test_what_excludes_each_other_is_told_apart_group_by_group() -> None:
    torch.manual_seed(0)
    logits = torch.randn(3, 7)
    targets = torch.tensor(
        [[0.5, 0, 0, 0.5, 0, 0, 0], [0, 0, 0, 0, 0, 0, 1.0], [0, 0.2, 0.4, 0, 0.4, 0, 0]]
    )
    groups = [torch.tensor([0, 1, 2]), torch.tensor([2, 4, 5])]
    expected = 0.0
    for row in range(3):
        for rows in groups:
            right = targets[row, rows]
            if right.sum() > 0:
                chances = torch.log_softmax(logits[row, rows], 0)
                sure = right.max() / targets[row].max()
                expected -= float(sure * (right / right.sum() * chances).sum()) / 3
    assert float(exclusive_loss(logits, targets, Groups.of(groups))) == pytest.approx(expected)


def test_a_general_tag_asks_for_its_things_unless_it_is_general_to_all() -> None:
    decoder = TagDecoder.load(ROOT / "weights")
    index, tags = decoder.vocabulary.index, decoder.vocabulary.tags

    def asked(tag: str) -> set[str]:
        groups = decoder.rules.asked_for([index[tag]])
        return {tags[row] for group in groups for row in decoder.rules.groups[group]}

    assert {"carbonara", "sushi", "tiramisu"} <= asked("food")
    assert {"daisy", "rose"} <= asked("flowers")
    assert asked("nature") == set()
    assert asked("water") == set()
