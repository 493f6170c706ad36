"""Giving memory back to the system after something large."""

from __future__ import annotations

import ctypes


def release_freed() -> None:
    """Return to the system what was freed but is still held for reuse.

    After a picture of many megapixels glibc keeps hundreds of megabytes for a next one that
    may never come. A C library without `malloc_trim` has other habits, and nothing is done.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
