"""In which number format the large products of a step run, by device.

Asked by `engine.train.loop`; everything else of a step stays in float32.
"""

from __future__ import annotations

import torch

PRECISIONS = ("auto", "float32", "bfloat16", "float16")


def half_precision(name: str, device: torch.device) -> torch.dtype | None:
    """The half-precision type of a step, None for float32.

    Args:
        name: One of `PRECISIONS`. ``auto`` is bfloat16 where the device computes in it:
            a processor without it is a hundred times as slow; on older GPUs it is float16.
    """
    if name == "float32":
        return None
    if name == "bfloat16":
        return torch.bfloat16
    if name == "float16":
        return torch.float16
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported(False) else torch.float16
    able = torch.cpu.get_capabilities()
    return torch.bfloat16 if able.get("avx512_bf16") or able.get("amx_bf16") else None
