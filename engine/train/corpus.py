"""All training examples of a data pack over one vocabulary: photos, owners' tags, posts.

Brings `engine.train.data` and `engine.train.bridge` together for `engine.train.recipe`.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.lists import Lists, rows
from engine.rules import compile_rules
from engine.train.bridge import Tables, Weighted, usual_form
from engine.train.data import PhotoSet, Posts
from engine.train.imagenet import Classifier, sure_classes
from engine.train.targets import Example, known_universe, photo_examples, post_rows
from engine.vocabulary import Vocabulary

PAIR_SETS = frozenset({"mirflickr"})
"""Sets whose tags are their owners' own: what is not written there was not wanted."""


CAPTIONED_SETS = ("coco-captions", "coco-train", "flickr8k")
"""Sets whose photos have sentences about them."""

CLASS_SET = "imagenet-1000"
"""The set whose line i is a photo of the encoder's class i."""

OPEN_SETS = frozenset({"coco-captions", "coco-train", "flickr8k", "mirflickr", "voc-objects"})
"""Sets of photos of anything, where the encoder's own classes add what nobody wrote down."""


@dataclass(frozen=True)
class Corpus:
    """Everything that training draws from.

    Attributes:
        features: (N, F) of all photos, held-back ones included.
        examples: Photos and posts that training may see.
        posts: Known rows of each post that training may see.
        sources: Name of each source.
        known: (S, V + 1) tags whose absence a source would tell.
        groups: Rows of tags that exclude each other.
    """

    vocabulary: Vocabulary
    features: NDArray[np.float16]
    examples: tuple[Example, ...]
    posts: tuple[tuple[int, ...], ...]
    sources: tuple[str, ...]
    known: NDArray[np.bool_]
    class_names: tuple[str, ...] = ()
    groups: tuple[NDArray[np.int64], ...] = ()

    @property
    def digest(self) -> str:
        """Names what is learned from: other photos or other words give another."""
        digest = hashlib.blake2b("\n".join(self.vocabulary.tags).encode(), digest_size=16)
        digest.update(np.ascontiguousarray(self.features).data)
        for one in self.examples:
            digest.update(f"{one.feature} {one.source}".encode())
            for table in (*one.seen, one.written, one.posts, one.rejected):
                digest.update(table.tobytes())
        digest.update(repr(self.posts).encode())
        return digest.hexdigest()


def class_names_of(sets: Sequence[PhotoSet]) -> tuple[str, ...]:
    """What each class of the encoder is called: line i is class i, so none where one is missing."""
    for one in sets:
        if one.name == CLASS_SET:
            names = tuple(photo.labels[0] for photo in one.photos if photo.labels)
            return names if len(names) == len(one.photos) + one.skipped else ()
    return ()


def read_variants(data: Path) -> dict[str, str]:
    """Spellings of the Flickr tags that are made one."""
    return {row[0]: row[1] for row in rows(data / "mirflickr" / "variants.tsv")}


def order_vocabulary(
    tags: Sequence[str], posts: Sequence[Posts], sets: Sequence[PhotoSet], lists: Lists
) -> Vocabulary:
    """Most frequent first, over posts and owners' tags; ties by spelling."""
    counts: Counter[str] = Counter()
    for source in posts:
        for post in source.tags:
            counts.update({usual_form(tag, lists.forms, {}) for tag in post})
    for photo_set in sets:
        for photo in photo_set.photos:
            counts.update({usual_form(tag, lists.forms, {}) for tag in photo.tags})
    return Vocabulary(tuple(sorted(set(tags), key=lambda tag: (-counts[tag], tag))))


def build_corpus(
    sets: Sequence[PhotoSet],
    posts: Sequence[Posts],
    vocabulary: Vocabulary,
    tables: Tables,
    lists: Lists,
    variants: Mapping[str, str],
    classifier: Classifier | None = None,
) -> Corpus:
    """Examples of all that is not held back.

    Args:
        classifier: Of the encoder; what it is sure of counts as a label in open sets.
    """
    examples: list[Example] = []
    known: list[NDArray[np.bool_]] = []
    class_names = class_names_of(sets)
    first = 0
    for source, photo_set in enumerate(sets):
        classes = _classes(photo_set, class_names, classifier, tables)
        made = photo_examples(
            photo_set, source, first, tables, vocabulary, lists.forms, variants, classes
        )
        universe = known_universe(photo_set, tables, vocabulary)
        if photo_set.name in PAIR_SETS:
            universe[:] = True
        known.append(universe)
        examples += [
            example
            for example, held in zip(made, photo_set.held_back, strict=True)
            if not held and (len(example.seen[0]) or len(example.written))
        ]
        first += len(photo_set.photos)
    post_list: list[tuple[int, ...]] = []
    for number, source_posts in enumerate(posts):
        known.append(np.ones(len(vocabulary) + 1, dtype=np.bool_))
        for written, held in zip(
            post_rows(source_posts, vocabulary, lists.forms), source_posts.held_back, strict=True
        ):
            if not held and written:
                post_list.append(tuple(written))
                examples.append(_post_example(written, len(sets) + number))
    return Corpus(
        vocabulary=vocabulary,
        features=np.concatenate([one.features for one in sets]),
        examples=tuple(match_posts(examples, post_list, len(vocabulary))),
        posts=tuple(post_list),
        sources=(*(one.name for one in sets), *(one.name for one in posts)),
        known=np.stack(known),
        class_names=class_names,
        groups=compile_rules(lists, vocabulary).groups,
    )


def _classes(
    photo_set: PhotoSet,
    names: Sequence[str],
    classifier: Classifier | None,
    tables: Tables,
) -> dict[int, Weighted]:
    """Tags of the classes that the encoder is sure of, a little less sure than a label."""
    if classifier is None or not names or photo_set.name not in OPEN_SETS:
        return {}
    labels = tables.labels.get(CLASS_SET, {})
    sure = sure_classes(classifier, photo_set.features, least=0.5)
    return {
        row: {tag: weight * chance for tag, weight in labels.get(names[number], {}).items()}
        for row, (number, chance) in sure.items()
    }


def _post_example(written: Sequence[int], source: int) -> Example:
    nothing = (np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.float32))
    return Example(-1, source, nothing, np.array(written, dtype=np.int32))


def match_posts(
    examples: Sequence[Example],
    posts: Sequence[Sequence[int]],
    size: int,
    shared: int = 2,
    most: int = 40,
    seed: int = 0,
) -> list[Example]:
    """Give each photo real posts that share ``shared`` or more of the tags seen in it."""
    from scipy.sparse import csr_matrix

    random = np.random.default_rng(seed)
    rows = np.concatenate([np.full(len(post), number) for number, post in enumerate(posts)])
    columns = np.concatenate([np.asarray(post) for post in posts])
    table = csr_matrix(
        (np.ones(len(rows), dtype=np.float32), (columns, rows)), shape=(size, len(posts))
    )
    result = list(examples)
    places = [i for i, one in enumerate(examples) if one.feature >= 0 and len(one.seen[0]) > 1]
    for start in range(0, len(places), 1024):
        part = places[start : start + 1024]
        sure = [examples[i].seen[0][examples[i].seen[1] >= 0.6] for i in part]
        left = csr_matrix(
            (
                np.ones(sum(map(len, sure)), dtype=np.float32),
                np.concatenate(sure) if sure else [],
                np.concatenate([[0], np.cumsum([len(one) for one in sure])]),
            ),
            shape=(len(part), size),
        )
        common = (left @ table).tocsr()
        for place, number in enumerate(part):
            row = slice(common.indptr[place], common.indptr[place + 1])
            fitting = common.indices[row][common.data[row] >= shared]
            if len(fitting) > most:
                fitting = random.choice(fitting, most, replace=False)
            result[number] = replace(result[number], posts=fitting.astype(np.int32))
    return result
