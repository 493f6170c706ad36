"""The paper's model out of ours: what Wang et al. (CVPR 2016) do not have is taken out.

Used by `engine.train.recipe` where `Recipe.plain` is set; `engine.train.options` has the rest of
the paper's recipe.
"""

from __future__ import annotations

import torch

from engine.model.cnn_rnn import CnnRnn


def make_plain(model: CnnRnn) -> None:
    """Leave embedding, LSTM and joint embedding alone: no biases, gates or item–item term.

    The LSTM reads the embedding itself, ``w = U_l e``: the two widths have to be the same.

    Raises:
        ValueError: they are not.
    """
    dims = model.dims
    if dims.joint != dims.reading:
        raise ValueError(
            f"the paper's LSTM reads the embedding as it is: {dims.joint} numbers, "
            f"not {dims.reading}"
        )
    constants = {
        "tag_bias": torch.zeros_like(model.tag_bias),
        "item_item": torch.zeros_like(model.item_item),
        "item_gate": torch.zeros_like(model.item_gate),
        "joint_gate": torch.ones_like(model.joint_gate),
        "reading.weight": torch.eye(dims.joint),
    }
    for name, parameter in model.named_parameters():
        if name in constants:
            parameter.requires_grad_(False)
            parameter.copy_(constants[name])
