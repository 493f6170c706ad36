"""Linear probes: for every thing that the labelled sets know, how much likelier it is than nothing.

One multinomial regression tells all things apart (dishes, places, sports, garments…), by the tag
that names them, so that two sets that show the same thing teach one probe; labels of photos with
many things are asked yes or no. They are fitted before the head and stay as they are: each is a
unit of the joint embedding, so a few hundred photos of a class are used as well as a penalised
regression can, and what the head learns stands on top. While the head is trained it sees
cross-fitted probes: none has seen the photo that it speaks about, so what the head adds is not
learned against answers that are better than they will be (stacking, Wolpert 1992).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from engine.train.bridge import Tables
from engine.train.data import PhotoSet
from engine.vocabulary import Vocabulary

KINDS = (
    "animals", "clothing", "fashion", "flowers", "food", "instruments", "intel-scenes", "rooms",
    "scenes", "sea-animals", "sports", "sun-scenes", "weather", "yoga",
)  # fmt: skip
"""Sets whose first label is the one class of the photo."""

OBJECTS = ("coco-captions", "mirflickr")
"""Sets whose photos have any number of labels."""

OTHERS = ("coco-captions", "flickr8k", "mirflickr")
"""Sets of photos of anything: what a class is told apart from, beside its rivals."""

FOLDS = 2
_RIDGE = 1e-2  # on standardised features, mean loss of a photo
_RIDGE_OBJECTS = 3e-3
_LEAST = 20  # photos of a class


@dataclass(frozen=True)
class Probes:
    """E probes over the features of a corpus.

    Attributes:
        weight: (E, F) over raw features.
        bias: (E,) log odds of the class against nothing at zero features.
        tags: (E, V) how surely the class leads to each tag.
        own: (E,) row of the tag that names the class.
        crossed: (N, E) log odds for every photo, by probes that have not seen it.
    """

    weight: NDArray[np.float32]
    bias: NDArray[np.float32]
    tags: NDArray[np.float32]
    own: NDArray[np.int64]
    crossed: NDArray[np.float16]

    def earlier(self, by: NDArray[np.float32]) -> Probes:
        """The same probes with more log odds: (E,)."""
        crossed = (self.crossed + by).astype(np.float16)
        return replace(self, bias=self.bias + by, crossed=crossed)


@dataclass(frozen=True)
class _Task:
    """One fit: rows of photos, what they are, and how the answer is read."""

    labels: Sequence[Mapping[str, float]]  # tags of each column
    rows: NDArray[np.int64]
    truth: NDArray[np.float32]  # (R, C), one row sums to one where the classes exclude each other
    exclusive: bool


def fit_probes(
    sets: Sequence[PhotoSet],
    features: NDArray[np.float16],
    tables: Tables,
    vocabulary: Vocabulary,
    seed: int = 0,
    say: Callable[[str], None] | None = None,
) -> Probes | None:
    """Fit every probe on the photos that are not held back; None where no set has labels for any.

    Args:
        features: (N, F) of all sets, one after the other.
    """
    random = np.random.default_rng(seed)
    fold = random.integers(FOLDS, size=len(features))
    mean = features.mean(0, dtype=np.float64).astype(np.float32)
    scale = (1 / (features.std(0, dtype=np.float64) + 1e-3)).astype(np.float32)
    weights, biases, known, crossed = [], [], [], []
    for task in _tasks(sets, tables, random):
        inputs = torch.from_numpy((features[task.rows].astype(np.float32) - mean) * scale)
        truth = torch.from_numpy(task.truth)
        whole = _fit(inputs, truth, task.exclusive)
        odds = _everywhere(features, mean, scale, whole)
        part = fold[task.rows]
        for number in range(FOLDS):
            apart = torch.from_numpy(part == number)
            other = _fit(inputs[~apart], truth[~apart], task.exclusive)
            odds[task.rows[part == number]] = _odds(inputs[apart], other).numpy()
        sure = _sureness(torch.from_numpy(odds[task.rows]).float(), truth, task.exclusive)
        raw = sure * whole[0].numpy() * scale  # (C, F)
        weights.append(raw)
        biases.append(sure * whole[1].numpy() - raw @ mean)
        odds *= sure
        crossed.append(odds)
        known.append(_tags(task.labels, vocabulary))
        if say:
            say(f"{len(task.labels)} probes on {len(task.rows)} photos, {sure:.1f} times as sure")
    if not known:
        return None
    tags = np.concatenate(known)
    return Probes(
        weight=np.concatenate(weights),
        bias=np.concatenate(biases),
        tags=tags,
        own=tags.argmax(1),
        crossed=np.concatenate(crossed, axis=1),
    )


def _tasks(sets: Sequence[PhotoSet], tables: Tables, random: np.random.Generator) -> list[_Task]:
    first, starts = 0, {}
    for one in sets:
        starts[one.name] = first
        first += len(one.photos)
    many = [one for one in sets if one.name in OBJECTS]
    tasks = [_things(sets, starts, tables, random)]
    tasks += [_objects(one, starts, tables) for one in many]
    return [task for task in tasks if task is not None]


def _things(
    sets: Sequence[PhotoSet],
    starts: Mapping[str, int],
    tables: Tables,
    random: np.random.Generator,
) -> _Task | None:
    """The things of all sets against each other, and against photos of anything."""
    found: dict[str, list[int]] = {}
    known: dict[str, dict[str, float]] = {}
    for one in sets:
        if one.name not in KINDS:
            continue
        for row in np.flatnonzero(~one.held_back).tolist():
            label = next(iter(one.photos[row].labels), "")
            tags = tables.labels.get(one.name, {}).get(label)
            if not tags:
                continue
            words = tables.named.get(one.name, {}).get(label)
            name = words[0] if words else max(tags, key=lambda tag: tags[tag])
            found.setdefault(name, []).append(starts[one.name] + row)
            own = known.setdefault(name, {name: 1.0})
            for tag, weight in tags.items():
                own[tag] = max(own.get(tag, 0.0), min(weight, 0.99))
    names = sorted(name for name, rows in found.items() if len(rows) >= _LEAST)
    if len(names) < 2:
        return None
    mine = np.concatenate([found[name] for name in names])
    others = _others(sets, starts, set(names))
    drawn = random.choice(others, min(len(others), len(mine) // 2), replace=False)
    truth = np.zeros((len(mine) + len(drawn), len(names) + 1), dtype=np.float32)
    kinds = np.repeat(np.arange(len(names)), [len(found[name]) for name in names])
    truth[np.arange(len(mine)), kinds] = 1
    truth[len(mine) :, -1] = 1
    return _Task(
        [known[name] for name in names],
        np.concatenate([mine, drawn]).astype(np.int64),
        truth,
        exclusive=True,
    )


def _others(
    sets: Sequence[PhotoSet], starts: Mapping[str, int], tags: set[str]
) -> NDArray[np.int64]:
    """Photos of anything, without those whose owner or caption names one of the classes."""
    found = []
    for one in sets:
        if one.name not in OTHERS:
            continue
        for row in np.flatnonzero(~one.held_back).tolist():
            photo = one.photos[row]
            said = {word for text in photo.captions for word in text.lower().split()}
            if not said.isdisjoint(tags) or not tags.isdisjoint(photo.tags):
                continue
            found.append(starts[one.name] + row)
    return np.array(found, dtype=np.int64)


def _objects(one: PhotoSet, starts: Mapping[str, int], tables: Tables) -> _Task | None:
    """Yes or no for each label of a set."""
    table = tables.labels.get(one.name, {})
    rows = [row for row in np.flatnonzero(~one.held_back).tolist() if one.photos[row].labelled]
    counts: dict[str, int] = {}
    for row in rows:
        for label in set(one.photos[row].labels) & set(table):
            counts[label] = counts.get(label, 0) + 1
    names = sorted(label for label, number in counts.items() if number >= _LEAST)
    if not names:
        return None
    place = {label: number for number, label in enumerate(names)}
    truth = np.zeros((len(rows), len(names)), dtype=np.float32)
    for number, row in enumerate(rows):
        for label in one.photos[row].labels:
            if label in place:
                truth[number, place[label]] = 1
    return _Task(
        [table[label] for label in names],
        np.array(rows, dtype=np.int64) + starts[one.name],
        truth,
        exclusive=False,
    )


def _fit(inputs: Tensor, truth: Tensor, exclusive: bool) -> tuple[Tensor, Tensor]:
    """Penalised logistic regression: (R, F), (R, C) → (C, F), (C,) log odds against nothing."""
    weight = torch.zeros(truth.shape[1], inputs.shape[1], requires_grad=True)
    bias = torch.zeros(truth.shape[1], requires_grad=True)
    optimiser = torch.optim.LBFGS([weight, bias], max_iter=25, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimiser.zero_grad()
        scores = functional.linear(inputs, weight, bias)
        if exclusive:
            value = functional.cross_entropy(scores, truth) + _RIDGE * weight.pow(2).sum()
        else:
            value = functional.binary_cross_entropy_with_logits(scores, truth, reduction="none")
            value = value.mean(0).sum() + _RIDGE_OBJECTS * weight.pow(2).sum()
        value.backward()  # type: ignore[no-untyped-call]
        return value

    optimiser.step(loss)  # type: ignore[no-untyped-call]
    weight, bias = weight.detach(), bias.detach()
    if exclusive:
        return weight[:-1] - weight[-1], bias[:-1] - bias[-1]
    return weight, bias


def _sureness(odds: Tensor, truth: Tensor, exclusive: bool) -> float:
    """The factor that makes cross-fitted log odds fit best: the penalty leaves them too modest."""
    found: list[tuple[float, float]] = []
    for factor in np.geomspace(0.5, 4.0, 25).tolist():
        if exclusive:
            scores = functional.pad(factor * odds, (0, 1))  # nothing has log odds 0
            value = functional.cross_entropy(scores, truth)
        else:
            value = functional.binary_cross_entropy_with_logits(factor * odds, truth)
        found.append((float(value), factor))
    return min(found)[1]


def _odds(inputs: Tensor, fitted: tuple[Tensor, Tensor]) -> Tensor:
    return functional.linear(inputs, *fitted)


def _everywhere(
    features: NDArray[np.float16],
    mean: NDArray[np.float32],
    scale: NDArray[np.float32],
    fitted: tuple[Tensor, Tensor],
) -> NDArray[np.float16]:
    """Log odds for all photos: (N, C)."""
    found = np.empty((len(features), len(fitted[1])), dtype=np.float16)
    for start in range(0, len(features), 8192):
        part = (features[start : start + 8192].astype(np.float32) - mean) * scale
        found[start : start + 8192] = _odds(torch.from_numpy(part), fitted).numpy()
    return found


def _tags(labels: Sequence[Mapping[str, float]], vocabulary: Vocabulary) -> NDArray[np.float32]:
    table = np.zeros((len(labels), len(vocabulary)), dtype=np.float32)
    for number, tags in enumerate(labels):
        for tag, weight in tags.items():
            if tag in vocabulary:
                table[number, vocabulary.index[tag]] = weight
    return table
