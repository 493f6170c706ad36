"""``python -m storage export``: what people picked, as a file that the engine can learn from;
``python -m storage scrub``: what was deleted leaves SQLite's files."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import IO

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from storage.address import async_url, file_address
from storage.database import SCRUB_BYTES, Database
from storage.errors import StorageError, StorageUnavailable
from storage.export import finished_sessions


class Place(BaseSettings):
    """Where the bot's own settings say that the database is."""

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore")

    database_url: SecretStr | None = None
    data_dir: Path = Path("data")

    @property
    def database(self) -> str:
        """The database's address."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return file_address(self.data_dir / "tagalong.db")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m storage")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    export = commands.add_parser(
        "export",
        help="write finished captions as JSON Lines",
        description='Write a line {"tags", "rejected", "embedding"} for each caption that is done, '
        "of one photo or of several: no texts, names or ids. python -m engine data picks reads it.",
    )
    export.add_argument("--out", metavar="FILE", type=Path, help="default: standard output")
    export.add_argument(
        "--without", metavar="ID", type=int, nargs="+", default=(),
        help="persons or chats, by Telegram's id, whose photos are left out",
    )  # fmt: skip
    scrubbing = commands.add_parser(
        "scrub",
        help="take what was deleted out of SQLite's files",
        description="Write SQLite's file anew, so that it holds no copy of anything that was "
        f"deleted. The bot does it by itself for files up to {SCRUB_BYTES // 2**20} MiB; it may be "
        "running, but its answers wait meanwhile, some 30 s for each gigabyte.",
    )
    for one in (export, scrubbing):
        one.add_argument(
            "--database", metavar="URL", help="default: DATABASE_URL, else tagalong.db in DATA_DIR"
        )
    args = parser.parse_args(arguments)
    try:
        address = args.database or Place().database
        there_is(address)
        if args.command == "scrub":
            return asyncio.run(scrub(address))
        if args.out is None:
            number = asyncio.run(write_lines(address, sys.stdout, args.without))
        else:
            number = write_file(address, args.out, args.without)
    except BrokenPipeError:  # whoever read the lines has left
        # Python flushes at exit, and would complain a second time.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (StorageError, OSError, UnicodeDecodeError) as error:  # the last is of .env
        print(f"{args.command}: {error}", file=sys.stderr)
        return 1
    print(f"{number} finished captions", file=sys.stderr)
    return 0


def there_is(address: str) -> None:
    """Refuse a database that opening would create.

    Raises:
        StorageUnavailable: it is a SQLite file that does not exist.
    """
    url = async_url(address)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        raise StorageUnavailable(f"there is no database {url.database}")


async def scrub(address: str) -> int:
    """Write SQLite's file anew; return the exit status.

    Raises:
        StorageError: the database cannot be opened.
    """
    database = await Database.open(address, "NORMAL")
    try:
        if database.shared:
            print("PostgreSQL frees the space by itself (VACUUM)", file=sys.stderr)
            return 0
        if await database.scrub(None):
            print("nothing that was deleted is left in the database's files", file=sys.stderr)
            return 0
        print("another process was in the way for too long: try again", file=sys.stderr)
        return 1
    finally:
        await database.close()


def write_file(address: str, path: Path, without: Collection[int]) -> int:
    """`write_lines` to a file; an old one stays until the new one is whole."""
    fresh = path.with_name(f"{path.name}.new")
    try:
        with fresh.open("w", encoding="utf-8") as file:
            number = asyncio.run(write_lines(address, file, without))
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
    return number


async def write_lines(address: str, file: IO[str], without: Collection[int]) -> int:
    """Write every finished caption; return how many there were.

    Raises:
        StorageError: the database cannot be read.
    """
    database = await Database.open(address, "NORMAL")
    number = 0
    try:
        async for finished in finished_sessions(database, without):
            file.write(finished.to_json() + "\n")
            number += 1
    finally:
        await database.close()
    return number


if __name__ == "__main__":
    raise SystemExit(main())
