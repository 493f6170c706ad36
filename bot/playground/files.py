"""Files that were sent: on disk under names that cannot be guessed, kept for some days."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from bot.playground.store import Clock, Json, Store, dump

DAY_S = 24 * 3600.0
LINK_LIFETIME_S = 3600.0
_CHUNK = 1 << 20


@dataclass(frozen=True)
class StoredFile:
    """A file that somebody sent.

    Attributes:
        file_id: What the Bot API calls it.
        path: What ``getFile`` calls it; no path of this machine.
        name: The sender's name for it.
        mime: Its media type as the sender's client named it.
        size: Bytes.
        media: The Bot API fields that send it again, e.g. ``{"photo": [sizes]}``.
        where: Where it lies on disk.
        link_until: Until when ``path`` may be downloaded, in seconds since the epoch.
    """

    file_id: str
    path: str
    name: str
    mime: str
    size: int
    media: Json
    where: Path
    link_until: float


class Files:
    """The files of all chats, each for some days."""

    def __init__(self, store: Store, folder: Path, clock: Clock, days: int) -> None:
        self._store = store
        self._folder = folder
        self._clock = clock
        self._lifetime = days * DAY_S
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def write(self, source: BinaryIO | bytes) -> Path:
        """Copy bytes to a new file on disk. Blocking: call it in a thread."""
        where = self._folder / secrets.token_hex(16)
        with where.open("wb") as sink:
            if isinstance(source, bytes):
                sink.write(source)
            else:
                source.seek(0)
                while chunk := source.read(_CHUNK):
                    sink.write(chunk)
        return where

    def register(self, where: Path, *, folder: str, name: str, mime: str) -> Json:
        """Give a written file its ids.

        Args:
            where: What :meth:`write` returned.
            folder: ``photos``, ``documents``, … as in Telegram's paths.
            name: The sender's name for it.
            mime: Its media type.

        Returns:
            ``file_id``, ``file_unique_id`` and ``file_size``.
        """
        file_id = secrets.token_urlsafe(36)
        suffix = "".join(letter for letter in Path(name).suffix[:8] if letter.isalnum())
        path = f"{folder}/{where.name}" + (f".{suffix}" if suffix else "")
        size = where.stat().st_size
        self._store.run(
            "INSERT INTO files VALUES (?, ?, ?, ?, ?, '{}', ?, 0)",
            (file_id, path, name, mime, size, self._clock()),
        )
        return {"file_id": file_id, "file_unique_id": file_id[:16], "file_size": size}

    def sent_as(self, file_ids: list[str], media: Json) -> None:
        """Remember how files are sent again by their id."""
        for file_id in file_ids:
            self._store.change(
                "UPDATE files SET media = ? WHERE file_id = ?", (dump(media), file_id)
            )

    def get(self, file_id: str) -> StoredFile | None:
        """A file by its id, while it lives."""
        return self._find("file_id", file_id)

    def by_path(self, path: str) -> StoredFile | None:
        """A file by the path that ``getFile`` gave, while that link lives."""
        found = self._find("path", path)
        return found if found is not None and self._clock() < found.link_until else None

    def open_link(self, file_id: str) -> None:
        """Let a file be downloaded for the next hour."""
        self._store.change(
            "UPDATE files SET link_until = ? WHERE file_id = ?",
            (self._clock() + LINK_LIFETIME_S, file_id),
        )

    def _find(self, column: str, value: str) -> StoredFile | None:
        row = self._store.one(
            "SELECT file_id, path, name, mime, size, media, link_until FROM files"
            f" WHERE {column} = ? AND created >= ?",
            (value, self._clock() - self._lifetime),
        )
        if row is None:
            return None
        where = self.place(row[1])
        if not where.is_file():
            return None
        file_id, path, name, mime, size, media, link_until = row
        return StoredFile(file_id, path, name, mime, size, json.loads(media), where, link_until)

    def place(self, path: str) -> Path:
        """Where the file of a path lies on disk."""
        return self._folder / Path(path).stem

    def forget(self, file_ids: Iterable[str]) -> list[Path]:
        """Strike files off the list.

        Returns:
            What is to be deleted from the disk, once that is settled.
        """
        places = []
        for file_id in file_ids:
            row = self._store.one("SELECT path FROM files WHERE file_id = ?", (file_id,))
            if row is not None:
                places.append(self.place(row[0]))
                self._store.change("DELETE FROM files WHERE file_id = ?", (file_id,))
        return places

    def sweep(self) -> None:
        """Delete what is too old, and files that nobody registered. Blocking."""
        before = self._clock() - self._lifetime
        self._store.change("DELETE FROM files WHERE created < ?", (before,))
        known = {Path(path).stem for (path,) in self._store.all("SELECT path FROM files")}
        for where in self._folder.iterdir():
            if where.name not in known and where.stat().st_mtime < before:
                where.unlink(missing_ok=True)
