"""What a photo or a post asks of the model, as rows and weights: the examples of training.

Between `engine.train.bridge` (words) and `engine.train.loop` (tensors).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.train.bridge import Tables, Weighted, seen_in, usual_form
from engine.train.data import PhotoSet, Posts
from engine.vocabulary import Vocabulary

Pairs = tuple[NDArray[np.int32], NDArray[np.float32]]


@dataclass(frozen=True)
class Example:
    """One photo or post.

    Attributes:
        feature: Row in the table of all features, −1 for a post without a photo.
        source: Number of the set that it comes from.
        seen: Rows and weights that labels and captions lead to.
        written: Rows that the owner wrote.
        posts: Numbers of real posts that fit the photo.
        rejected: Rows that were shown for the photo and passed over.
    """

    feature: int
    source: int
    seen: Pairs
    written: NDArray[np.int32]
    posts: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, dtype=np.int32))
    rejected: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, dtype=np.int32))


def pairs(tags: Weighted, vocabulary: Vocabulary) -> Pairs:
    """Rows and weights of the known tags."""
    known = [(vocabulary.index[tag], weight) for tag, weight in tags.items() if tag in vocabulary]
    return (
        np.array([row for row, _ in known], dtype=np.int32),
        np.array([weight for _, weight in known], dtype=np.float32),
    )


def photo_examples(
    photo_set: PhotoSet,
    source: int,
    first_feature: int,
    tables: Tables,
    vocabulary: Vocabulary,
    forms: Mapping[str, str],
    variants: Mapping[str, str],
    classes: Mapping[int, Weighted],
) -> list[Example]:
    """One example for each photo, those without any known tag included.

    Args:
        classes: More tags for some photos, by their place in the set.
    """
    examples = []
    for number, photo in enumerate(photo_set.photos):
        written = vocabulary.rows(usual_form(tag, forms, variants) for tag in photo.tags)
        found = seen_in(photo_set.name, photo, tables)
        for tag, weight in classes.get(number, {}).items():
            found[tag] = max(found.get(tag, 0.0), weight)
        seen = pairs(found, vocabulary)
        passed = vocabulary.rows(usual_form(tag, forms, variants) for tag in photo.rejected)
        examples.append(
            Example(
                first_feature + number,
                source,
                seen,
                np.array(written, dtype=np.int32),
                rejected=np.array(passed, dtype=np.int32),
            )
        )
    return examples


def post_rows(posts: Posts, vocabulary: Vocabulary, forms: Mapping[str, str]) -> list[list[int]]:
    """Known rows of each post."""
    return [vocabulary.rows(usual_form(tag, forms, {}) for tag in tags) for tags in posts.tags]


def known_universe(
    photo_set: PhotoSet, tables: Tables, vocabulary: Vocabulary
) -> NDArray[np.bool_]:
    """Tags whose absence tells something, because the set's labels name them: (V + 1,).

    A caption or the encoder's own classes say what is there, and nothing of what is not.
    """
    known = np.zeros(len(vocabulary) + 1, dtype=np.bool_)
    table = tables.labels.get(photo_set.name, {})
    for label in {label for photo in photo_set.photos for label in photo.labels}:
        known[vocabulary.rows(table.get(label, {}))] = True
    return known


def usual_share(
    examples: Sequence[Example], weights: NDArray[np.float64], size: int, written: float
) -> NDArray[np.float32]:
    """How much of all that is asked for each tag is, whatever the photo: (V,), sums to one.

    Args:
        weights: How often each example is drawn.
        written: Weight of a written tag against a seen one.
    """
    total = np.full(size, 1e-6 * weights.sum())
    for example, often in zip(examples, weights, strict=True):
        rows, sure = example.seen
        mass = float(sure.sum()) + written * len(example.written)
        share = often / max(1.0, mass)
        np.add.at(total, rows, share * sure)
        np.add.at(total, example.written, share * written)
    result: NDArray[np.float32] = (total / total.sum()).astype(np.float32)
    return result
