"""One step of training: from a batch to its loss, as a module that several processes can share.

The middle of `engine.train.loop`; the losses stand in `engine.train.losses`.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.model.cnn_rnn import CnnRnn
from engine.train.losses import (
    LOSSES,
    MASKED,
    Groups,
    Objective,
    exclusive_loss,
    inject,
    rejection_loss,
    simulate,
)
from engine.train.precision import half_precision
from engine.train.sampler import Batch


def forward(
    model: CnnRnn,
    batch: Batch,
    features: Tensor,
    precision: str = "auto",
    crossed: Tensor | None = None,
) -> Tensor:
    """Logits for a batch: (B, V + 1).

    The two large products run in half precision where the device is quick at it; the LSTM, the
    sums and the loss stay in float32.

    Args:
        features: (N, F) of all photos, on the batch's device.
        precision: One of `engine.train.precision.PRECISIONS`.
        crossed: (N, P) what probes that have not seen a photo say about it.
    """
    device = features.device
    half = half_precision(precision, device)
    seen = batch.features >= 0
    lengths = batch.lengths.to(device)
    known = batch.prefix.clamp(min=0)
    inputs = model.words()[known]  # (B, T, E)
    prefixes = model.read(inputs, batch.lengths)  # (B, D)
    flat = batch.prefix[batch.prefix >= 0]
    offsets = functional.pad(lengths.cumsum(0)[:-1], (1, 0))
    item = functional.embedding_bag(flat, model.item_item, offsets, mode="sum")
    with torch.autocast(device.type, half, enabled=half is not None):
        rows = batch.features.clamp(min=0)
        probed = crossed[rows].float() if crossed is not None else None
        photos = model.project(features[rows].float(), probed)  # (B, D)
        images = torch.where(seen.unsqueeze(1), photos.float(), model.no_image)
        joint = model.join(images, prefixes)
        return model.score(joint, item, seen, lengths).float()


class Step(nn.Module):
    """The loss of a batch.

    Attributes:
        model: What is trained.
    """

    def __init__(
        self,
        model: CnnRnn,
        objective: Objective,
        precision: str = "auto",
        similar: Tensor | None = None,
        groups: Sequence[Tensor] = (),
        crossed: Tensor | None = None,
    ) -> None:
        """Bind the model to what it is asked.

        Args:
            similar: (V + 1, V + 1) sparse, of `engine.train.clusters`; None injects nothing.
            groups: Rows of the tags that exclude each other.
            crossed: (N, P) what probes that have not seen a photo say about it.
        """
        super().__init__()
        self.model = model
        self._objective = objective
        self._precision = precision
        self._similar = similar
        self._groups = Groups.of(groups) if objective.exclusive and groups else None
        self._crossed = crossed

    def forward(self, batch: Batch, features: Tensor, unknown: Tensor) -> Tensor:
        """The loss.

        Args:
            unknown: (S, V + 1) log weight of each tag's absence for each source.
        """
        objective = self._objective
        logits = forward(self.model, batch, features, self._precision, self._crossed)
        quiet = mask_prefix(unknown[batch.sources], batch)
        targets = batch.targets
        rejected = passed_over(batch, quiet)
        if objective.rejected:  # what was passed over is known to be unwanted
            quiet = quiet.masked_fill(rejected, 0.0)
        if self._similar is not None:
            targets = inject(targets, quiet.masked_fill(rejected, MASKED), self._similar)
        loss = LOSSES[objective.loss](logits, targets, quiet)
        if self._groups is not None:
            told_apart = exclusive_loss(logits, batch.targets, self._groups)
            loss = loss + objective.exclusive * told_apart
        if objective.simulated:
            rejected = rejected | simulate(logits, batch.targets, quiet, objective.simulated)
        if objective.rejected and bool(rejected.any()):
            cost = rejection_loss(logits, rejected, quiet, objective.loss)
            loss = loss + objective.rejected * cost
        return loss


def mask_prefix(unknown: Tensor, batch: Batch) -> Tensor:
    """Take the tags of each prefix out of its partition function."""
    places = (batch.prefix >= 0).nonzero(as_tuple=True)
    return unknown.index_put((places[0], batch.prefix[places]), unknown.new_tensor(MASKED))


def passed_over(batch: Batch, quiet: Tensor) -> Tensor:
    """Tags that were shown and passed over, and neither chosen nor right: (B, V + 1) bool."""
    mask = torch.zeros_like(quiet, dtype=torch.bool)
    places = (batch.rejected >= 0).nonzero(as_tuple=True)
    mask[places[0], batch.rejected[places]] = True
    return mask & (batch.targets <= 0) & (quiet > MASKED)
