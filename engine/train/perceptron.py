"""One perceptron over the features, held back well: what `engine.train.naming` fits several of.

Everything that is known about photos is a lesson for the same hidden layer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from engine.train.writers import Writers

STEPS = 3000
_HIDDEN, _BATCH, _ASIDE, _EMPTY, _WRITTEN = 512, 256, 128, 64, 128  # of each
_RARE = 0.5  # a thing is drawn as often as the number of its photos to this power
_NOTHING = 0.15  # share of photos of nothing among them
_RATE, _DECAY, _SMOOTH, _MIX = 3e-3, 0.02, 0.1, 0.3
_DROP_FEATURES, _DROP_HIDDEN = 0.2, 0.5
_YES_OR_NO, _NONE, _SAID = 2.0, 0.5, 0.5  # weights of these losses


@dataclass(frozen=True)
class Lesson:
    """Rows of photos (R,) and what is true of them: (R,) classes, or (R, C) yes or no."""

    rows: NDArray[np.int64]
    truth: Tensor


@dataclass(frozen=True)
class Lessons:
    """All that a perceptron learns (None: nothing of that kind); its logits in this order.

    Attributes:
        empty: Rows of photos that show none of the objects.
    """

    things: Lesson | None = None
    objects: Lesson | None = None
    aside: Lesson | None = None
    empty: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    writers: tuple[Writers, ...] = ()

    @cached_property
    def classes(self) -> int:
        """Things and, last, nothing."""
        return 0 if self.things is None else int(self.things.truth.max()) + 1

    @cached_property
    def yes_or_no(self) -> list[tuple[Lesson, int, int]]:
        """Those that are there, with the place of their logits."""
        found, first = [], self.classes
        for lesson in (self.objects, self.aside):
            if lesson is not None:
                found.append((lesson, first, first + lesson.truth.shape[1]))
                first = found[-1][2]
        return found

    @cached_property
    def said(self) -> list[tuple[Writers, int, int]]:
        """All writers, with the place of their logits."""
        found = []
        first = max([self.classes, *(end for *_, end in self.yes_or_no)])
        for one in self.writers:
            found.append((one, first, first + len(one.tags)))
            first = found[-1][2]
        return found


def fit_perceptron(
    table: Tensor,
    lessons: Lessons,
    seed: int,
    steps: int = STEPS,
    report: Callable[[int, float], None] | None = None,
) -> nn.Sequential:
    """The net in eval mode: things, nothing, objects, what is learned aside, and words.

    Args:
        table: (N, F) standardised roots of the features.
        report: Told four times how many batches there have been, and the loss of the last.
    """
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    things, classes = lessons.things, lessons.classes
    outputs = max([classes, *(end for *_, end in (*lessons.yes_or_no, *lessons.said))])
    net = nn.Sequential(
        nn.Dropout(_DROP_FEATURES),
        nn.Linear(table.shape[1], _HIDDEN),
        nn.ReLU(),
        nn.Dropout(_DROP_HIDDEN),
        nn.Linear(_HIDDEN, outputs),
    )
    body, last = net[:-1], net[-1]
    assert isinstance(last, nn.Linear)
    with torch.no_grad():
        for one, first, end in lessons.said:
            last.bias[first:end] = one.usual

    def logits(photos: Tensor, first: int, end: int) -> Tensor:
        answer: Tensor = functional.linear(
            body(photos), last.weight[first:end], last.bias[first:end]
        )
        return answer

    def mixed(rows: NDArray[np.int64], truth: Tensor) -> tuple[Tensor, Tensor]:
        other, share = random.permutation(len(rows)), float(random.beta(_MIX, _MIX))
        photos = table[rows]
        photos = share * photos + (1 - share) * photos[other]
        return photos, share * truth + (1 - share) * truth[other]

    optimiser = torch.optim.AdamW(net.parameters(), lr=_RATE, weight_decay=_DECAY)
    rates = torch.optim.lr_scheduler.OneCycleLR(optimiser, _RATE, total_steps=steps)
    weights, missing = _drawing(things.truth.numpy()) if things else (None, 0.0)
    for step in range(1, steps + 1):
        loss = torch.zeros(())
        if things:
            drawn = random.choice(len(things.rows), size=_BATCH, p=weights)
            truth = functional.one_hot(things.truth[drawn], classes).float()
            photos, truth = mixed(things.rows[drawn], truth)
            truth = truth * (1 - _SMOOTH) + _SMOOTH / classes
            loss = functional.cross_entropy(logits(photos, 0, classes), truth)
        for lesson, first, end in lessons.yes_or_no:
            drawn = random.integers(len(lesson.rows), size=_ASIDE)
            loss = loss + _YES_OR_NO * functional.binary_cross_entropy_with_logits(
                logits(table[lesson.rows[drawn]], first, end), lesson.truth[drawn]
            )
        if len(lessons.empty):
            drawn = lessons.empty[random.integers(len(lessons.empty), size=_EMPTY)]
            _, first, end = lessons.yes_or_no[0]
            none = logits(table[drawn], first, end)
            loss = loss + _NONE * functional.softplus(none).mean()
        for one, first, end in lessons.said:
            drawn = random.integers(len(one.rows), size=_WRITTEN)
            photos, truth = mixed(one.rows[drawn], one.truth[drawn].float())
            loss = loss + _SAID * functional.cross_entropy(logits(photos, first, end), truth)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        rates.step()
        if report and step % max(1, steps // 4) == 0:
            report(step, float(loss.item()))
    if things:
        with torch.no_grad():
            last.bias[classes - 1] += missing
    return net.eval()


def _drawing(truth: NDArray[np.int64]) -> tuple[NDArray[np.float64], float]:
    """How likely each photo is drawn, (R,), and how far too small that makes nothing's logit."""
    number = np.bincount(truth).astype(np.float64)
    often: NDArray[np.float64] = number**_RARE
    drawn = _NOTHING / (1 - _NOTHING)
    often[-1] = often[:-1].sum() * drawn
    weights: NDArray[np.float64] = (often / number / often.sum())[truth]
    return weights, float(np.log(number[-1] / number[:-1].sum() / drawn))
