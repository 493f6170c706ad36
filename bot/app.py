"""The life of the process: open storage, start engine, take updates, drain, close."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from functools import partial

from telegram import BotCommand
from telegram.error import BadRequest

from bot import texts
from bot.calling import persist, unless
from bot.card import introduce
from bot.chores import redraw, sweep
from bot.health import Parts, watched
from bot.meters import Meters
from bot.playground import Playground, serve
from bot.polling import polling
from bot.settings import Settings, SettingsError, unused
from bot.webhook import receiving
from bot.wire import Wire, build
from engine import open_recommender
from storage import DriverMissing, Storage, UnsupportedUrl

_LOG = logging.getLogger(__name__)
_DRAIN_S = 4.0


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
    if (reason := unused(settings)) is not None:
        _LOG.warning("%s", reason)
    async with AsyncExitStack() as stack:
        meters, parts = Meters(), Parts()
        await stack.enter_async_context(watched(settings, parts, meters))
        prepared = await unless(stop, _prepare(settings, stack, parts, meters))
        if prepared is not None:
            wire, storage, page = prepared
            await stack.enter_async_context(_talking(wire, storage, settings, stop))
            where = f": open {page.url}" if page else "."
            print(f"Tagalong is ready{where}", flush=True)
            await stop.wait()


async def _prepare(
    settings: Settings, stack: AsyncExitStack, parts: Parts, meters: Meters
) -> tuple[Wire, Storage, Playground | None]:
    """All that has to be there before the bot talks; what is opened is closed with the stack."""
    storage = parts.storage = await _storage(settings)
    stack.push_async_callback(storage.close)
    base, page = await _telegram(settings, stack)
    belongings = page.belongings if page else None
    recommender = parts.recommender = await open_recommender(
        settings.engine,
        observer=meters,
        runtime=settings.engine_runtime,
        precision=settings.engine_precision,
        address=settings.ray_address,
    )
    stack.push_async_callback(recommender.close)
    wire = build(settings, base, storage, recommender, meters, belongings)
    await _initialise(wire)
    return wire, storage, page


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


async def _telegram(
    settings: Settings, stack: AsyncExitStack
) -> tuple[tuple[str, str], Playground | None]:
    """The addresses of the Bot API and its files, and the chat page, which starts if needed."""
    if settings.telegram_bot_token is not None:
        return (settings.telegram_base_url, settings.telegram_base_file_url), None
    host, port = settings.playground_host, settings.playground_port
    try:
        playground = await stack.enter_async_context(
            serve(
                host,
                port,
                settings.data_dir,
                file_days=settings.playground_file_days,
                days=settings.retention_days,
            )
        )
    except OSError as error:
        raise SettingsError(
            f"PLAYGROUND_HOST, PLAYGROUND_PORT: {host}:{port} cannot be listened on "
            f"({error.strerror}); set another one"
        ) from error
    return (f"{playground.url}/bot", f"{playground.url}/file/bot"), playground


async def _initialise(wire: Wire) -> None:
    """Introduce the bot to Telegram, however long that takes to be reached."""
    await persist(wire.application.initialize)
    for language in texts.LANGUAGES:
        commands = [
            BotCommand(name, texts.say(language, f"command-{name}")) for name in texts.COMMANDS
        ]
        # Who has another language sees the commands that are of none: the English ones.
        code = None if language == "en" else texts.code(language)
        try:
            await persist(partial(wire.bot.set_my_commands, commands, language_code=code))
        except BadRequest as error:  # the bot works without
            _LOG.warning("Telegram does not take the commands: %s", error.message)


@asynccontextmanager
async def _talking(
    wire: Wire, storage: Storage, settings: Settings, stop: asyncio.Event
) -> AsyncIterator[None]:
    """Talk while the block runs; at its end finish what is running, and keep the rest."""
    chores: list[asyncio.Task[None]] = []
    try:
        async with _updates(wire, storage, settings, stop):
            chores.append(asyncio.create_task(wire.turns.watch()))
            chores.append(asyncio.create_task(sweep(storage, settings.retention_days)))
            chores.append(
                asyncio.create_task(redraw(wire.bot_id, storage, wire.panels, wire.lanes))
            )
            chores.append(asyncio.create_task(introduce(wire.bot)))
            yield
    finally:
        for chore in chores:
            chore.cancel()
        await asyncio.gather(*chores, return_exceptions=True)
        wire.turns.stop()
        await wire.albums.close()
        await wire.lanes.drain(_DRAIN_S)
        await wire.sender.drain(_DRAIN_S / 2)
        await wire.panels.close()
        await wire.turns.close()
        await wire.application.shutdown()


def _updates(
    wire: Wire, storage: Storage, settings: Settings, stop: asyncio.Event
) -> AbstractAsyncContextManager[None]:
    """The way in for updates."""
    if settings.telegram_webhook_url is not None:
        return receiving(settings, wire.bot, wire.inbox, storage, stop)
    updater = wire.application.updater
    assert updater is not None  # the builder makes one
    return polling(updater, stop)
