"""Fits what names the things of a photo (`engine.naming`), beside the head and without it.

A perceptron is fitted to all labelled photos at once: one thing or nothing by a softmax, objects
by yes or no; and to those that somebody wrote about, by a softmax over the words of each group of
writers. A hundred photos of a dish are few for 1,280 features, so it is held back by what does
that best: dropout, mixed photos (mixup, Zhang et al. 2018), smoothed labels and weight decay.
The mean of several errs less than each, and is a perceptron again, with all hidden layers. Posts
fit so many photos that they would take the hidden layer away from the names: they have their own.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from engine.lists import Lists
from engine.naming import Naming
from engine.perceptron import Perceptron
from engine.train.bridge import Tables
from engine.train.data import PhotoSet
from engine.train.perceptron import STEPS, Lesson, Lessons, fit_perceptron
from engine.train.probes import first_rows, photos_of_anything
from engine.train.writers import TRUST, Writers
from engine.vocabulary import Vocabulary

KINDS: Mapping[str, tuple[str, ...]] = {
    "animals": ("animals", "sea-animals"),
    "dishes": ("food",),
    "flowers": ("flowers",),
    "garments": ("clothing", "fashion"),
    "instruments": ("instruments",),
    "sports": ("sports", "yoga"),
    "places": ("intel-scenes", "rooms", "scenes", "sun-scenes"),
    "weather": ("weather",),
}
"""Kind → sets whose first label is the one thing of that kind in the photo; what several kinds
name is of the first: a baseball field is called after the sport."""

OBJECTS = "coco-captions"
NAMED_OBJECTS: Mapping[str, str] = {
    "airplane": "plane", "bicycle": "bike", "fire hydrant": "street", "parking meter": "street",
    "person": "", "stop sign": "street", "traffic light": "street",
}  # fmt: skip
"""Objects that are called by another word than their label; what stands about in a street is
what makes it one, and people are named by nobody."""

ASIDE = "mirflickr"
"""Its labels name nothing here, but they make the hidden layer see what real photos show."""

EMPTY = ("clothing", "fashion", "flowers", "food", "instruments", "sea-animals")
"""Sets whose photos show none of the objects."""

APART = "posts"
"""The group of writers that has a perceptron of its own."""

_LEAST = 20  # photos of a thing
_PERCEPTRONS = 3


def fit_naming(
    sets: Sequence[PhotoSet],
    features: NDArray[np.float16],
    tables: Tables,
    lists: Lists,
    vocabulary: Vocabulary,
    seed: int = 0,
    say: Callable[[str], None] | None = None,
    writers: Mapping[str, Writers] | None = None,
    steps: int = STEPS,
) -> Naming | None:
    """Fit on the photos that are not held back; None where no set has things to name.

    Args:
        features: (N, F) of all sets, one after the other.
        writers: Those who wrote about some of these photos, by group.
        steps: Batches that each of the perceptrons learns from.
    """
    writers = writers or {}
    starts = first_rows(sets)
    kinds, things = _things(sets, starts, tables, lists, vocabulary, seed)
    if not kinds:
        return None
    by_name = {one.name: one for one in sets}
    objects, seen = _labelled(by_name.get(OBJECTS), starts, NAMED_OBJECTS, vocabulary)
    _, aside = _labelled(by_name.get(ASIDE), starts, {}, None)
    empty = [
        starts[name] + np.flatnonzero(~by_name[name].held_back) for name in EMPTY if name in by_name
    ]
    roots = torch.from_numpy(features).float().clamp(min=0).sqrt()
    mean, deviation = roots.mean(0), roots.std(0) + 1e-3
    nothing_there = np.concatenate(empty) if empty and objects else np.zeros(0, dtype=np.int64)
    table = (roots - mean) / deviation
    beside = {group: one for group, one in writers.items() if group != APART}
    lessons = Lessons(things, seen, aside, nothing_there, tuple(beside.values()))
    amount = _PERCEPTRONS + (APART in writers)

    def fitted(number: int, lessons: Lessons) -> nn.Sequential:
        def report(step: int, loss: float) -> None:
            if say:
                say(f"perceptron {number + 1} of {amount}, step {step} of {steps}, loss {loss:.4f}")

        return fit_perceptron(table, lessons, seed + number, steps, report)

    nets = [fitted(number, lessons) for number in range(_PERCEPTRONS)]
    named = lessons.classes + len(objects)
    words = [row for _, first, end in lessons.said for row in range(first, end)]
    used = [*range(named), *words]  # all but what is learned aside
    perceptrons = [_mean_of(nets, mean, deviation, used)]
    if APART in writers:
        own = Lessons(writers=(writers[APART],))
        net = fitted(_PERCEPTRONS, own)
        perceptrons.append(_mean_of([net], mean, deviation, range(len(writers[APART].tags))))
        beside[APART] = writers[APART]
    usual = torch.cat([torch.zeros(0), *(one.usual for one in beside.values())])
    if say:
        photos = len(things.rows)
        say(f"names of {named - 1} things and objects on {photos} photos, {len(usual)} words")
    return Naming(
        tuple(perceptrons),
        kinds,
        objects,
        usual,
        {group: one.tags for group, one in beside.items()},
        {group: TRUST[group] for group in beside},
    )


def _mean_of(
    nets: Sequence[nn.Sequential], mean: Tensor, deviation: Tensor, used: Sequence[int]
) -> Perceptron:
    """Their mean, over roots that are not standardised, with some of the outputs."""
    layers = [[one.detach() for one in net.parameters()] for net in nets]
    hidden, hidden_bias, output, output_bias = zip(*layers, strict=True)
    weight = torch.cat(hidden) / deviation
    return Perceptron(
        weight,
        torch.cat(hidden_bias) - weight @ mean,
        torch.cat(output, 1)[used] / len(nets),
        torch.stack(output_bias).mean(0)[used],
    )


def _things(
    sets: Sequence[PhotoSet],
    starts: Mapping[str, int],
    tables: Tables,
    lists: Lists,
    vocabulary: Vocabulary,
    seed: int,
) -> tuple[dict[str, tuple[str, ...]], Lesson]:
    """Tags by kind, and photos with their class; photos of anything are of the last, nothing."""
    found: dict[str, list[int]] = {}
    kinds: dict[str, list[str]] = {}
    for kind, names in KINDS.items():
        for one in (one for one in sets if one.name in names):
            for row in np.flatnonzero(~one.held_back).tolist():
                label = next(iter(one.photos[row].labels), "")
                tag = name_of(one.name, label, tables, lists.kept_back, vocabulary)
                if tag:
                    if tag not in found:
                        kinds.setdefault(kind, []).append(tag)
                    found.setdefault(tag, []).append(starts[one.name] + row)
    enough = {
        kind: tuple(sorted(tag for tag in tags if len(found[tag]) >= _LEAST))
        for kind, tags in kinds.items()
    }
    enough = {kind: tags for kind, tags in enough.items() if tags}
    order = [tag for tags in enough.values() for tag in tags]
    if len(order) < 2:
        return {}, Lesson(np.zeros(0, dtype=np.int64), torch.zeros(0, dtype=torch.long))
    mine = [row for tag in order for row in found[tag]]
    others = photos_of_anything(sets, starts, set(order))
    random = np.random.default_rng(seed)
    drawn = random.choice(others, min(len(others), len(mine) // 2), replace=False)
    truth = np.repeat(np.arange(len(order) + 1), [*(len(found[t]) for t in order), len(drawn)])
    rows = np.array([*mine, *drawn.tolist()], dtype=np.int64)
    return enough, Lesson(rows, torch.from_numpy(truth))


def name_of(
    name: str, label: str, tables: Tables, kept_back: Collection[str], vocabulary: Vocabulary
) -> str:
    """The word for a label that may be shown to anybody; empty where there is none."""
    tags = tables.labels.get(name, {}).get(label, {})
    words = tables.named.get(name, {}).get(label) or sorted(tags, key=lambda tag: -tags[tag])[:1]
    usable = (one for one in words if one not in kept_back and one in vocabulary)
    return next(usable, "")


def _labelled(
    one: PhotoSet | None,
    starts: Mapping[str, int],
    called: Mapping[str, str],
    vocabulary: Vocabulary | None,
) -> tuple[tuple[str, ...], Lesson | None]:
    """The words for all labels of a set, and which photo has which."""
    if one is None:
        return (), None
    rows = [row for row in np.flatnonzero(~one.held_back).tolist() if one.photos[row].labelled]
    said = [{called.get(label, label) for label in one.photos[row].labels} for row in rows]
    known = {word for words in said for word in words if word}
    words = sorted(word for word in known if vocabulary is None or word in vocabulary)
    if not words:
        return (), None
    truth = torch.tensor([[float(word in own) for word in words] for own in said])
    return tuple(words), Lesson(np.array(rows, dtype=np.int64) + starts[one.name], truth)
