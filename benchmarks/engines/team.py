"""The processes of the rivals: started together, asked in turn."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.engines.load import Answers
from benchmarks.processes import Died, free_port, kill, processor_seconds, running

_START_S = 180
LITSERVE = {"litserve": ("torch", 8, 1), "litserve-openvino": ("openvino", 1, 2)}
"""Runtime, batch and worker processes: what each does best with on two cores."""


class Rival:
    """A rival in a process of its own."""

    def __init__(self, process: subprocess.Popen[str], log: Path, *servers: int) -> None:
        self._process = process
        self._log = log
        self._all = (process.pid, *servers)

    def ask(self, do: str, **order: Any) -> dict[str, Any]:
        """Give an order and wait for what came of it.

        Raises:
            Died: the process ended.
        """
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": do, **order}) + "\n")
        self._process.stdin.flush()
        return self.answer()

    def load(self, do: str, **order: Any) -> Answers:
        """`ask`, for what is answered with times."""
        before = self._processor()
        answers = Answers(**self.ask(do, **order))
        each = (self._processor() - before) / max(1, answers.done)
        return replace(answers, processor=each)

    def _processor(self) -> float:
        return sum(map(processor_seconds, self._all))

    def answer(self) -> dict[str, Any]:
        """Wait for the next line."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise Died(self._log.read_text(errors="replace")[-2000:])
        answer: dict[str, Any] = json.loads(line)
        return answer


@contextmanager
def team(names: list[str], home: Path) -> Iterator[dict[str, Rival]]:
    """Start rivals, and stop them at the end."""
    with ExitStack() as stack:
        yield {name: stack.enter_context(_rival(name, home)) for name in names}


@contextmanager
def _rival(name: str, home: Path) -> Iterator[Rival]:
    with ExitStack() as stack:
        who, servers = name, []
        if name in LITSERVE:
            port = free_port()
            arguments = ["-m", "benchmarks.engines.serving", str(port), *map(str, LITSERVE[name])]
            server = stack.enter_context(running(arguments, home / name))
            stack.callback(kill, server.process.pid)
            servers.append(server.process.pid)
            _wait(port)
            who = f"http:{port}"
        home.mkdir(parents=True, exist_ok=True)
        log = home / f"{name}.log"
        process = stack.enter_context(
            subprocess.Popen(
                [sys.executable, "-m", "benchmarks.engines.child", who],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stack.enter_context(log.open("wb")),
                env=os.environ | {"CUDA_VISIBLE_DEVICES": ""},
                text=True,
            )
        )
        stack.callback(process.kill)
        rival = Rival(process, log, *servers)
        rival.answer()  # it is ready
        yield rival


def _wait(port: int) -> None:
    """Wait until LitServe listens and its model is loaded.

    Raises:
        Died: it does not come.
    """
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline:
        try:
            with socket.create_connection(("127.0.0.1", port), 5) as s:
                s.sendall(b"GET /health HTTP/1.0\r\n\r\n")
                if b" 200 " in s.recv(100):
                    return
        except OSError:
            pass
        time.sleep(0.5)
    raise Died("LitServe does not answer")
