"""Linear probes: for every thing that the labelled sets know, how much likelier it is than nothing.

One multinomial regression tells all things apart (dishes, places, sports, garments…), by the tag
that names them, so that two sets that show the same thing teach one probe; labels of photos with
many things are asked yes or no; another regression says which tags the owner of a photo would
write, against what owners usually write. They are fitted before the head and stay as they are:
each is a unit of the joint embedding, so a few hundred photos of a class are used as well as a
penalised regression can, and what the head learns stands on top. While the head is trained it
sees cross-fitted probes: none has seen the photo that it speaks about, so what the head adds is
not learned against answers that are better than they will be (stacking, Wolpert 1992).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.train.bridge import Tables
from engine.train.data import PhotoSet
from engine.train.logistic import Scale, cross_fit
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

OWNERS = ("mirflickr",)
"""Sets whose tags are their owners' own."""

FOLDS = 2
_LEAST = 20  # photos of a class


@dataclass(frozen=True)
class Probes:
    """E probes over the features of a corpus.

    Attributes:
        weight: (E, F) over raw features.
        bias: (E,) log odds of the class against nothing at zero features.
        tags: (E, V) how surely the class leads to each tag.
        own: (E,) row of the tag that names the class.
        owners: (E,) whether it says how likely an owner writes the tag, against the usual; the
            others say how likely the photo shows the thing, against nothing.
        crossed: (N, E) log odds for every photo, by probes that have not seen it.
    """

    weight: NDArray[np.float32]
    bias: NDArray[np.float32]
    tags: NDArray[np.float32]
    own: NDArray[np.int64]
    owners: NDArray[np.bool_]
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
    truth: NDArray[np.float32]  # (R, C)
    kind: str  # of `engine.train.logistic`


def fit_probes(
    sets: Sequence[PhotoSet],
    features: NDArray[np.float16],
    tables: Tables,
    vocabulary: Vocabulary,
    seed: int = 0,
    say: Callable[[str], None] | None = None,
    spell: Callable[[str], str] = str,
) -> Probes | None:
    """Fit every probe on the photos that are not held back; None where no set has labels for any.

    Args:
        features: (N, F) of all sets, one after the other.
        spell: The usual form of an owner's tag.
    """
    random = np.random.default_rng(seed)
    fold = random.integers(FOLDS, size=len(features))
    scale = Scale.of(features)
    tasks = _tasks(sets, tables, vocabulary, spell, random)
    if not tasks:
        return None
    found = []
    for task in tasks:
        fitted = cross_fit(features, scale, task.rows, task.truth, task.kind, fold)
        found.append(fitted)
        if say:
            asked = f"{len(task.labels)} probes on {len(task.rows)} photos"
            say(f"{asked}, {fitted.sure:.1f} times as sure")
    tags = np.concatenate([_tags(task.labels, vocabulary) for task in tasks])
    return Probes(
        weight=np.concatenate([one.weight for one in found]),
        bias=np.concatenate([one.bias for one in found]),
        tags=tags,
        own=tags.argmax(1),
        owners=np.repeat([task.kind == "words" for task in tasks], [len(t.labels) for t in tasks]),
        crossed=np.concatenate([one.crossed for one in found], axis=1),
    )


def _tasks(
    sets: Sequence[PhotoSet],
    tables: Tables,
    vocabulary: Vocabulary,
    spell: Callable[[str], str],
    random: np.random.Generator,
) -> list[_Task]:
    starts = first_rows(sets)
    many = [one for one in sets if one.name in OBJECTS]
    tasks = [_things(sets, starts, tables, random)]
    tasks += [_objects(one, starts, tables) for one in many]
    tasks += [_owners(one, starts, vocabulary, spell) for one in sets if one.name in OWNERS]
    return [task for task in tasks if task is not None]


def first_rows(sets: Sequence[PhotoSet]) -> dict[str, int]:
    """Set → row of its first photo, where the photos of all sets follow each other."""
    first, starts = 0, {}
    for one in sets:
        starts[one.name] = first
        first += len(one.photos)
    return starts


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
    others = photos_of_anything(sets, starts, set(names))
    drawn = random.choice(others, min(len(others), len(mine) // 2), replace=False)
    truth = np.zeros((len(mine) + len(drawn), len(names) + 1), dtype=np.float32)
    kinds = np.repeat(np.arange(len(names)), [len(found[name]) for name in names])
    truth[np.arange(len(mine)), kinds] = 1
    truth[len(mine) :, -1] = 1
    return _Task(
        [known[name] for name in names],
        np.concatenate([mine, drawn]).astype(np.int64),
        truth,
        kind="things",
    )


def photos_of_anything(
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
        kind="objects",
    )


def _owners(
    one: PhotoSet,
    starts: Mapping[str, int],
    vocabulary: Vocabulary,
    spell: Callable[[str], str],
) -> _Task | None:
    """Which tags the owner writes; every photo counts once, however many they are."""
    written: list[tuple[int, set[str]]] = []
    counts: Counter[str] = Counter()
    for row in np.flatnonzero(~one.held_back).tolist():
        tags = set(map(spell, one.photos[row].tags))
        tags = {tag for tag in tags if tag in vocabulary}
        counts.update(tags)
        written.append((row, tags))
    names = sorted(tag for tag, number in counts.items() if number >= _LEAST)
    if len(names) < 2:
        return None
    place = {tag: number for number, tag in enumerate(names)}
    written = [(row, known) for row, tags in written if (known := tags & place.keys())]
    truth = np.zeros((len(written), len(names)), dtype=np.float32)
    for number, (_, tags) in enumerate(written):
        truth[number, [place[tag] for tag in tags]] = 1 / len(tags)
    rows = np.array([row for row, _ in written], dtype=np.int64) + starts[one.name]
    return _Task([{name: 1.0} for name in names], rows, truth, "words")


def _tags(labels: Sequence[Mapping[str, float]], vocabulary: Vocabulary) -> NDArray[np.float32]:
    table = np.zeros((len(labels), len(vocabulary)), dtype=np.float32)
    for number, tags in enumerate(labels):
        for tag, weight in tags.items():
            if tag in vocabulary:
                table[number, vocabulary.index[tag]] = weight
    return table
