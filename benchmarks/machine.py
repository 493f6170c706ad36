"""Where the measurements were made: a figure without its machine says little."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

CORES = 2


@dataclass(frozen=True)
class Machine:
    """A machine, and how busy it was.

    Attributes:
        load: Mean number of processes that ran or waited in the minute before; of these the
            benchmark's own are about one, so much more than that means: measured beside others.
    """

    when: str
    processor: str
    cores: int
    python: str
    torch: str
    telegram: str
    load: float


def narrow() -> int:
    """Keep this process, and those that it starts, on two cores; how many there are then."""
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, cores[:CORES])
    return len(cores[:CORES])


def machine(cores: int) -> Machine:
    """This machine now."""
    return Machine(
        when=datetime.now(UTC).isoformat(timespec="minutes"),
        processor=_processor(),
        cores=cores,
        python=platform.python_version(),
        torch=version("torch"),
        telegram=version("python-telegram-bot"),
        load=load(),
    )


def load() -> float:
    """Mean number of processes that ran or waited in the last minute."""
    return round(os.getloadavg()[0], 2)


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
