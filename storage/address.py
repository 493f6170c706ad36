"""Reads the setting that says where the database is, before anything is opened."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from storage.errors import DriverMissing, StorageUnavailable, UnsupportedUrl

_ASYNC_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
}


def async_url(address: str) -> URL:
    """Map an address to its async driver: ``sqlite:///file`` or ``postgresql://…``.

    Raises:
        UnsupportedUrl: it is no such address, or a SQLite database in memory.
        DriverMissing: it is PostgreSQL, and asyncpg is not installed.
    """
    try:
        url = make_url(address)
    except (ArgumentError, ValueError) as error:
        # The address itself may hold a password, so the text does not repeat it.
        raise UnsupportedUrl(
            "the database's address must look like sqlite:///folder/file.db "
            "or postgresql://user:password@host/name"
        ) from error
    driver = _ASYNC_DRIVERS.get(url.drivername)
    if driver is None:
        raise UnsupportedUrl(
            f"databases of the kind {url.drivername}:// are not supported: "
            "use sqlite:/// or postgresql://"
        )
    if driver == "sqlite+aiosqlite":
        if url.host:
            raise UnsupportedUrl("the address of a SQLite file has three slashes: sqlite:///file")
        if url.database in (None, "", ":memory:") or url.query:
            raise UnsupportedUrl(
                "the SQLite database must be a plain file, like sqlite:///folder/file.db"
            )
    elif find_spec("asyncpg") is None:
        raise DriverMissing("PostgreSQL needs the driver asyncpg: pip install 'tagalong[postgres]'")
    else:
        url = _with_known_options(url)
    return url.set(drivername=driver)


def file_address(file: Path) -> str:
    """The address of a SQLite file.

    Raises:
        UnsupportedUrl: an address cannot name it.
    """
    if "?" in str(file):
        raise UnsupportedUrl(f"{file}: a SQLite database's path cannot hold a question mark")
    return f"sqlite:///{file}"


def _with_known_options(url: URL) -> URL:
    """The options behind the question mark as asyncpg calls them.

    Raises:
        UnsupportedUrl: there is one that it does not know.
    """
    unknown = set(url.query) - {"host", "port", "ssl", "sslmode"}
    if unknown:
        raise UnsupportedUrl(
            f"the option {min(unknown)} of a PostgreSQL address is not supported: "
            "there are host, port and sslmode"
        )
    ports = url.query.get("port", "")
    if any(not isinstance(one, str) for one in url.query.values()) or (
        ports and not all(port.isdecimal() and int(port) < 65536 for port in str(ports).split(","))
    ):
        raise UnsupportedUrl(
            "each option of a PostgreSQL address has one value, a port is a number"
        )
    if (url.port or 0) > 65535:
        raise UnsupportedUrl("the port of a PostgreSQL address is at most 65535")
    mode = url.query.get("sslmode")
    if mode is None:
        return url
    return url.difference_update_query(["sslmode"]).update_query_dict({"ssl": mode})


def prepare_file(url: URL) -> Path:
    """Create the folder of a SQLite file and make sure that the file can be written.

    Raises:
        StorageUnavailable: it cannot.
    """
    file = Path(url.database or "")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageUnavailable(
            f"the database's folder {file.parent} cannot be created: {error.strerror}"
        ) from error
    if file.is_dir():
        raise StorageUnavailable(f"the database {file} is a folder, not a file")
    # SQLite writes beside its file too, so the folder must be writable as well.
    for place in (file.parent, file):
        if place.exists() and not os.access(place, os.W_OK):
            raise StorageUnavailable(f"the database cannot be written: no permission for {place}")
    return file
