"""A start while something that it needs takes the connection and says nothing."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpx
import pytest
from bot_fixtures import BotProcess, eventually
from page_fixtures import ROOT, free_port

DATABASE = pytest.param(
    lambda silent: {"DATABASE_URL": f"postgresql://me@{silent}/tagalong"},
    ["database", "engine"],
    "the database does not answer",
    marks=pytest.mark.skipif(find_spec("asyncpg") is None, reason="asyncpg is not installed"),
    id="database",
)
HEAD = pytest.param(
    lambda silent: {"ENGINE": "ray", "RAY_ADDRESS": silent},
    ["engine"],
    "has not answered for 20 s",
    id="head",
)


@pytest.fixture
def silent() -> Iterator[str]:
    """Where somebody listens who never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"127.0.0.1:{listener.getsockname()[1]}"


@pytest.mark.parametrize(("needs", "missing", "complaint"), [DATABASE, HEAD])
async def test_a_start_that_waits_in_vain_can_be_watched_and_stopped_or_ends_with_a_line(
    silent: str, tmp_path: Path, needs: Any, missing: list[str], complaint: str
) -> None:
    health = f"127.0.0.1:{free_port()}"
    bots = []
    for name in ("stopped", "patient"):
        own = {"METRICS_LISTEN": health} if name == "stopped" else {}
        home = tmp_path / name
        home.mkdir()
        settings = {"DATA_DIR": str(home / "data"), "PLAYGROUND_PORT": "0"}
        bots.append(BotProcess(home, settings | own | needs(silent)))
    stopped, patient = bots
    await asyncio.gather(*(bot.launch() for bot in bots))

    async with httpx.AsyncClient(base_url=f"http://{health}", verify=False) as watcher:

        async def asked(page: str) -> httpx.Response | None:
            try:
                return await watcher.get(page)
            except httpx.TransportError:
                return None

        async def waits() -> bool:
            answer = await asked("/readyz")
            return answer is not None and answer.json().get("failed") == missing

        await eventually(waits, "the wait for what is missing")
        alive, numbers = await asked("/healthz"), await asked("/metrics")
        assert alive is not None and alive.status_code == 200
        assert numbers is not None and "tagalong_inbox_depth" in numbers.text
    assert await stopped.ends(signal.SIGTERM) == 0
    assert stopped.log == ""

    assert await patient.ends() == 1
    (line,) = patient.log.splitlines()
    assert line.startswith("Tagalong cannot start: ")
    assert complaint in line


async def test_ctrl_c_while_everything_is_imported_ends_it_without_a_word(tmp_path: Path) -> None:
    starting = await asyncio.create_subprocess_exec(
        *(sys.executable, "-X", "importtime", "-m", "bot"),
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PLAYGROUND_PORT": "0"},
        stderr=asyncio.subprocess.PIPE,
    )
    assert starting.stderr is not None
    while not (line := await starting.stderr.readline()).rstrip().endswith(b" bot.texts"):
        assert line, "it ended by itself"
    starting.send_signal(signal.SIGINT)
    rest = await starting.stderr.read()
    assert await starting.wait() == -signal.SIGINT
    assert b"Traceback" not in rest


async def test_a_setting_that_does_nothing_is_told(tmp_path: Path) -> None:
    settings = {"DATA_DIR": str(tmp_path / "data"), "PLAYGROUND_PORT": "0"}
    bot = BotProcess(tmp_path, settings | {"RAY_ADDRESS": "head:6379"})
    await bot.launch()
    await bot.says("RAY_ADDRESS is not used: ENGINE=ray is not set")
    assert await bot.ends(signal.SIGTERM) == 0
