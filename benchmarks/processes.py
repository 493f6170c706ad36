"""The processes that are measured: a bot, and the local Bot API in a process of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parent.parent
TOKEN = "123456:benchmark"
_STOP_S = 30
_START_S = 120
_OURS = ("TELEGRAM_", "DATABASE_", "DATA_DIR", "PLAYGROUND_", "ENGINE", "METRICS_", "LOG_LEVEL")


class Died(Exception):
    """A process ended, or did not answer in time; the text is what it said."""


@dataclass(frozen=True)
class Memory:
    """Bytes of a process and all below it.

    Attributes:
        resident: Sum of RSS: pages that processes share are counted for each.
        proportional: Sum of PSS: such pages are divided among them.
        peak: Sum of the highest RSS so far.
        processes: How many there are.
    """

    resident: int
    proportional: int
    peak: int
    processes: int


@dataclass(frozen=True)
class Child:
    """A running process with its log."""

    process: subprocess.Popen[bytes]
    log: Path

    def check(self) -> None:
        """See that it runs.

        Raises:
            Died: it does not.
        """
        if self.process.poll() is not None:
            raise Died(self.log.read_text(errors="replace")[-2000:])

    def memory(self) -> Memory:
        """What it and its children hold now, from ``/proc``."""
        family = list(_family(self.process.pid))
        return Memory(
            resident=sum(_bytes(pid, "smaps_rollup", "Rss") for pid in family),
            proportional=sum(_bytes(pid, "smaps_rollup", "Pss") for pid in family),
            peak=sum(_bytes(pid, "status", "VmHWM") for pid in family),
            processes=len(family),
        )


@contextmanager
def running(arguments: Sequence[str], home: Path, **settings: Any) -> Iterator[Child]:
    """Run Python, without a GPU, while the block runs; then stop it as a person would.

    Args:
        arguments: Of Python.
        home: Its working folder, made if need be: data and log.
        **settings: The bot's settings, as environment variables; none comes from outside.
    """
    home.mkdir(parents=True, exist_ok=True)
    environment = {k: v for k, v in os.environ.items() if not k.startswith(_OURS)}
    environment |= {"PYTHONPATH": str(ROOT), "DATA_DIR": str(home / "data")}
    environment |= {"CUDA_VISIBLE_DEVICES": ""}
    environment |= {name.upper(): str(value) for name, value in settings.items()}
    log = home / "log"
    with log.open("wb") as sink:
        process = subprocess.Popen(
            [sys.executable, *arguments], cwd=home, env=environment, stdout=sink, stderr=sink
        )
    try:
        yield Child(process, log)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def bot_api(home: Path) -> Iterator[str]:
    """The local Bot API alone; its address."""
    port = free_port()
    with running(["-m", "bot.playground", "--port", str(port)], home) as child:
        url = f"http://127.0.0.1:{port}"
        wait_for(url, child)
        yield url


def at(url: str) -> dict[str, str]:
    """Settings of a bot that talks to that Bot API."""
    return {
        "telegram_bot_token": TOKEN,
        "telegram_base_url": f"{url}/bot",
        "telegram_base_file_url": f"{url}/file/bot",
    }


def wait_for(url: str, child: Child) -> None:
    """Wait until a server answers.

    Raises:
        Died: it does not.
    """
    deadline = time.monotonic() + _START_S
    while True:
        child.check()
        try:
            httpx.get(f"{url}/playground/bot")
            return
        except httpx.TransportError:
            if time.monotonic() > deadline:
                raise Died(child.log.read_text(errors="replace")[-2000:]) from None
            time.sleep(0.05)


def kill(pid: int) -> None:
    """End a process and all below it at once: some leave their workers behind otherwise."""
    for each in list(_family(pid)):
        with suppress(ProcessLookupError):
            os.kill(each, signal.SIGKILL)


def processor_seconds(pid: int, *, alone: bool = False) -> float:
    """What a process and all below it have had of the processor so far; ``alone``: it alone."""
    ticks = 0
    for each in (pid,) if alone else _family(pid):
        user, system = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()[11:13]
        ticks += int(user) + int(system)
    return ticks / os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _family(pid: int) -> Iterator[int]:
    """A process and everything that it started."""
    yield pid
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            children = (task / "children").read_text().split()
        except OSError:  # the thread has ended meanwhile
            continue
        for child in children:
            yield from _family(int(child))


def _bytes(pid: int, file: str, name: str) -> int:
    for line in Path(f"/proc/{pid}/{file}").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return 1024 * int(line.split()[1])
    raise ValueError(f"no {name} in /proc/{pid}/{file}")
