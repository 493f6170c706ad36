"""A logit of the CNN-RNN taken apart: what each spot of the photo adds to it, and what the tags.

The ReLU of the joint embedding is linear once it is known which of its units are active, and
the photo's features are a mean over the spots of the feature map: so the split is exact.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from engine.model.cnn_rnn import CnnRnn


@dataclass(frozen=True)
class Terms:
    """The terms of a logit after each of B prefixes; float64.

    Attributes:
        spots: (B, P) what each spot of the photo adds.
        prefix: (B,) what the prefix adds inside the joint embedding.
        items: (B,) what it adds outside, through the item–item term.
        bias: (B,) the rest.
    """

    spots: Tensor
    prefix: Tensor
    items: Tensor
    bias: Tensor


@torch.inference_mode()
def split(
    model: CnnRnn, spots: Tensor, words: Tensor, items: Tensor, lengths: Tensor, choice: Tensor
) -> Terms:
    """Split ``s = a(k) · u_lᵀ h(U_o o + U_I I) + g(k) · item(prefix) + b``.

    With the active mask ``m`` of the ReLU, spot p of P adds ``a(k) · u_lᵀ m U_I f_p / P``.

    Args:
        model: In eval mode.
        spots: (P, F) feature map of the photo, float64; its mean is the photo's features.
        words: (B, T, E) what the LSTM reads, as `CnnRnn.read` takes it.
        items: (B, V + 1) the item–item terms.
        lengths: (B,) of the prefixes.
        choice: (V + 1,) 1 at the tag; other weights split a mean of several tags' logits.
    """
    image = model.project(spots.mean(0, keepdim=True).float())  # U_I I: (1, D)
    prefix = model.read(words, lengths)  # U_o o: (B, D)
    active = model.join(image, prefix) > 0  # m: (B, D)
    gate = lengths.clamp(max=model.dims.gates - 1)
    joint_gate = model.joint_gate[1, gate].double()  # a(k): (B,)
    item_gate = model.item_gate[1, gate].double()  # g(k): (B,)
    label = (choice @ model.tag_embedding).double()  # u_l: (D,)
    reading = joint_gate.unsqueeze(1) * active * label  # (B, D)
    direction = reading @ model.image_projection.weight.double()  # (B, F)
    each = model.standardise(spots.double()) / len(spots)  # (P, F)
    return Terms(
        spots=direction @ each.T,
        prefix=(reading * prefix).sum(1),
        items=item_gate * (items @ choice),
        bias=reading @ model.image_projection.bias.double() + (choice @ model.tag_bias).double(),
    )
