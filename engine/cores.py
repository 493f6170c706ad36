"""Running small tensors on one core, and large ones on all."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import torch

Item = TypeVar("Item")
Result = TypeVar("Result")


def on_one_core(work: Callable[[Item], Result], item: Item) -> Result:
    """Call ``work(item)`` without torch's other threads.

    Cores that share the few thousand multiplications of a tap save next to nothing, but they
    wait for each other after every tensor: on a busy machine until each has had its turn.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return work(item)
    finally:
        torch.set_num_threads(threads)
