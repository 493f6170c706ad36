"""What the photos that a head was trained on say about a new one, and how pages weigh words.

An extra of heads that were trained on one's own manifest: `engine.train.neighbours` learns it,
`engine.head` stores it, `engine.decoder` asks it for every page. A word's chance is a logistic
sum of three witnesses: a kernel ridge regression on the photo's features, the vote of the photos
that look alike, and the CNN-RNN with the tags chosen so far.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from functools import cached_property

import torch
from torch import Tensor
from torch.nn import functional

from engine.door import CheckpointError

LEAST_VOTE = 1e-4
"""Share of the votes from which a word counts: its logarithm is taken."""

LEAST_CHANCE = -12.0
"""Least log probability of the CNN-RNN that is told apart."""

TABLES = ("features", "labels", "dual", "share", "centre", "axes", "worth", "cost")


@dataclass(frozen=True)
class Weights:
    """The numbers of the logistic sum.

    Attributes:
        width: How fast the ridge's kernel falls with the distance.
        sharpness: The same of the vote.
        bias: Constant.
        ridge: Of the regression's value.
        vote: Of the log share of the votes.
        model: Of the CNN-RNN's log probability before any tag.
        taps: Of what the tags chosen since have changed in it.
    """

    width: float
    sharpness: float
    bias: float
    ridge: float
    vote: float
    model: float
    taps: float


@dataclass(frozen=True)
class Neighbours:
    """The memory of a head; N photos, V words.

    Attributes:
        features: (N, F) of the photos.
        labels: (N, V) 1 where a word is true of a photo.
        dual: (N, V) coefficients of the ridge regression.
        share: (V,) share of the photos that have the word.
        centre: (F,) mean of the rooted features.
        axes: (F, d) from there to the space in which photos vote.
        worth: (V,) what a right word adds to precision and recall over words, by its chance.
        cost: (V,) what a wrong one takes.
    """

    features: Tensor
    labels: Tensor
    dual: Tensor
    share: Tensor
    centre: Tensor
    axes: Tensor
    worth: Tensor
    cost: Tensor
    weights: Weights

    def tensors(self) -> dict[str, Tensor]:
        """Everything but the weights, to be written to disk."""
        return {name: getattr(self, name) for name in TABLES}

    def numbers(self) -> dict[str, float]:
        """The weights, to be written to disk."""
        return asdict(self.weights)

    @classmethod
    def read(
        cls, tensors: Mapping[str, Tensor], numbers: Mapping[str, float], size: int, words: int
    ) -> Neighbours:
        """Put together what was stored.

        Args:
            size: F of the head.
            words: V of the head.

        Raises:
            CheckpointError: something is missing, or does not fit the head.
        """
        if set(tensors) != set(TABLES) or set(numbers) != {one.name for one in fields(Weights)}:
            raise CheckpointError("the head's neighbours are incomplete")
        found = cls(**tensors, weights=Weights(**numbers))
        number, width = len(found.features), found.axes.shape[-1]
        shapes = [(number, size), (number, words), (number, words), (words,), (size,),
                  (size, width), (words,), (words,)]  # fmt: skip
        if [tuple(tensors[name].shape) for name in TABLES] != shapes:
            raise CheckpointError("the head's neighbours do not fit its vocabulary and features")
        return found

    @cached_property
    def _roots(self) -> Tensor:
        return rooted(self.features)

    @cached_property
    def _places(self) -> Tensor:
        return placed(self._roots, self.centre, self.axes)

    def regressed(self, features: Tensor) -> Tensor:
        """The ridge regression: (B, F) → (B, V), about 1 where a word is true."""
        near = kernel(rooted(features), self._roots, self.weights.width)  # (B, N)
        return near @ self.dual + self.share

    def votes(self, features: Tensor) -> Tensor:
        """Share of the votes of photos that look alike: (B, F) → (B, V)."""
        places = placed(rooted(features), self.centre, self.axes)
        near = kernel(places, self._places, self.weights.sharpness)  # (B, N)
        return near @ self.labels / near.sum(1, keepdim=True).clamp(min=1e-30)

    def chances(self, features: Tensor, before: Tensor, after: Tensor) -> Tensor:
        """Probability of each word.

        Args:
            features: (B, F).
            before: (B, V) the CNN-RNN's log probabilities before any tag was chosen.
            after: (B, V) the same after the tags chosen so far.
        """
        weights = self.weights
        logits = (
            weights.bias
            + weights.ridge * self.regressed(features)
            + weights.vote * (self.votes(features) + LEAST_VOTE).log()
            + weights.model * before.clamp(min=LEAST_CHANCE)
            + weights.taps * (after.clamp(min=LEAST_CHANCE) - before.clamp(min=LEAST_CHANCE))
        )
        return torch.sigmoid(logits)

    def values(self, chances: Tensor) -> Tensor:
        """What showing each word is worth, which decides its place on a page: (B, V).

        A right rare word adds more to the means over words than a right frequent one, and a
        wrong word costs most where it is right as a rule.
        """
        return self.worth * chances - self.cost


def rooted(features: Tensor) -> Tensor:
    """Roots of features, of length one: a few strong ones do not outshout the rest."""
    return functional.normalize(features.sign() * features.abs().sqrt(), dim=1)


def placed(roots: Tensor, centre: Tensor, axes: Tensor) -> Tensor:
    """Where rooted features lie in the space in which photos vote, of length one."""
    return functional.normalize((roots - centre) @ axes, dim=1)


def kernel(left: Tensor, right: Tensor, width: float) -> Tensor:
    """Gaussian likeness of rows of length one: (B, d), (N, d) → (B, N)."""
    near: Tensor = torch.exp(width * (left @ right.T - 1))
    return near
