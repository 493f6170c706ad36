"""Several processes that train one model together, as `torchrun` starts them.

Each draws batches of its own; DistributedDataParallel averages the gradients. The first process
leads: it alone measures, reports and writes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import distributed, nn

CPU = torch.device("cpu")


@dataclass(frozen=True)
class Team:
    """The processes of a training.

    Attributes:
        rank: Number of this process.
        size: How many there are.
        device: What this process computes on.
    """

    rank: int = 0
    size: int = 1
    device: torch.device = CPU

    @property
    def leads(self) -> bool:
        """Whether this process reports and writes."""
        return self.rank == 0

    def wrap(self, module: nn.Module) -> nn.Module:
        """Let the gradients of a module be averaged over the team."""
        if self.size == 1:
            return module
        # A batch without any prefix leaves the LSTM out: such parameters have to be looked for.
        return nn.parallel.DistributedDataParallel(module, find_unused_parameters=True)

    def gather(self, value: Any) -> list[Any]:
        """The value of every process, by rank."""
        if self.size == 1:
            return [value]
        values: list[Any] = [None] * self.size
        distributed.all_gather_object(values, value)
        return values

    def told(self, value: Any) -> Any:
        """The leader's value."""
        if self.size == 1:
            return value
        box = [value]
        distributed.broadcast_object_list(box, src=0)
        return box[0]


@contextmanager
def joined(device: str = "auto") -> Iterator[Team]:
    """Join the processes that `torchrun` announced, if it did, and leave them at the end.

    Args:
        device: ``cpu``, ``cuda``, or ``auto`` for CUDA when there is one.

    Raises:
        ValueError: CUDA is wanted and not there.
    """
    if device == "cuda" and not torch.cuda.is_available():
        raise ValueError("there is no CUDA device here")
    kind = "cpu" if device == "cpu" or not torch.cuda.is_available() else "cuda"
    size, rank = int(os.environ.get("WORLD_SIZE", "1")), int(os.environ.get("RANK", "0"))
    place = torch.device(kind, int(os.environ.get("LOCAL_RANK", "0"))) if kind == "cuda" else None
    if place is not None:
        torch.cuda.set_device(place)
    team = Team(rank, size, place or CPU)
    if size == 1:
        yield team
        return
    distributed.init_process_group("nccl" if kind == "cuda" else "gloo")
    try:
        yield team
    finally:
        distributed.destroy_process_group()
