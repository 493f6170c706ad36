"""Memory of the process as the C library keeps it."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys

import pytest
from page_fixtures import ROOT

THREADS = """
import ctypes, threading
from engine.memory import share_arenas
{first}
together = threading.Barrier(12)
def work():
    kept = bytearray(100_000)
    together.wait()
threads = [threading.Thread(target=work) for _ in range(12)]
for thread in threads: thread.start()
for thread in threads: thread.join()
ctypes.CDLL(None).malloc_stats()
"""


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_stats"), reason="not glibc")
def test_threads_share_two_pools_of_memory() -> None:
    def arenas(first: str, **given: str) -> int:
        code = THREADS.format(first=first)
        run = subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], **given},
            check=True,
            capture_output=True,
            text=True,
        )
        return run.stderr.count("Arena ")

    assert arenas("share_arenas()") == 2
    assert arenas("") > 2  # as it is without
    assert arenas("share_arenas()", MALLOC_ARENA_MAX="1") == 1
