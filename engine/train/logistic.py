"""Penalised logistic regressions on features, cross-fitted: the mathematics of the probes.

Each kind of answer has its own loss: one of several things or none (``things``), yes or no for
each (``objects``), or some of many words (``words``). `engine.train.probes` says what is asked.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

RIDGE = {"things": 1e-2, "objects": 3e-3, "words": 7e-3}
"""Penalty on squared weights of standardised features, beside the mean loss of a photo."""

_ROUNDS = 25


@dataclass(frozen=True)
class Answers:
    """Log odds that a regression gives, as a function of raw features.

    Attributes:
        weight: (C, F).
        bias: (C,).
        crossed: (N, C) for every photo, by regressions that have not seen it.
        sure: How much was to be multiplied: the penalty leaves odds too modest.
    """

    weight: NDArray[np.float32]
    bias: NDArray[np.float32]
    crossed: NDArray[np.float16]
    sure: float


@dataclass(frozen=True)
class Scale:
    """Mean and inverse deviation of each feature: (F,), (F,)."""

    mean: NDArray[np.float32]
    inverse: NDArray[np.float32]

    @classmethod
    def of(cls, features: NDArray[np.float16]) -> Scale:
        """Of all photos: (N, F)."""
        return cls(
            features.mean(0, dtype=np.float64).astype(np.float32),
            (1 / (features.std(0, dtype=np.float64) + 1e-3)).astype(np.float32),
        )

    def standard(self, features: NDArray[np.float16]) -> Tensor:
        """Zero mean and unit variance: (B, F) → (B, F)."""
        return torch.from_numpy((features.astype(np.float32) - self.mean) * self.inverse)


def cross_fit(
    features: NDArray[np.float16],
    scale: Scale,
    rows: NDArray[np.int64],
    truth: NDArray[np.float32],
    kind: str,
    fold: NDArray[np.int64],
) -> Answers:
    """Fit on all rows, and on all but each fold for the photos of that fold.

    Args:
        features: (N, F).
        rows: (R,) photos that are asked about.
        truth: (R, C) for ``objects``; with ``things`` a last column stands for nothing and rows
            sum to one; with ``words`` rows sum to one.
        fold: (N,).
    """
    inputs, target = scale.standard(features[rows]), torch.from_numpy(truth)
    weight, bias = _fit(inputs, target, kind)
    odds = _everywhere(features, scale, weight, bias)
    part = fold[rows]
    for number in np.unique(part):
        apart = torch.from_numpy(part == number)
        fitted = _fit(inputs[~apart], target[~apart], kind)
        odds[rows[part == number]] = functional.linear(inputs[apart], *fitted).numpy()
    sure = _sureness(torch.from_numpy(odds[rows]).float(), target, kind)
    raw = (sure * weight).numpy() * scale.inverse
    shift = (sure * bias).numpy() - raw @ scale.mean
    return Answers(raw.astype(np.float32), shift.astype(np.float32), odds * sure, sure)


def _usual(truth: Tensor) -> Tensor:
    """Log share of each word: (R, C) → (C,)."""
    counts = truth.sum(0) + 1e-3
    return torch.log(counts / counts.sum())


def _fit(inputs: Tensor, truth: Tensor, kind: str) -> tuple[Tensor, Tensor]:
    """(R, F), (R, C) → log odds (C, F), (C,) against nothing, or for words against the usual."""
    weight = torch.zeros(truth.shape[1], inputs.shape[1], requires_grad=True)
    start = _usual(truth) if kind == "words" else torch.zeros(truth.shape[1])
    bias = start.clone().requires_grad_()
    optimiser = torch.optim.LBFGS([weight, bias], max_iter=_ROUNDS, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimiser.zero_grad()
        scores = functional.linear(inputs, weight, bias)
        value = _loss(scores, truth, kind) + RIDGE[kind] * weight.pow(2).sum()
        value.backward()  # type: ignore[no-untyped-call]
        return value

    optimiser.step(loss)  # type: ignore[no-untyped-call]
    weight, bias = weight.detach(), bias.detach()
    if kind == "things":
        return weight[:-1] - weight[-1], bias[:-1] - bias[-1]
    return weight, bias - start


def _loss(scores: Tensor, truth: Tensor, kind: str) -> Tensor:
    if kind == "objects":
        each = functional.binary_cross_entropy_with_logits(scores, truth, reduction="none")
        return each.mean(0).sum()
    return functional.cross_entropy(scores, truth)


def _sureness(odds: Tensor, truth: Tensor, kind: str) -> float:
    """The factor that makes cross-fitted log odds fit best."""
    found: list[tuple[float, float]] = []
    for factor in np.geomspace(0.5, 4.0, 25).tolist():
        scores = factor * odds
        if kind == "things":
            scores = functional.pad(scores, (0, 1))  # nothing has log odds 0
        elif kind == "words":
            scores = scores + _usual(truth)
        found.append((float(_loss(scores, truth, kind)), factor))
    return min(found)[1]


def _everywhere(
    features: NDArray[np.float16], scale: Scale, weight: Tensor, bias: Tensor
) -> NDArray[np.float16]:
    """Log odds for all photos: (N, C)."""
    found = np.empty((len(features), len(bias)), dtype=np.float16)
    for start in range(0, len(features), 8192):
        part = scale.standard(features[start : start + 8192])
        found[start : start + 8192] = functional.linear(part, weight, bias).numpy()
    return found
