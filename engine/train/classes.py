"""How far the encoder's own classes can be believed when they name a photo (`engine.classes`).

A classifier of a thousand things is sure of one of them before every photo, and of some more often
than of others: a skateboard is a #unicycle to it, a toilet is #pottery. So each name is held
against what people say of photos of anything: where a class is as good as seen, a caption or a
label confirms it or not. What is seen in none of them is believed: it does not come out of nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from engine.classes import Classes
from engine.lists import Lists
from engine.train.bridge import Tables, seen_in, words_of
from engine.train.corpus import CAPTIONED_SETS, CLASS_SET, class_names_of
from engine.train.data import Photo, PhotoSet
from engine.train.imagenet import Classifier
from engine.train.naming import name_of
from engine.vocabulary import Vocabulary

_ALWAYS = 0.99  # weight from which a class surely is what a tag says: a tabby is a cat
_MOSTLY = 0.7  # weight from which the name of a class is right: a tabby is #tabby mostly
_SAID = 0.5  # weight from which words of a caption confirm a tag
_SEEN = 0.45  # chance from which a name is held against what is said
_BEFORE = 3.0  # photos for which a name is believed before it is held against any
_LEAST = 0.25  # trust from which a name is of use
_PART = 4096


def fit_classes(
    sets: Sequence[PhotoSet],
    classifier: Classifier,
    tables: Tables,
    lists: Lists,
    vocabulary: Vocabulary,
    taken: Collection[str],
) -> Classes | None:
    """Measure on the photos with captions that are not held back.

    Args:
        taken: Tags that name things and objects already, which learned from photos of anything.

    Returns:
        None where the set does not say what every class is called, or none may name anything.
    """
    called = class_names_of(sets)
    if len(called) != len(classifier.bias):
        return None
    leads: dict[str, list[int]] = {}
    always: dict[str, set[str]] = {}
    for number, label in enumerate(called):
        sure = _surely(label, tables, lists, vocabulary)
        for tag in sure & tables.classes:
            leads.setdefault(tag, []).append(number)
            always.setdefault(tag, {tag}).update(sure & set(taken))
    if not leads:
        return None
    named = {tag: tuple(leads[tag]) for tag in sorted(leads)}
    weight, bias = torch.from_numpy(classifier.weight), torch.from_numpy(classifier.bias)
    every = Classes(weight, bias, torch.ones(len(named)), named)
    seen, right = np.zeros(len(named)), np.zeros(len(named))
    tags = tuple(named)
    for photo_set in (one for one in sets if one.name in CAPTIONED_SETS):
        for photo, place in _believed(photo_set, every):
            seen[place] += 1
            right[place] += _confirmed(photo_set.name, photo, tags[place], always, tables)
    trust = torch.from_numpy((right + _BEFORE) / (seen + _BEFORE)).float()
    kept = [place for place in range(len(tags)) if trust[place] >= _LEAST]
    if not kept:
        return None
    return Classes(weight, bias, trust[kept], {tags[place]: named[tags[place]] for place in kept})


def _surely(label: str, tables: Tables, lists: Lists, vocabulary: Vocabulary) -> set[str]:
    """The name of a class and what it always is, as far as anybody may be shown them."""
    known = tables.labels.get(CLASS_SET, {}).get(label, {})
    name = name_of(CLASS_SET, label, tables, lists.kept_back, vocabulary)
    sure = {tag for tag, weight in known.items() if weight >= _ALWAYS}
    sure |= {name} if known.get(name, 0) >= _MOSTLY else set()
    return {tag for tag in sure if tag in vocabulary and tag not in lists.kept_back}


def _believed(photo_set: PhotoSet, every: Classes) -> Iterator[tuple[Photo, int]]:
    """Photos with captions beside the place of each name that they seem to show."""
    learned = np.flatnonzero(~photo_set.held_back).tolist()
    rows = [row for row in learned if photo_set.photos[row].captions]
    for start in range(0, len(rows), _PART):
        part = rows[start : start + _PART]
        features: NDArray[np.float32] = photo_set.features[part].astype(np.float32)
        seen = every.chances(torch.from_numpy(features)) >= _SEEN
        for number, place in seen.nonzero().tolist():
            yield photo_set.photos[part[number]], place


def _confirmed(
    name: str, photo: Photo, tag: str, always: Mapping[str, set[str]], tables: Tables
) -> bool:
    """Whether somebody says the name, or what it always is: a dog is enough for a #pug."""
    words = set().union(*words_of(photo.captions))
    if not words.isdisjoint({tag, tag.removesuffix("s"), f"{tag}s"}):
        return True
    seen = seen_in(name, photo, tables)
    return any(seen.get(one, 0.0) >= _SAID for one in always[tag])
