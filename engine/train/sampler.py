"""Draws batches of (photo, prefix, target): the posts and prefixes are drawn afresh every time.

Between `engine.train.targets` (examples) and `engine.train.loop` (steps).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.train.orders import asked, cut
from engine.train.targets import Example


@dataclass(frozen=True)
class Draw:
    """How examples become pairs of prefix and target.

    Attributes:
        longest: Tags of a prefix, at most.
        empty: Share of examples without a prefix.
        blind: Share of photos that are hidden, so that words alone work too.
        noise: Share of prefixes with a tag that does not belong there.
        post: Share of photos (with fitting posts) that get a post's tags as written ones.
        told: Share of photos about which nobody wrote anything that may get a prefix at all:
            what is seen says little about what a person wants to say next.
        alone: Share of photos with written tags that are asked for these alone, not for what is
            seen too; photos of one named thing never are.
        written: Weight of a written tag against a seen one.
        order: One of `engine.train.orders.ORDERS`.
        closed: END is asked for after the last tag of every photo, not of written ones alone.
    """

    longest: int = 6
    empty: float = 0.4
    blind: float = 0.12
    noise: float = 0.05
    post: float = 0.5
    told: float = 0.3
    alone: float = 0.5
    written: float = 0.6
    order: str = "set"
    closed: bool = False


@dataclass(frozen=True)
class Batch:
    """Tensors of one step; B examples.

    Attributes:
        features: (B,) rows in the feature table, −1 for none.
        sources: (B,).
        prefix: (B, T) rows, padded with −1.
        lengths: (B,).
        targets: (B, V + 1) summing to one, to less where all that is known is unsure.
        rejected: (B, R) rows that were shown and passed over, padded with −1.
    """

    features: Tensor
    sources: Tensor
    prefix: Tensor
    lengths: Tensor
    targets: Tensor
    rejected: Tensor

    def to(self, device: torch.device) -> Batch:
        """Bring all but the lengths, which the LSTM reads on the CPU, to a device."""
        return Batch(
            features=self.features.to(device),
            sources=self.sources.to(device),
            prefix=self.prefix.to(device),
            lengths=self.lengths,
            targets=self.targets.to(device),
            rejected=self.rejected.to(device),
        )


class Sampler:
    """Endless source of batches out of weighted examples."""

    def __init__(
        self,
        examples: Sequence[Example],
        weights: NDArray[np.float64],
        posts: Sequence[Sequence[int]],
        size: int,
        draw: Draw,
        seed: int,
        single: frozenset[int] = frozenset(),
    ) -> None:
        """Bind the examples.

        Args:
            size: V.
            single: Sources of photos of one named thing, which is asked for whatever is written.
        """
        self._examples = examples
        self._chance = weights / weights.sum()
        self._posts = posts
        self._size = size
        self._draw = draw
        self._single = single
        self._random = np.random.default_rng(seed)

    @property
    def state(self) -> dict[str, Any]:
        """Where the random numbers stand."""
        return dict(self._random.bit_generator.state)

    def batches(
        self, number: int, batch: int, done: int = 0, state: dict[str, Any] | None = None
    ) -> Iterator[Batch]:
        """Yield ``number`` batches, without the first ``done`` where a run goes on.

        Args:
            state: Of a sampler of the same seed after ``done`` batches.
        """
        chosen = self._random.choice(len(self._examples), number * batch, p=self._chance)
        if state is not None:
            self._random.bit_generator.state = state
        for start in range(done * batch, number * batch, batch):
            yield self._batch([self._examples[i] for i in chosen[start : start + batch]])

    def _batch(self, examples: Sequence[Example]) -> Batch:
        draw, random = self._draw, self._random
        targets = np.zeros((len(examples), self._size + 1), dtype=np.float32)
        prefixes: list[list[int]] = []
        features = np.empty(len(examples), dtype=np.int64)
        for place, example in enumerate(examples):
            weights, told = self._weights(example)
            known = np.array(list(weights), dtype=np.int64)
            amount = np.array(list(weights.values()))
            features[place] = example.feature
            written = len(example.written) > 0 or example.feature < 0
            length = 0
            told = told or draw.told == 1 or random.random() < draw.told
            if told and len(known) and random.random() > draw.empty:
                # Frequent-first, every step of the sequence is as likely, the first one too.
                least = 0 if draw.order == "frequency" else 1
                length = int(random.integers(least, min(draw.longest, len(known)) + 1))
            if example.feature < 0 and length == 0 and len(known) > 1:
                length = int(random.integers(0, min(draw.longest, len(known) - 1) + 1))
            chosen = cut(draw.order, known, amount, length, random)
            prefix = [int(known[i]) for i in chosen]
            rest = np.ones(len(known), dtype=bool)
            rest[chosen] = False
            if rest.any():
                rest = asked(draw.order, known, amount, rest, random)
                # Where all that is known is unsure, the example counts for less.
                whole = max(1.0 if draw.order == "set" else 0.0, amount[rest].sum())
                targets[place, known[rest]] = amount[rest] / whole
            elif written or draw.closed:
                targets[place, self._size] = 1.0
            if prefix and random.random() < draw.noise:
                prefix.insert(
                    int(random.integers(len(prefix) + 1)), int(random.integers(self._size))
                )
                if draw.order == "frequency":
                    prefix.sort()
            if prefix and random.random() < draw.blind:
                features[place] = -1
            prefixes.append(prefix)
        return Batch(
            features=torch.from_numpy(features),
            sources=torch.tensor([example.source for example in examples]),
            prefix=padded(prefixes),
            lengths=torch.tensor([len(prefix) for prefix in prefixes]),
            targets=torch.from_numpy(targets),
            rejected=padded([example.rejected.tolist() for example in examples]),
        )

    def _weights(self, example: Example) -> tuple[dict[int, float], bool]:
        """How much each tag is asked for, and whether somebody wrote any of them."""
        weights = dict(zip(example.seen[0].tolist(), example.seen[1].tolist(), strict=True))
        written: Sequence[int] = example.written.tolist()
        if len(example.posts) and self._random.random() < self._draw.post:
            written = self._posts[int(self._random.choice(example.posts))]
        open_ = self._draw.alone and example.source not in self._single
        if len(written) and open_ and self._random.random() < self._draw.alone:
            return dict.fromkeys(written, 1.0), True
        for row in written:
            weights[row] = max(weights.get(row, 0.0), self._draw.written)
        return weights, len(written) > 0


def padded(lists: Sequence[Sequence[int]]) -> Tensor:
    """Lists of rows as one table, −1 at the ends: (B, longest), one column at least."""
    longest = max([1, *(len(one) for one in lists)])
    table = np.full((len(lists), longest), -1, dtype=np.int64)
    for place, one in enumerate(lists):
        table[place, : len(one)] = one
    return torch.from_numpy(table)
