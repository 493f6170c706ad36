"""A part of the training examples that is held out of the training: its split and its measure.

Photos leave with their near-duplicates, posts with their copies. `engine.train.loop` measures
recall among ten on them, for early stopping and the curve.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from engine.model.cnn_rnn import CnnRnn
from engine.train.corpus import Corpus
from engine.train.data import TWINS
from engine.train.sampler import Batch, padded
from engine.train.steps import forward
from engine.train.targets import Example

PLACES = 10
PART = 512


def split_corpus(corpus: Corpus, share: float, seed: int) -> tuple[Corpus, list[Example]]:
    """Take a share of the photos and posts out of a corpus.

    Returns:
        The corpus without them, without near-duplicates of the photos and copies of the posts;
        and the examples that were taken out.
    """
    random = np.random.default_rng([seed, 7])
    chosen = random.random(len(corpus.examples)) < share
    exam = [one for one, taken in zip(corpus.examples, chosen, strict=True) if taken]
    left = [one for one, taken in zip(corpus.examples, chosen, strict=True) if not taken]
    texts = {tuple(one.written.tolist()) for one in exam if one.feature < 0}
    kept = [number for number, post in enumerate(corpus.posts) if tuple(post) not in texts]
    moved = np.full(len(corpus.posts), -1, dtype=np.int32)
    moved[kept] = np.arange(len(kept))
    twins = _twins(corpus, exam, left)
    examples = []
    for one in left:
        if one.feature in twins or (one.feature < 0 and tuple(one.written.tolist()) in texts):
            continue
        posts = moved[one.posts]
        examples.append(replace(one, posts=posts[posts >= 0]))
    posts_left = tuple(corpus.posts[number] for number in kept)
    return replace(corpus, examples=tuple(examples), posts=posts_left), exam


def _twins(corpus: Corpus, exam: Sequence[Example], left: Sequence[Example]) -> set[int]:
    """Rows of training photos that are near-duplicates of a photo of the exam, source by source."""
    found: set[int] = set()
    for source in {one.source for one in exam if one.feature >= 0}:
        ours = np.array([one.feature for one in exam if one.source == source])
        theirs = np.array([one.feature for one in left if one.source == source], dtype=np.int64)
        unit = _unit(corpus, ours)
        for start in range(0, len(theirs), 4096):
            part = theirs[start : start + 4096]
            near = (_unit(corpus, part) @ unit.T).max(1) > TWINS
            found.update(part[near].tolist())
    return found


def _unit(corpus: Corpus, rows: np.ndarray) -> np.ndarray:
    features = corpus.features[rows].astype(np.float32)
    unit: np.ndarray = features / (np.linalg.norm(features, axis=1, keepdims=True) + 1e-9)
    return unit


@dataclass(frozen=True)
class Exam:
    """Questions with fixed prefixes.

    Attributes:
        batches: Prefixes; their targets are 1 for every right tag.
    """

    batches: tuple[Batch, ...]

    @classmethod
    def of(cls, examples: Sequence[Example], size: int, seed: int) -> Exam | None:
        """Make one question of each example; None where no example makes one.

        A photo is asked about without a prefix; a post by a random half of its tags.

        Args:
            size: V.
        """
        random = np.random.default_rng([seed, 8])
        asked: list[tuple[Example, list[int], list[int]]] = []
        for one in examples:
            rows = one.written.tolist() or one.seen[0][one.seen[1] >= 0.5].tolist()
            known = [int(row) for row in random.permutation(rows)]
            number = len(known) // 2 if one.feature < 0 else 0
            if known[number:]:
                asked.append((one, known[:number], known[number:]))
        if not asked:
            return None
        parts = (asked[start : start + PART] for start in range(0, len(asked), PART))
        return cls(tuple(_batch(part, size) for part in parts))

    def recall(self, model: CnnRnn, features: Tensor) -> float:
        """Mean share of the right tags among the first ten; leaves the model in its mode."""
        training = model.training
        model.eval()
        total, number = 0.0, 0
        with torch.inference_mode():
            for stored in self.batches:
                batch = stored.to(features.device)
                scores = forward(model, batch, features)[:, :-1].clone()
                rows, places = (batch.prefix >= 0).nonzero(as_tuple=True)
                scores[rows, batch.prefix[rows, places]] = float("-inf")
                best = scores.topk(min(PLACES, scores.shape[1]), dim=1).indices
                right = batch.targets.gather(1, best).sum(1)
                total += float((right / batch.targets.sum(1)).sum())
                number += len(right)
        model.train(training)
        return total / number


def _batch(asked: Sequence[tuple[Example, list[int], list[int]]], size: int) -> Batch:
    targets = torch.zeros(len(asked), size + 1)
    for place, (_, _, rest) in enumerate(asked):
        targets[place, rest] = 1.0
    return Batch(
        features=torch.tensor([one.feature for one, _, _ in asked]),
        sources=torch.tensor([one.source for one, _, _ in asked]),
        prefix=padded([prefix for _, prefix, _ in asked]),
        lengths=torch.tensor([len(prefix) for _, prefix, _ in asked]),
        targets=targets,
        rejected=padded([[] for _ in asked]),
    )
