"""The life of the process: open storage, start engine, poll, drain, close."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from telegram import BotCommand
from telegram.error import Conflict, InvalidToken, NetworkError, RetryAfter, TelegramError

from bot import texts
from bot.asgi import answering, listen
from bot.chores import redraw, sweep
from bot.health import health_pages
from bot.outbox import asked_pause
from bot.playground import serve
from bot.settings import Settings, SettingsError, split_address
from bot.wire import Wire, build
from engine import Recommender, open_recommender
from storage import DriverMissing, Storage, UnsupportedUrl

_LOG = logging.getLogger(__name__)
_DRAIN_S = 4.0
_POLL_S = 30
_UPDATES = ("message", "edited_message", "callback_query")


async def run(settings: Settings) -> None:
    """Run the bot until SIGINT or SIGTERM.

    Raises:
        SettingsError: a folder cannot be made, an address not be listened on, a database not
            be spoken to, or Telegram refuses the token.
        StorageError: the database cannot be opened.
        EngineError: the checkpoint cannot be used.
        OtherVersionError: the chat page's folder holds state of another version.
    """
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with AsyncExitStack() as stack:
        storage = await _storage(settings)
        stack.push_async_callback(storage.close)
        base, page = await _telegram(settings, stack)
        recommender = await open_recommender(settings.engine)
        stack.push_async_callback(recommender.close)
        if settings.metrics_listen is not None:
            await stack.enter_async_context(_health(settings.metrics_listen, storage, recommender))
        wire = build(settings, base, storage, recommender)
        if await _unless(stop, _initialise(wire)):
            await stack.enter_async_context(_talking(wire, storage, stop))
            print(f"Tagalong is ready: open {page}" if page else "Tagalong is ready.", flush=True)
            await stop.wait()


async def _storage(settings: Settings) -> Storage:
    """The database, opened."""
    folder = settings.data_dir
    try:
        await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
        return await Storage.open(settings.database, synchronous=settings.database_synchronous)
    except OSError as error:
        raise SettingsError(
            f"DATA_DIR: the folder {folder} cannot be made ({error.strerror})"
        ) from error
    except (UnsupportedUrl, DriverMissing) as error:
        raise SettingsError(f"DATABASE_URL: {error}") from error


async def _telegram(settings: Settings, stack: AsyncExitStack) -> tuple[tuple[str, str], str]:
    """The addresses of the Bot API and its files, and the chat page's, which starts if needed."""
    if settings.telegram_bot_token is not None:
        return (settings.telegram_base_url, settings.telegram_base_file_url), ""
    host, port = settings.playground_host, settings.playground_port
    try:
        playground = await stack.enter_async_context(serve(host, port, settings.data_dir))
    except OSError as error:
        raise SettingsError(
            f"PLAYGROUND_HOST, PLAYGROUND_PORT: {host}:{port} cannot be listened on "
            f"({error.strerror}); set another one"
        ) from error
    return (f"{playground.url}/bot", f"{playground.url}/file/bot"), playground.url


@asynccontextmanager
async def _health(address: str, storage: Storage, recommender: Recommender) -> AsyncIterator[None]:
    """Answer `/healthz` and `/readyz` while the block runs."""

    async def engine() -> None:
        await recommender.suggest(None, (), k=1)

    host, port = split_address(address)
    try:
        listener = listen(host, port)
    except OSError as error:
        raise SettingsError(
            f"METRICS_LISTEN: {address} cannot be listened on ({error.strerror})"
        ) from error
    pages = health_pages({"database": storage.ping, "engine": engine})
    async with answering(pages, listener):
        yield


async def _unless(stop: asyncio.Event, work: Awaitable[object]) -> bool:
    """Wait for some work; False where the process was told to stop before its end."""
    working, stopping = asyncio.ensure_future(work), asyncio.ensure_future(stop.wait())
    await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not working.done():
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        return False
    working.result()
    return True


async def _initialise(wire: Wire) -> None:
    """Introduce the bot to Telegram, however long that takes to be reached."""
    await _persist("Telegram", wire.application.initialize)
    commands = [BotCommand(name, text) for name, text in texts.COMMANDS.items()]
    await _persist("Telegram", lambda: wire.bot.set_my_commands(commands))


async def _persist(name: str, call: Callable[[], Awaitable[Any]]) -> None:
    """Call until it works.

    Raises:
        SettingsError: the token is wrong.
    """
    pause = 0.5
    while True:
        try:
            await call()
            return
        except InvalidToken:
            raise SettingsError("TELEGRAM_BOT_TOKEN: Telegram does not know this token") from None
        except RetryAfter as error:
            pause = asked_pause(error)
        except NetworkError as error:
            _LOG.warning("%s cannot be reached (%s), trying again", name, type(error).__name__)
            pause = min(2 * pause, 15.0)
        await asyncio.sleep(pause)


@asynccontextmanager
async def _talking(wire: Wire, storage: Storage, stop: asyncio.Event) -> AsyncIterator[None]:
    """Poll while the block runs; at its end finish what is running, and keep the rest."""
    application = wire.application
    updater = application.updater
    assert updater is not None  # the builder makes one
    await application.start()
    chores: list[asyncio.Task[None]] = []
    try:
        waiting = await wire.inbox.replay(wire.bot)
        if waiting:
            _LOG.info("%d updates of an earlier run are handled now", waiting)
        polling = updater.start_polling(
            timeout=_POLL_S,
            bootstrap_retries=-1,
            allowed_updates=list(_UPDATES),
            error_callback=_Complaints(),
        )
        await _unless(stop, polling)
        chores.append(asyncio.create_task(sweep(storage)))
        chores.append(asyncio.create_task(redraw(wire.bot_id, storage, wire.panels, wire.lanes)))
        yield
    finally:
        for chore in chores:
            chore.cancel()
        await asyncio.gather(*chores, return_exceptions=True)
        if updater.running:
            await updater.stop()
        await wire.lanes.drain(_DRAIN_S)
        await application.stop()
        await wire.sender.drain(_DRAIN_S / 2)
        await wire.panels.close()
        await application.shutdown()


class _Complaints:
    """Says once what keeps polling from working, and not again until it is something else."""

    def __init__(self) -> None:
        self._last = ""

    def __call__(self, error: TelegramError) -> None:
        if isinstance(error, Conflict):
            text = "another process polls with this token: stop it, only one may"
        elif isinstance(error, InvalidToken):
            text = "Telegram does not know this token any more"
        else:
            text = f"updates cannot be fetched ({type(error).__name__}), trying again"
        if text != self._last:
            self._last = text
            _LOG.warning("%s", text)
