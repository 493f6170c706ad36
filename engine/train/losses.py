"""What a batch of logits is judged by: four losses that respect silence, and two terms on top.

Between `engine.train.sampler` (targets) and `engine.train.loop` (steps). A silence is not an
absence: every loss takes the log weight of each tag's absence and counts it for no more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

Loss = Callable[[Tensor, Tensor, Tensor], Tensor]
"""Logits, targets and log weights of absence, each (B, V + 1) → a number."""

MASKED = -30.0
"""Log weight that takes a tag out of a loss."""


@dataclass(frozen=True)
class Objective:
    """What the model is asked to do well.

    Attributes:
        loss: A key of `LOSSES`.
        similar: Most that a tag like a true one may count as true, 0–0.2; 0 is off.
        alike: Distance below which clusters of alike tags are joined, 0–1.
        rejected: Weight of a tag that was shown and passed over, in the loss.
        exclusive: Weight of telling apart what excludes each other (one dish, one sport, one
            place): among many right tags of a photo, its one name would be learned last.
        simulated: Share of the tags wrongly among the model's own first ten that count as
            passed over too.
    """

    loss: str = "softmax"
    similar: float = 0.0
    alike: float = 0.5
    rejected: float = 0.5
    exclusive: float = 0.0
    simulated: float = 0.0

    def __post_init__(self) -> None:
        if self.loss not in LOSSES:
            raise ValueError(f"there is no loss {self.loss!r}, only {', '.join(LOSSES)}")


def set_loss(logits: Tensor, targets: Tensor, unknown: Tensor) -> Tensor:
    """Cross-entropy with the set target, unknown tags counted for less.

    Args:
        logits: (B, V + 1).
        targets: (B, V + 1), a row sums to one or to zero (then it does not count).
        unknown: (B, V + 1) log weight of each tag in the partition function: 0 for a tag whose
            absence would have been said, below zero where a silence says little.
    """
    quiet = torch.where(targets > 0, torch.zeros_like(unknown), unknown)
    # A tag of the prefix is never asked for again: it leaves the partition function.
    losses = torch.logsumexp(logits + quiet, dim=1) * targets.sum(1) - (logits * targets).sum(1)
    return losses.sum() / targets.sum().clamp(min=1.0)


def _binary(positive: Callable[[Tensor], Tensor], negative: Callable[[Tensor], Tensor]) -> Loss:
    """A loss that asks yes or no of every tag.

    Args:
        positive: Logits → loss of a yes.
        negative: Logits → loss of a no.
    """

    def loss(logits: Tensor, targets: Tensor, unknown: Tensor) -> Tensor:
        most = targets.amax(1, keepdim=True)  # the surest tag of a row is a full yes
        yes = targets / most.clamp(min=1e-9)
        no = torch.where(targets > 0, 1 - yes, unknown.exp())
        losses = (yes * positive(logits) + no * negative(logits)).sum(1)
        counts = (most[:, 0] > 0).to(losses.dtype)
        return (losses * counts).sum() / counts.sum().clamp(min=1.0)

    return loss


def _asymmetric_negative(logits: Tensor) -> Tensor:
    """Of an absent tag, γ− = 4; probabilities below .05 cost nothing."""
    wrong = (logits.sigmoid() - 0.05).clamp(min=0.0)
    return -(wrong**4) * torch.log((1 - wrong).clamp(min=5e-8))


def _asymmetric_positive(logits: Tensor) -> Tensor:
    """Of a present tag, γ+ = 1."""
    right = logits.sigmoid()
    return -(1 - right) * torch.log(right.clamp(min=5e-8))


def _focal_positive(logits: Tensor) -> Tensor:
    return torch.sigmoid(-logits) ** 2 * functional.softplus(-logits)


def _focal_negative(logits: Tensor) -> Tensor:
    return torch.sigmoid(logits) ** 2 * functional.softplus(logits)


LOSSES: dict[str, Loss] = {
    "softmax": set_loss,
    "bce": _binary(lambda logits: functional.softplus(-logits), functional.softplus),
    "focal": _binary(_focal_positive, _focal_negative),  # Lin et al. 2017, γ = 2
    "asymmetric": _binary(_asymmetric_positive, _asymmetric_negative),  # Ridnik et al. 2021
}


def inject(targets: Tensor, unknown: Tensor, similar: Tensor) -> Tensor:
    """Let tags that are like a true one count a little: soft targets, never ground truth.

    Args:
        targets: (B, V + 1).
        unknown: (B, V + 1); masked tags (those of the prefix) get nothing.
        similar: (V + 1, V + 1) sparse, how much row's truth says about column's, ≤ 0.2.

    Returns:
        (B, V + 1) with the row sums of ``targets``; true tags keep the proportions that they
        had among themselves.
    """
    extra = torch.sparse.mm(similar.t(), targets.t()).t()
    # No tag gets more than its share of the strongest true one, however many are like it.
    extra = torch.minimum(extra, targets.amax(1, keepdim=True) * similar.values().max())
    extra = extra.masked_fill((targets > 0) | (unknown <= MASKED), 0.0)
    mixed = targets + extra
    scale = targets.sum(1, keepdim=True) / mixed.sum(1, keepdim=True).clamp(min=1e-9)
    return mixed * scale


def simulate(logits: Tensor, targets: Tensor, unknown: Tensor, share: float) -> Tensor:
    """Draw tags as if a person had passed them over on the model's own page: (B, V + 1) bool.

    Only tags whose absence is known are drawn, and only in rows that have a target.
    """
    absent = (targets <= 0) & (unknown == 0) & (targets.sum(1, keepdim=True) > 0)
    absent[:, -1] = False  # END stands on no page
    shown = logits.detach().masked_fill(unknown <= MASKED, float("-inf"))
    page = shown[:, :-1].topk(min(10, shown.shape[1] - 1), dim=1).indices  # (B, 10)
    drawn = torch.rand(page.shape, device=page.device) < share
    return torch.zeros_like(absent).scatter(1, page, drawn) & absent


@dataclass(frozen=True)
class Groups:
    """Tags that exclude each other, all groups one after the other.

    Attributes:
        rows: (R,) rows of the tags.
        group: (R,) number of the group that each place belongs to.
        number: G, how many groups.
    """

    rows: Tensor
    group: Tensor
    number: int

    @classmethod
    def of(cls, groups: Sequence[Tensor]) -> Groups:
        """Put the rows of each group together."""
        sizes = torch.tensor([len(rows) for rows in groups], device=groups[0].device)
        numbers = torch.arange(len(groups), device=groups[0].device)
        return cls(torch.cat(list(groups)), numbers.repeat_interleave(sizes), len(groups))

    def total(self, values: Tensor) -> Tensor:
        """Sums by group: (B, R) → (B, G)."""
        return values.new_zeros(len(values), self.number).index_add(1, self.group, values)

    def largest(self, values: Tensor) -> Tensor:
        """Maxima by group: (B, R) → (B, G)."""
        start = values.new_full((len(values), self.number), float("-inf"))
        return start.scatter_reduce(1, self.group.expand_as(values), values, "amax")


def exclusive_loss(logits: Tensor, targets: Tensor, groups: Groups) -> Tensor:
    """Cross-entropy within each exclusive group that holds a right tag, mean over the batch.

    An example counts as much as the group's surest tag is sure.

    Args:
        logits: (B, V + 1).
        targets: (B, V + 1).
    """
    scores, right = logits[:, groups.rows], targets[:, groups.rows]  # (B, R)
    best = groups.largest(scores.detach())  # (B, G)
    above = scores - best[:, groups.group]
    chances = above - groups.total(above.exp()).log()[:, groups.group]
    sure = groups.largest(right) / targets.amax(1, keepdim=True).clamp(min=1e-9)
    weights = sure / groups.total(right).clamp(min=1e-9)  # zero where nothing is right
    return -(weights[:, groups.group] * right * chances).sum() / len(logits)


def rejection_loss(logits: Tensor, rejected: Tensor, unknown: Tensor, loss: str) -> Tensor:
    """−log(1 − p) of the tags that were passed over, mean over the batch.

    Args:
        rejected: (B, V + 1) bool.
        loss: Decides what p is: a share of all tags under ``softmax``, else a yes of its own.
    """
    if loss == "softmax":
        chance = torch.softmax(logits + unknown, dim=1)
        costs = -torch.log1p(-chance.clamp(max=1 - 1e-6))
    else:
        costs = functional.softplus(logits)
    return (costs * rejected).sum() / len(logits)
