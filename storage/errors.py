"""What can go wrong in the storage, as types; each text is one plain sentence fit for people."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout


class StorageError(Exception):
    """Base of everything that the storage raises on purpose."""


class UnsupportedUrl(StorageError):
    """The database's address is not one that the storage can open."""


class DriverMissing(StorageError):
    """The driver of that database is not installed."""


class NewerDatabase(StorageError):
    """The database was written by a newer version of the program."""


class StorageUnavailable(StorageError):
    """The database cannot be reached, opened, read or written."""


class StorageBusy(StorageUnavailable):
    """Another process held the database for longer than a write waits."""


class StorageClosed(StorageError):
    """The storage has been closed."""


class NoSuchSession(StorageError):
    """There is no session of that id, or it has been deleted."""


class NoSuchChat(StorageError):
    """The chat has never been remembered, or it has been deleted."""


class NameTaken(StorageError):
    """The chat has another set of that name."""


@contextmanager
def typed_errors() -> Iterator[None]:
    """Turn what drivers raise into errors of ours.

    Statements and their parameters stay out of the text: they hold what people wrote.

    Raises:
        StorageBusy: a lock or a connection did not come free in time.
        StorageUnavailable: anything else that the driver or the operating system reports.
    """
    try:
        yield
    except PoolTimeout as error:
        raise StorageBusy("the database is busy: no connection came free in time") from error
    except DBAPIError as error:
        reason = str(error.orig)
        if "database is locked" in reason:
            raise StorageBusy("the database is busy: another process is writing to it") from error
        raise StorageUnavailable(f"the database refused: {reason}") from error
    except TimeoutError as error:  # it says nothing itself
        raise StorageUnavailable("the database does not answer") from error
    except (OSError, UnicodeError) as error:  # a host's name may be none
        raise StorageUnavailable(f"the database cannot be reached: {error}") from error
