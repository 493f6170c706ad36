"""Keeping the process's signals with whoever had them before Ray."""

from __future__ import annotations

import signal
import threading


def take_signals_back() -> None:
    """Let SIGINT and SIGTERM do again what Python was told that they do.

    Ray's native part puts a handler of its own in front of Python's, which writes a trace of the
    stack for a SIGTERM as for a crash.
    """
    if threading.current_thread() is not threading.main_thread():
        return  # only there can it be changed
    for number in (signal.SIGINT, signal.SIGTERM):
        handler = signal.getsignal(number)
        if handler is not None:
            signal.signal(number, handler)
