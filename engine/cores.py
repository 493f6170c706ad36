"""How many cores there are, and running small tensors on one of them."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import torch

Item = TypeVar("Item")
Result = TypeVar("Result")

QUOTA = Path("/sys/fs/cgroup/cpu.max")


def granted(quota: Path = QUOTA) -> float:
    """Cores' worth of time that a container may take, whatever cores it sees; infinite without.

    More threads than that would use the time up early, and then all stand still together.
    """
    try:
        microseconds, period = quota.read_text().split()
        return max(1, round(int(microseconds) / int(period)))
    except (OSError, ValueError):  # no control groups, or "max"
        return math.inf


def learn_cores(_: object = None) -> None:
    """Let this thread of torch's learn how many cores there are.

    It does so when it first uses torch; while another thread is `on_one_core`, it would learn of
    one and use one ever after.
    """
    torch.get_num_threads()


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
