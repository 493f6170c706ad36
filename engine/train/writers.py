"""Who writes about photos, and what: groups of writers that `engine.train.naming` learns to hear.

The owner of a photo writes hashtags; whoever captions one says what is in it. Each group has the
words that it uses often enough, and every photo counts once, however much is written about it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.train.corpus import Corpus

GROUPS: Mapping[str, tuple[str, ...]] = {
    "owners": ("mirflickr",),
    "captions": ("coco-captions", "coco-train", "flickr8k"),
}
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

    @property
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
    size = len(corpus.vocabulary)
    rows, said = [], []
    for one in corpus.examples:
        if one.feature < 0 or corpus.sources[one.source] not in sets:
            continue
        written, weights = (one.written, 1.0) if own else one.seen
        if len(written):
            table = np.zeros(size, dtype=np.float32)
            table[written] = weights
            rows.append(one.feature)
            said.append(table)
    if not rows:
        return None
    truth = np.stack(said)
    often = np.flatnonzero((truth > 0).sum(0) >= least)
    truth = truth[:, often]
    some = truth.sum(1) > 0
    if not some.any():
        return None
    truth = truth[some] / truth[some].sum(1, keepdims=True)
    tags = tuple(corpus.vocabulary.tags[row] for row in often.tolist())
    return Writers(tags, np.array(rows, dtype=np.int64)[some], torch.from_numpy(truth))
