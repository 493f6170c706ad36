"""Who writes about photos, and what: groups of writers that `engine.train.naming` learns to hear.

The owner of a photo writes hashtags; whoever captions one says what is in it; and real posts that
share tags with what is seen in a photo tell what people write with such things. Each group has the
words that it uses often enough, and every photo counts once, however much is written about it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.train.corpus import CAPTIONED_SETS, PAIR_SETS, Corpus
from engine.train.targets import Example

SETS: Mapping[str, Collection[str]] = {"owners": PAIR_SETS, "captions": CAPTIONED_SETS}
"""Group → sets whose photos it wrote about. The third group, posts, fits photos of all sets."""

TRUST: Mapping[str, tuple[float, float]] = {
    "owners": (0.6, 0.48),
    "captions": (0.6, 0.48),
    "posts": (0.6, 0.0),
}
"""How much each counts beside the CNN-RNN, which has heard them too, before a tap and after it,
when it knows better which posts are meant; chosen on held-back photos and posts."""

LEAST: Mapping[str, int] = {"owners": 10, "captions": 20, "posts": 200}
"""Photos about which a word is written."""


@dataclass(frozen=True)
class Writers:
    """One group, on R photos with W words.

    Attributes:
        rows: (R,) photos in the features of the corpus.
        truth: (R, W) share of each word in what is written about the photo, half precision.
    """

    tags: tuple[str, ...]
    rows: NDArray[np.int64]
    truth: Tensor

    @cached_property
    def usual(self) -> Tensor:
        """(W,) log share of each word among all that they write."""
        return torch.log(self.truth.mean(0, dtype=torch.float32) + 1e-6)


def find_writers(corpus: Corpus) -> dict[str, Writers]:
    """Groups that wrote about photos which are not held back."""
    photos = [one for one in corpus.examples if one.feature >= 0]
    found = {}
    for group in TRUST:
        sets = SETS.get(group)
        mine = [one for one in photos if sets is None or corpus.sources[one.source] in sets]
        if mine:
            written = _from_posts(mine, corpus) if sets is None else _said(mine, group, corpus)
            one = _writers(mine, written, LEAST[group], corpus)
            if one is not None:
                found[group] = one
    return found


def _said(photos: Sequence[Example], group: str, corpus: Corpus) -> Any:
    """What the owner or the captions of each photo say: sparse, (R, V)."""
    own = group == "owners"
    said = [(one.written, np.ones(len(one.written))) if own else one.seen for one in photos]
    words, weights = (np.concatenate(part) for part in zip(*said, strict=True))
    return _table(words, weights, [len(part) for part, _ in said], len(corpus.vocabulary))


def _from_posts(photos: Sequence[Example], corpus: Corpus) -> Any:
    """The mean of the posts that fit each photo; every post counts once: sparse, (R, V)."""
    lengths = [len(post) for post in corpus.posts]
    words = np.concatenate([np.zeros(0, dtype=np.int64), *map(np.asarray, corpus.posts)])
    shares = np.repeat([1 / length for length in lengths], lengths)
    posts = _table(words, shares, lengths, len(corpus.vocabulary))
    fitting = np.concatenate([one.posts for one in photos])
    number = [len(one.posts) for one in photos]
    return _table(fitting, np.ones(len(fitting)), number, len(corpus.posts)) @ posts


def _table(columns: NDArray[Any], values: NDArray[Any], lengths: Sequence[int], width: int) -> Any:
    """Rows of so many entries each, one after the other: sparse, (R, width)."""
    from scipy.sparse import csr_matrix

    ends = np.cumsum([0, *lengths])
    return csr_matrix((values.astype(np.float32), columns, ends), shape=(len(lengths), width))


def _writers(photos: Sequence[Example], written: Any, least: int, corpus: Corpus) -> Writers | None:
    often = np.flatnonzero(written.getnnz(0) >= least)
    kept = written[:, often]
    whole = np.asarray(kept.sum(1)).ravel()
    some = np.flatnonzero(whole > 0)
    if not len(some):
        return None
    kept = kept[some].multiply(1 / whole[some][:, None]).tocsr()
    truth = torch.zeros(len(some), len(often), dtype=torch.float16)
    places = np.repeat(np.arange(len(some)), np.diff(kept.indptr))
    truth[places, kept.indices] = torch.from_numpy(kept.data).half()
    tags = tuple(corpus.vocabulary.tags[row] for row in often.tolist())
    rows = np.array([one.feature for one in photos], dtype=np.int64)[some]
    return Writers(tags, rows, truth)
