"""Learns `engine.neighbours.Neighbours`: from the training photos alone, each asked as if unseen.

The ridge regression and the vote leave each photo out in closed form; the CNN-RNN's word on a
photo comes from a rehearsal that was trained without it (`engine.train.rehearsal`). On those the
weights are fitted, and the worth of each word for precision and recall over words.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.neighbours import LEAST_CHANCE, LEAST_VOTE, Neighbours, Weights, kernel, placed, rooted
from engine.train.rehearsal import Rehearsal

Table = NDArray[np.float64]

WIDTH = 4.0
PENALTY = 0.1
"""Of the ridge regression, with a kernel that is one at no distance."""

SHARPNESS = (6.0, 10.0, 14.0, 20.0, 28.0)
"""Of the vote, from many neighbours to few: the likeliest is taken."""

AXES = 256
WORDS = 5
"""Words a photo that the worth of a word is reckoned for."""

SHARE = 0.08
"""Photos that are measured together, as a share of those that were learned from."""

TAPS = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0)


def learn_neighbours(features: Tensor, labels: Tensor, rehearsal: Rehearsal) -> Neighbours:
    """Learn from photos and their words.

    Args:
        features: (N, F).
        labels: (N, V), 0 or 1.
        rehearsal: Of the same photos.
    """
    roots = rooted(features)
    centre = roots.mean(0)
    axes = _axes(roots - centre)
    places = placed(roots, centre, axes)
    share = labels.mean(0)
    dual, regressed = _ridge(roots, labels, share)
    sharpness, votes = _vote(places, labels)
    witnesses = torch.stack(
        [
            regressed,
            (votes + LEAST_VOTE).log(),
            rehearsal.before.clamp(min=LEAST_CHANCE),
        ]
    )  # (3, N, V)
    bias, (ridge, vote, model) = _logistic(witnesses, labels)
    sums = bias + torch.tensordot(torch.tensor([ridge, vote, model]), witnesses, 1)
    worth, cost = _worth(sums.sigmoid().double().numpy(), labels.double().numpy())
    found = Neighbours(
        features=features,
        labels=labels,
        dual=dual,
        share=share,
        centre=centre,
        axes=axes,
        worth=torch.from_numpy(worth).float(),
        cost=torch.from_numpy(cost).float(),
        weights=Weights(WIDTH, sharpness, bias, ridge, vote, model, 0.0),
    )
    taps = max(TAPS, key=lambda weight: _recall(weight, sums, labels, rehearsal))
    return replace(found, weights=replace(found.weights, taps=taps))


def _axes(centred: Tensor) -> Tensor:
    """Directions of the most variance, each shrunk by the fourth root of its variance."""
    values, vectors = torch.linalg.eigh(centred.T @ centred / len(centred))
    amount = min(AXES, len(centred) // 4 + 1, len(values))
    axes: Tensor = vectors[:, -amount:] / values[-amount:].clamp(min=1e-9) ** 0.25
    return axes


def _ridge(roots: Tensor, labels: Tensor, share: Tensor) -> tuple[Tensor, Tensor]:
    """Coefficients, and what is said of each photo without it: both (N, V)."""
    gram = kernel(roots, roots, WIDTH)
    gram.diagonal().add_(PENALTY)
    inverse = torch.linalg.inv(gram)
    dual = inverse @ (labels - share)
    return dual, labels - dual / inverse.diagonal()[:, None]


def _vote(places: Tensor, labels: Tensor) -> tuple[float, Tensor]:
    """The sharpness under which the others' votes are likeliest to be right, and those votes."""
    best: tuple[float, float, Tensor] | None = None
    for sharpness in SHARPNESS:
        near = kernel(places, places, sharpness)
        near.fill_diagonal_(0.0)
        votes = near @ labels / near.sum(1, keepdim=True).clamp(min=1e-30)
        likely = float(((votes + LEAST_VOTE).log() * labels).sum())
        if best is None or likely > best[0]:
            best = likely, sharpness, votes
    assert best is not None
    return best[1], best[2]


def _logistic(witnesses: Tensor, labels: Tensor) -> tuple[float, list[float]]:
    """Logistic regression of all words of all photos on what is said of them, by Newton steps.

    Args:
        witnesses: (M, N, V).

    Returns:
        The constant, and M weights.
    """
    flat = witnesses.flatten(1)  # (M, N · V)
    mean, deviation = flat.mean(1, keepdim=True), flat.std(1, keepdim=True) + 1e-6
    rows = torch.cat([torch.ones(1, flat.shape[1]), (flat - mean) / deviation])
    right = labels.flatten()
    weights = torch.zeros(len(rows))
    weights[0] = torch.logit(right.mean().clamp(1e-6, 0.5))
    penalty = torch.full((len(rows),), 1.0)
    penalty[0] = 0.0
    for _ in range(25):
        chance = torch.sigmoid(weights @ rows)
        slope = rows @ (right - chance) - penalty * weights
        bend = (rows * (chance * (1 - chance))) @ rows.T + penalty.diag()
        bend.diagonal().add_(1e-3)
        step = torch.linalg.solve(bend, slope).clamp(-1, 1)
        weights += step
        if float(step.abs().max()) < 1e-4:
            break
    slopes = weights[1:] / deviation[:, 0]
    return float(weights[0] - slopes @ mean[:, 0]), slopes.tolist()


def _worth(chances: Table, labels: Table, rounds: int = 25) -> tuple[Table, Table]:
    """What a right word adds to the F1 over words and a wrong one takes, at the best pages.

    F1 is made of the means of precision and recall over the words that occur in what is
    measured. Around given pages a word's gain is linear in its chance; pages and gains are found
    in turns, until they agree.

    Args:
        chances: (N, V) of each word, from witnesses that had not seen the photo.
        labels: (N, V).

    Returns:
        (V,) the gain by the chance, and the loss.
    """
    words = min(WORDS, labels.shape[1])
    owned = SHARE * labels.sum(0)
    many = 1 + np.maximum(owned - SHARE, 0)
    occurs = 1 - (1 - SHARE) ** labels.sum(0)
    worth, cost = 1 / many, np.zeros(labels.shape[1])
    for _ in range(rounds):
        values = worth * chances - cost
        best = np.argpartition(-values, words - 1, axis=1)[:, :words]
        pages = np.zeros_like(chances)
        np.put_along_axis(pages, best, 1.0, axis=1)
        shown, hits = SHARE * pages.sum(0), SHARE * (pages * chances).sum(0)
        precision = hits / (shown + 0.5)
        recall = np.minimum(hits / np.maximum(owned, 1e-9), 1.0)
        means = [float((occurs * one).sum() / occurs.sum()) for one in (precision, recall)]
        # The gradient of 2PR / (P + R) is in proportion to R² for P and to P² for R.
        part = means[0] ** 2 / (means[0] ** 2 + means[1] ** 2 + 1e-12)
        room = 1 + np.maximum(shown - SHARE, 0)
        gain = part / many + (1 - part) * (1 - precision + precision * occurs) / room
        loss = (1 - part) * precision * occurs / room
        worth, cost = 0.6 * worth + 0.4 * gain, 0.6 * cost + 0.4 * loss
    return worth, cost


def _recall(taps: float, sums: Tensor, labels: Tensor, rehearsal: Rehearsal) -> float:
    """Share of the words left that stand on a page after true ones were tapped."""
    total = 0.0
    for asked in rehearsal.asked:
        before = rehearsal.before[asked.photos].clamp(min=LEAST_CHANCE)
        moved = sums[asked.photos] + taps * (asked.after.clamp(min=LEAST_CHANCE) - before)
        moved.scatter_(1, asked.prefix, float("-inf"))
        left = labels[asked.photos].scatter(1, asked.prefix, 0.0)
        best = moved.topk(min(WORDS, moved.shape[1]), dim=1).indices
        total += float((left.gather(1, best).sum(1) / left.sum(1)).sum())
    return total
