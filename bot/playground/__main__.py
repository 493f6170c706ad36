"""``python -m bot.playground``: the local Bot API server and the chat page alone, for any bot."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from pathlib import Path

from bot.playground.serve import serve
from bot.playground.store import OtherVersionError


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bot.playground", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=8080, help="port; 0 takes any free one")
    parser.add_argument("--data-dir", type=Path, default=Path("data"), help="where state is kept")
    parser.add_argument(
        "--allow-host", action="append", default=[], metavar="NAME", help="host name to serve, too"
    )
    return parser.parse_args()


async def _run(arguments: argparse.Namespace) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with serve(
        arguments.host, arguments.port, arguments.data_dir, hosts=arguments.allow_host
    ) as playground:
        print(f"Chat page: {playground.url}", flush=True)
        print(f"Bot API:   {playground.url}/bot (files: {playground.url}/file/bot)", flush=True)
        await stop.wait()


def main() -> int:
    """Serve until interrupted.

    Returns:
        The exit status.
    """
    arguments = _arguments()
    try:
        asyncio.run(_run(arguments))
    except OtherVersionError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"Cannot listen on {arguments.host}:{arguments.port}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
