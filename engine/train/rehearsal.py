"""What the CNN-RNN says of photos that it was not trained on, for every photo of a corpus.

The corpus is cut in parts; for each a model is trained on the others and then asked. On these
answers `engine.train.neighbours` learns how much a model of this recipe is to be trusted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from engine.decoder import TagDecoder
from engine.head import Head
from engine.lists import read_lists
from engine.train.corpus import Corpus

PARTS = 3
TAPS = (1, 2)


@dataclass(frozen=True)
class Asked:
    """Photos of which some true words were tapped, and at least one was left.

    Attributes:
        photos: (A,) their numbers among the examples.
        prefix: (A, K) rows of what was tapped.
        after: (A, V) log probabilities then.
    """

    photos: Tensor
    prefix: Tensor
    after: Tensor


@dataclass(frozen=True)
class Rehearsal:
    """Answers of models that had not seen the photo; N examples.

    Attributes:
        before: (N, V) log probabilities before any tap.
        asked: The same after taps.
    """

    before: Tensor
    asked: Sequence[Asked]


def rehearse(corpus: Corpus, train: Callable[[Corpus, int], Head], seed: int) -> Rehearsal:
    """Train on all parts but one, in turn.

    Args:
        corpus: Of photos alone.
        train: From a part of the corpus, and its number from 1 on, to a head.
    """
    random = np.random.default_rng([seed, 13])
    order = random.permutation(len(corpus.examples))
    before = torch.zeros(len(order), len(corpus.vocabulary))
    asked: list[Asked] = []
    for number, share in enumerate(np.array_split(order, PARTS), 1):
        part = share.tolist()
        out = set(part)
        left = tuple(one for place, one in enumerate(corpus.examples) if place not in out)
        decoder = TagDecoder(train(replace(corpus, examples=left), number), read_lists())
        before[part] = _answers(decoder, corpus, part, [()] * len(part))
        for taps in TAPS:
            some = [i for i in part if len(corpus.examples[i].written) > taps]
            if some:
                written = [random.permutation(corpus.examples[i].written)[:taps] for i in some]
                prefix = [tuple(rows.tolist()) for rows in written]
                after = _answers(decoder, corpus, some, prefix)
                asked.append(Asked(torch.tensor(some), torch.tensor(prefix), after))
    return Rehearsal(before, asked)


def _answers(
    decoder: TagDecoder, corpus: Corpus, photos: Sequence[int], prefixes: Sequence[tuple[int, ...]]
) -> Tensor:
    """Log probabilities of all words: (A, V)."""
    tags = corpus.vocabulary.tags
    found = []
    for start in range(0, len(photos), 256):
        part = slice(start, start + 256)
        features = [
            corpus.features[corpus.examples[i].feature].astype(np.float32) for i in photos[part]
        ]
        readings = [decoder.prefixes.read([tags[row] for row in rows]) for rows in prefixes[part]]
        scores = decoder.scorer.logits(features, readings)[:, : len(tags)]
        found.append(torch.log_softmax(scores, dim=1))
    return torch.cat(found)
