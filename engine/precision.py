"""In which numbers the CNN computes, when photos are served.

It is nearly all of the work, and its features travel in half precision anyway. Suggestions are
ranked in float32 everywhere, and training and evaluation see photos in float32.
"""

from __future__ import annotations

import torch

from engine.encoder import SHIPPED, Encoder

AUTO, FLOAT32, FLOAT16, BFLOAT16 = PRECISIONS = ("auto", "float32", "float16", "bfloat16")
"""What can be asked for; ``auto`` takes the quickest whose first ten tags agree with float32's."""


def check_precision(precision: str) -> None:
    """Refuse what is none of `PRECISIONS`.

    Raises:
        ValueError: it is not.
    """
    if precision not in PRECISIONS:
        there = ", ".join(PRECISIONS)
        raise ValueError(f"no such precision: {precision!r} (there are: {there})")


def for_processor(precision: str) -> str:
    """What OpenVINO computes in: bfloat16 pays only with a processor's matrix unit (AMX)."""
    if precision != AUTO:
        return precision
    return BFLOAT16 if torch.cpu.get_capabilities().get("amx_bf16") else FLOAT32


def for_torch(precision: str, encoder: Encoder) -> str:
    """What PyTorch computes in: a GPU takes the half-precision numbers in which weights ship.

    Encoders of others keep float32: it is not known that their values fit into float16.
    """
    if precision != AUTO:
        return precision
    ours = encoder.card.name == SHIPPED
    return FLOAT16 if ours and encoder.device.type == "cuda" else FLOAT32
