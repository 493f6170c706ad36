"""Ctrl-C in a training: the first one waits for the end of the step, so that a whole state is
written; the second one ends everything at once.
"""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType
from typing import Any, Self


class Interruption:
    """Takes SIGINT for the time of a ``with``, where it runs in the main thread.

    Attributes:
        asked: Whether somebody wants an end.
    """

    def __init__(self, heeded: bool = True) -> None:
        """Make one.

        Args:
            heeded: False where nobody looks: then SIGINT stays what it was.
        """
        self.asked = False
        self._heeded = heeded
        self._before: Any = None

    def __enter__(self) -> Self:
        if self._heeded and threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._give_back()

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.asked = True
        self._give_back()

    def _give_back(self) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)
            self._before = None
