"""Ctrl-C in a training: the first one waits for the end of the step, so that a whole state is
written; the second one ends everything at once.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType


@dataclass
class Interruption:
    """Whether somebody wants an end."""

    asked: bool = False


@contextmanager
def interruption(heeded: bool = True) -> Iterator[Interruption]:
    """Take SIGINT for the time of the block, where it runs in the main thread.

    Args:
        heeded: False where nobody looks: then SIGINT stays what it was.
    """
    found = Interruption()
    if not heeded or threading.current_thread() is not threading.main_thread():
        yield found
        return
    before = signal.getsignal(signal.SIGINT)

    def note(number: int, frame: FrameType | None) -> None:
        found.asked = True
        signal.signal(signal.SIGINT, before)

    signal.signal(signal.SIGINT, note)
    try:
        yield found
    finally:
        signal.signal(signal.SIGINT, before)
