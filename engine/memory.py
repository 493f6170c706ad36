"""Holding no more memory than is needed, where the C library is glibc. Others have other habits,
and nothing is done.
"""

from __future__ import annotations

import ctypes
import os

_ARENA_MAX = -8  # of mallopt
_ARENAS = 2


def share_arenas() -> None:
    """Let threads share their pools of memory: to be called before there are threads.

    glibc gives nearly each thread one of its own, eight a core at most, and what was freed in one
    is of no use to the others. Who has set MALLOC_ARENA_MAX is obeyed.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None and "MALLOC_ARENA_MAX" not in os.environ:
        mallopt(_ARENA_MAX, _ARENAS)


def release_freed() -> None:
    """Return to the system what was freed but is still held for reuse.

    After a picture of many megapixels hundreds of megabytes are kept for a next one that may
    never come.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
