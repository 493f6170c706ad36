"""Several processes on one PostgreSQL database: whose turn it is, and what a kill leaves."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from bot_fixtures import PATIENCE_S, eventually
from postgres_fixtures import Server, needs_postgres
from sqlalchemy.ext.asyncio import create_async_engine
from storage_fixtures import BOT, CHAT, opened, send_photo, start_program
from test_storage_files import OPEN_AT_A_SIGNAL

from storage import Storage, StorageUnavailable, UnsupportedUrl
from storage.address import async_url
from storage.schema import metadata

pytestmark = needs_postgres

CLAIMS_AND_HOLDS = """
import asyncio, sys
from storage import Storage

async def main(address, bot, chat):
    storage = await Storage.open(address)
    claims = storage.claims(bot, print)
    print(bool(await claims.claim(chat)), flush=True)
    await asyncio.sleep(600)

asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
"""


async def test_processes_that_open_an_empty_database_at_once_build_its_tables_once(
    database: str, tmp_path: Path
) -> None:
    signal = tmp_path / "go"
    programs = [
        await start_program(OPEN_AT_A_SIGNAL, database, str(signal), str(n)) for n in range(3)
    ]
    for program in programs:
        assert program.stdout is not None
        assert await program.stdout.readline() == b"ready\n"
    signal.touch()
    said = await asyncio.gather(*(program.communicate() for program in programs))
    assert [out for out, _ in said] == [b"done\n"] * 3
    async with opened(database) as storage:
        assert len(await storage.unfinished(1)) == 3

    engine = create_async_engine(async_url(database))
    async with engine.connect() as connection:
        differences = await connection.run_sync(
            lambda it: compare_metadata(
                MigrationContext.configure(it, opts={"compare_type": True}), metadata
            )
        )
    await engine.dispose()
    assert differences == []


async def test_a_chat_has_one_process_at_a_time_and_is_free_after_its_kill(
    database: str, postgres: Server
) -> None:
    called: list[int | None] = []
    rung = asyncio.Event()

    def ring(chat: int | None) -> None:
        called.append(chat)
        rung.set()

    async with opened(database) as one, opened(database) as two:
        mine, theirs = one.claims(BOT, ring), two.claims(BOT, ring)
        claim, again = await mine.claim(CHAT), await mine.claim(CHAT)
        assert claim and again and not mine.alone
        assert await theirs.claim(CHAT) is None
        other, nobody = await theirs.claim(CHAT + 1), await theirs.claim(None)
        assert other and nobody
        other_bot = two.claims(BOT + 1, ring)
        assert await other_bot.claim(CHAT)

        # Whoever finds a chat taken can call its holder, who alone hears of it.
        await theirs.call(CHAT)
        await asyncio.wait_for(rung.wait(), PATIENCE_S)
        await mine.call(None)
        await eventually(lambda: called == [CHAT, None], "the second call")

        await mine.release(claim)
        assert await theirs.claim(CHAT) is None  # the other task of this process still works
        await mine.release(again)
        await mine.release(again)
        held = await theirs.claim(CHAT)
        assert held
        await theirs.release(held)

        program = await start_program(CLAIMS_AND_HOLDS, database, str(BOT), str(CHAT))
        assert program.stdout is not None
        assert await program.stdout.readline() == b"True\n"
        assert await mine.claim(CHAT) is None
        program.kill()
        await program.wait()
        claim = await eventually(lambda: mine.claim(CHAT), "a claim that fell with its process")

        # When the server goes, claims fall with it; and it may come back.
        await one.receive(BOT, 1, "{}", CHAT)
        postgres.halt()
        await eventually(lambda: not mine.holds(claim), "the fall of the claim")
        with pytest.raises(StorageUnavailable):
            await mine.claim(CHAT)
        with pytest.raises(StorageUnavailable) as refusal:
            await one.depth(BOT)
        assert "\n" not in str(refusal.value)
        postgres.restart()
        assert await one.depth(BOT) == 1
        assert await theirs.claim(CHAT)
        await mine.release(claim)
        assert await mine.claim(CHAT) is None
        await theirs.close()
        assert await mine.claim(CHAT)
        await mine.close()
        await other_bot.close()


async def test_what_is_wrong_with_an_address_is_said_in_one_line_without_its_password(
    database: str, postgres: Server
) -> None:
    async with opened(f"{database}?sslmode=disable") as storage:
        await send_photo(storage)
    with pytest.raises(UnsupportedUrl, match="the option pool_size"):
        await Storage.open(f"{database}?pool_size=3")
    missing = postgres.address("nowhere").replace("tagalong@", "tagalong:hunter2@")
    nameless = missing.replace("127.0.0.1", "127.0.0..1")
    assert nameless != missing
    for address in (missing, missing.replace(f":{postgres.port}", ":1"), nameless):
        with pytest.raises(StorageUnavailable) as refusal:
            await Storage.open(address)
        assert "\n" not in str(refusal.value)
        assert "hunter2" not in str(refusal.value)
