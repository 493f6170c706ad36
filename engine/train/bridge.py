"""From labels, caption words and owners' tags to the hashtags that people post.

The curated tables in `tables/` say which; `engine.train.targets` turns the answer into rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from engine.lists import rows
from engine.train.data import Photo

FOLDER = Path(__file__).parent / "tables"

Weighted = dict[str, float]
"""Tag → how surely it is right, 0–1."""


@dataclass(frozen=True)
class Tables:
    """The curated tables.

    Attributes:
        labels: Set → label → tags.
        words: Word of a caption → tags.
        acceptable: Label of an object or a place → tags that fit a photo of it.
        named: Set → label → words that name the thing, the most usual one first.
        classes: Tags that classes of the encoder may name a photo by.
    """

    labels: Mapping[str, Mapping[str, Weighted]]
    words: Mapping[str, Weighted]
    acceptable: Mapping[str, tuple[str, ...]]
    named: Mapping[str, Mapping[str, tuple[str, ...]]]
    classes: frozenset[str] = frozenset()


def read_tables(folder: Path = FOLDER) -> Tables:
    """Read all tables."""
    labels: dict[str, dict[str, Weighted]] = {}
    for name, label, *tags in rows(folder / "labels.tsv"):
        labels.setdefault(name, {})[label] = _weighted(tags)
    named: dict[str, dict[str, tuple[str, ...]]] = {}
    for name, label, *tags in rows(folder / "named.tsv"):
        named.setdefault(name, {})[label] = tuple(" ".join(tags).split())
    return Tables(
        labels=labels,
        words={word: _weighted(tags) for word, *tags in rows(folder / "words.tsv")},
        acceptable={
            label: tuple(" ".join(tags).split()) for label, *tags in rows(folder / "acceptable.tsv")
        },
        named=named,
        classes=frozenset(tag for line in rows(folder / "classes.txt") for tag in line[0].split()),
    )


def _weighted(fields: Iterable[str]) -> Weighted:
    tags: Weighted = {}
    for entry in " ".join(fields).split():
        tag, _, weight = entry.partition(":")
        tags[tag] = max(tags.get(tag, 0.0), float(weight) if weight else 1.0)
    return tags


def words_of(captions: Iterable[str]) -> list[tuple[str, ...]]:
    """The words of each caption, and its pairs of neighbours written as one; each once."""
    found: list[tuple[str, ...]] = []
    for caption in captions:
        words = re.findall(r"[a-z]+", caption.lower())
        found.append(tuple(dict.fromkeys([*words, *(a + b for a, b in pairwise(words))])))
    return found


def seen_in(name: str, photo: Photo, tables: Tables) -> Weighted:
    """Tags that the labels and captions of a photo lead to.

    Of several captions, a word that only some use counts for less: half a weight for one of
    five, all of it for a majority.
    """
    seen: Weighted = {}
    known = tables.labels.get(name, {})
    for label in photo.labels:
        _raise(seen, known.get(label, {}), 1.0)
    said = words_of(photo.captions)
    counts: dict[str, int] = {}
    for words in said:
        for word in words:
            if word in tables.words:
                counts[word] = counts.get(word, 0) + 1
    for word, count in counts.items():
        sure = min(1.0, 0.35 + count / len(said)) if len(said) > 1 else 1.0
        _raise(seen, tables.words[word], sure)
    return seen


def _raise(seen: Weighted, tags: Weighted, factor: float) -> None:
    for tag, weight in tags.items():
        seen[tag] = max(seen.get(tag, 0.0), weight * factor)


def usual_form(tag: str, forms: Mapping[str, str], variants: Mapping[str, str]) -> str:
    """One spelling for tags of all sources."""
    tag = variants.get(tag, tag)
    return forms.get(tag, tag)
