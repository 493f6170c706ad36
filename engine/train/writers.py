"""Who writes about photos, and what: groups of writers that `engine.train.naming` learns to hear.

The owner of a photo writes hashtags; whoever captions one says what is in it. Each group has the
words that it uses often enough, and every photo counts once, however much is written about it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.train.corpus import CAPTIONED_SETS, PAIR_SETS, Corpus

GROUPS: Mapping[str, Collection[str]] = {"owners": PAIR_SETS, "captions": CAPTIONED_SETS}
"""Group → sets whose photos it wrote about."""

TRUST: Mapping[str, float] = {"owners": 0.6, "captions": 0.6}
"""How much each counts beside the CNN-RNN, which has heard them too; chosen on half of the
held-back photos."""

LEAST: Mapping[str, int] = {"owners": 10, "captions": 20}
"""Photos about which a word is written."""


@dataclass(frozen=True)
class Writers:
    """One group, on R photos with W words.

    Attributes:
        rows: (R,) photos in the features of the corpus.
        truth: (R, W) share of each word in what is written about the photo.
    """

    tags: tuple[str, ...]
    rows: NDArray[np.int64]
    truth: Tensor

    @cached_property
    def usual(self) -> Tensor:
        """(W,) log share of each word among all that they write."""
        return torch.log(self.truth.mean(0) + 1e-6)


def find_writers(corpus: Corpus) -> dict[str, Writers]:
    """Groups that wrote about photos which are not held back."""
    found = {}
    for group, sets in GROUPS.items():
        one = _writers(corpus, sets, group == "owners", LEAST[group])
        if one is not None:
            found[group] = one
    return found


def _writers(corpus: Corpus, sets: Collection[str], own: bool, least: int) -> Writers | None:
    from scipy.sparse import csr_matrix

    photos = [
        one for one in corpus.examples if one.feature >= 0 and corpus.sources[one.source] in sets
    ]
    if not photos:
        return None
    said = [(one.written, np.ones(len(one.written))) if own else one.seen for one in photos]
    words, weights = (np.concatenate(part) for part in zip(*said, strict=True))
    ends = np.cumsum([0, *(len(part) for part, _ in said)])
    size = len(corpus.vocabulary)
    table = csr_matrix((weights.astype(np.float32), words, ends), shape=(len(photos), size))
    often = np.flatnonzero(table.getnnz(0) >= least)
    truth = table[:, often].toarray()
    some = truth.sum(1) > 0
    if not some.any():
        return None
    truth = truth[some] / truth[some].sum(1, keepdims=True)
    tags = tuple(corpus.vocabulary.tags[row] for row in often.tolist())
    rows = np.array([one.feature for one in photos], dtype=np.int64)[some]
    return Writers(tags, rows, torch.from_numpy(truth))
