"""The storage's files: opening, upgrading, refusing, surviving a kill."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine
from storage_fixtures import BOT, address, looked_into, opened, send_photo, start_program

from storage import (
    DriverMissing,
    NewerDatabase,
    PickKind,
    Storage,
    StorageClosed,
    StorageError,
    StorageUnavailable,
    UnsupportedUrl,
)
from storage.schema import metadata

TAPS_WITHOUT_END = """
import asyncio, itertools, sys
from storage import PickKind, Storage

async def main(address, session_id):
    storage = await Storage.open(address)
    for n in itertools.count():
        await storage.receive(1, n, "{}")
        await storage.tap(session_id, PickKind.ADD, f"tag{n}", key=f"cq:{n}")
        print(n, flush=True)

asyncio.run(main(sys.argv[1], int(sys.argv[2])))
"""

OPEN_AT_A_SIGNAL = """
import asyncio, sys
from pathlib import Path
from storage import Storage

async def main(address, signal):
    print("ready", flush=True)
    while not Path(signal).exists():
        await asyncio.sleep(0)
    storage = await Storage.open(address)
    await storage.receive(1, int(sys.argv[3]), "{}")
    await storage.close()
    print("done", flush=True)

asyncio.run(main(sys.argv[1], sys.argv[2]))
"""

NEVER_CLOSES = """
import asyncio, sys
from storage import Storage

async def main(address):
    storage = await Storage.open(address)
    await storage.receive(1, 1, "{}")
    await asyncio.gather(*(storage.unfinished(1) for _ in range(8)))

asyncio.run(main(sys.argv[1]))
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "tagalong.db"


# --- a kill ----------------------------------------------------------------------------------


async def test_what_was_answered_before_a_kill_is_there_after_it(file: Path) -> None:
    async with opened(file) as storage:
        session = await send_photo(storage)
    program = await start_program(TAPS_WITHOUT_END, address(file), str(session.id))
    assert program.stdout is not None
    while int(await program.stdout.readline()) < 40:
        pass
    program.kill()
    answered = 41 + len((await program.stdout.read()).split(b"\n")[:-1])
    assert await program.wait() == -9

    async with opened(file) as storage:
        tags = [pick.tag for pick in await storage.picks(session.id)]
        # The last tap may have been written without its answer getting out: whole or not at all.
        assert tags in [[f"tag{n}" for n in range(total)] for total in (answered, answered + 1)]
        assert len(await storage.unfinished(1)) - len(tags) in (0, 1)
        # The tap that was not answered is delivered again, and counts once.
        await storage.tap(session.id, PickKind.ADD, f"tag{answered}", key=f"cq:{answered}")
        assert len(await storage.picks(session.id)) == answered + 1
    with looked_into(file) as other:
        assert other.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


async def test_two_processes_write_to_one_file_while_neither_loses_a_tap(file: Path) -> None:
    async with opened(file) as storage:
        session = await send_photo(storage)
        program = await start_program(TAPS_WITHOUT_END, address(file), str(session.id))
        assert program.stdout is not None
        await program.stdout.readline()
        mine = [
            await storage.record(session.id, PickKind.ADD, "mine", key=f"mine:{n}")
            for n in range(100)
        ]
        program.kill()
        theirs = 1 + len((await program.stdout.read()).split(b"\n")[:-1])
        await program.wait()
        tags = [pick.tag for pick in await storage.picks(session.id)]
    assert all(mine)
    assert tags.count("mine") == 100
    assert len(tags) - 100 in (theirs, theirs + 1)


async def test_a_program_that_forgets_to_close_still_ends(file: Path) -> None:
    program = await start_program(NEVER_CLOSES, address(file))
    assert await program.wait() == 0
    async with opened(file) as storage:
        assert len(await storage.unfinished(1)) == 1


# --- opening and upgrading -------------------------------------------------------------------


async def test_a_new_file_has_exactly_the_tables_that_the_code_expects(file: Path) -> None:
    async with opened(file):
        pass
    engine = create_engine(address(file))
    with engine.connect() as connection:
        differences = compare_metadata(
            MigrationContext.configure(connection, opts={"compare_type": True}), metadata
        )
    engine.dispose()
    assert differences == []


async def test_four_processes_that_open_a_new_file_at_once_all_get_it(
    file: Path, tmp_path: Path
) -> None:
    signal = tmp_path / "go"
    programs = [
        await start_program(OPEN_AT_A_SIGNAL, address(file), str(signal), str(n)) for n in range(4)
    ]
    for program in programs:
        assert program.stdout is not None
        assert await program.stdout.readline() == b"ready\n"
    signal.touch()
    said = await asyncio.gather(*(program.communicate() for program in programs))
    assert [out for out, _ in said] == [b"done\n"] * 4
    async with opened(file) as storage:
        assert len(await storage.unfinished(1)) == 4


async def test_many_new_files_can_be_opened_at_once_in_one_process(tmp_path: Path) -> None:
    storages = await asyncio.gather(
        *(Storage.open(address(tmp_path / f"{n}.db")) for n in range(8))
    )
    assert (
        await asyncio.gather(*(storage.receive(BOT, 1, "{}") for storage in storages)) == [True] * 8
    )
    await asyncio.gather(*(storage.close() for storage in storages))


async def test_missing_folders_are_created_even_with_odd_names(tmp_path: Path) -> None:
    file = tmp_path / "100%" / "ein Ordner" / "海" / "tagalong.db"
    async with opened(file) as storage:
        await storage.ping()
    assert file.is_file()


async def test_the_journal_is_write_ahead_and_no_log_is_left_by_a_clean_close(file: Path) -> None:
    async with opened(file, synchronous="full") as storage:
        await storage.receive(BOT, 1, "{}")
        assert file.with_name("tagalong.db-wal").exists()
    assert not file.with_name("tagalong.db-wal").exists()
    with looked_into(file) as other:
        assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)


async def test_a_closed_storage_refuses_and_may_be_closed_twice(file: Path) -> None:
    storage = await Storage.open(address(file))
    await storage.close()
    await storage.close()
    with pytest.raises(StorageClosed):
        await storage.ping()
    with pytest.raises(StorageClosed):
        await storage.receive(BOT, 1, "{}")


# --- refusals --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("setting", "reason"),
    [
        ("mysql://root:hunter2@db/tags", "mysql"),
        ("tagalong.db", "must look like"),
        ("", "must look like"),
        ("sqlite://", "plain file"),
        ("sqlite:///:memory:", "plain file"),
        ("sqlite:///file:x?mode=memory&uri=true", "plain file"),
        ("sqlite://data/tagalong.db", "three slashes"),
        ("postgresql://user:hunter2@db:port/tags", "must look like"),
        ("postgresql://user:hunter2@db:99999/tags", "at most 65535"),
        ("postgresql://user:hunter2@db/tags?port=abc", "a port is a number"),
        ("postgresql://user:hunter2@db/tags?host=a&host=b", "one value"),
    ],
)
async def test_an_address_that_is_no_database_gets_one_clear_line(
    setting: str, reason: str
) -> None:
    with pytest.raises(UnsupportedUrl, match=reason) as refusal:
        await Storage.open(setting)
    assert "\n" not in str(refusal.value)
    assert "hunter2" not in str(refusal.value)


async def test_postgresql_without_its_driver_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "asyncpg", None)  # as if it were not installed
    with pytest.raises(DriverMissing, match=r"tagalong\[postgres\]"):
        await Storage.open("postgresql://tagalong@localhost/tagalong")


async def test_an_unknown_way_to_synchronise_is_refused(file: Path) -> None:
    with pytest.raises(StorageError, match="NORMAL or FULL"):
        await Storage.open(address(file), synchronous="OFF")


async def test_a_folder_that_cannot_be_created_gets_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")
    with pytest.raises(StorageUnavailable, match="cannot be created") as refusal:
        await Storage.open(address(tmp_path / "data" / "deep" / "tagalong.db"))
    assert "\n" not in str(refusal.value)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
async def test_a_folder_that_may_not_be_written_gets_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(mode=0o500)
    with pytest.raises(StorageUnavailable, match="no permission"):
        await Storage.open(address(tmp_path / "data" / "tagalong.db"))


async def test_a_folder_in_the_place_of_the_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailable, match="is a folder"):
        await Storage.open(address(tmp_path))


@pytest.fixture
def letter(file: Path) -> Iterator[Path]:
    text = "this is not a database, it is a letter to a friend\n" * 100
    file.write_text(text)
    yield file
    assert file.read_text() == text


async def test_a_file_that_is_no_database_is_refused_and_left_alone(letter: Path) -> None:
    with pytest.raises(StorageUnavailable, match="not a database"):
        await Storage.open(address(letter))


async def test_a_database_of_a_newer_version_is_refused_and_left_alone(file: Path) -> None:
    async with opened(file) as storage:
        await storage.receive(BOT, 1, "{}")
    with looked_into(file) as other:
        other.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(NewerDatabase, match="newer version"):
        await Storage.open(address(file))
    with looked_into(file) as other:
        assert other.execute("SELECT count(*) FROM inbox").fetchone() == (1,)


async def test_a_database_of_another_program_is_refused_without_a_trace_in_it(file: Path) -> None:
    with closing(sqlite3.connect(file)) as other:
        other.execute("CREATE TABLE sessions (mine TEXT)")
    with pytest.raises(StorageUnavailable, match="sessions already exists"):
        await Storage.open(address(file))
    with looked_into(file) as other:
        tables = other.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    assert tables == [("sessions",)]
