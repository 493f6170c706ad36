"""Features that were computed before, by encoder and by content of the picture, in one file."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from engine.datasets.source import DatasetError


def usual_place() -> Path:
    """Where the cache is unless one says otherwise."""
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "tagalong" / "features.sqlite"


def content_key(photo: bytes) -> bytes:
    """Names a picture by its bytes, wherever it lies and whatever it is called."""
    return hashlib.blake2b(photo, digest_size=16).digest()


class FeatureCache:
    """Feature vectors of one encoder; any thread may read."""

    def __init__(self, path: Path, encoder: str) -> None:
        """Open or create the file.

        Args:
            encoder: Version of the encoder: its weights and its preprocessing.

        Raises:
            DatasetError: the file cannot be used.
        """
        self._encoder = encoder
        self._path = path
        self._turn = threading.Lock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = sqlite3.connect(path, timeout=30, check_same_thread=False)
            self._file.execute("PRAGMA journal_mode=WAL")
            self._file.execute(
                "CREATE TABLE IF NOT EXISTS features (encoder TEXT, picture BLOB, vector BLOB, "
                "PRIMARY KEY (encoder, picture)) WITHOUT ROWID"
            )
        except (OSError, sqlite3.Error) as error:
            raise self._unusable(error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._file.close()

    def get(self, picture: bytes) -> NDArray[np.float16] | None:
        """The features of a picture, (F,); None where they were never computed."""
        try:
            with self._turn:
                row = self._file.execute(
                    "SELECT vector FROM features WHERE encoder = ? AND picture = ?",
                    (self._encoder, picture),
                ).fetchone()
        except sqlite3.Error as error:
            raise self._unusable(error) from error
        return None if row is None else np.frombuffer(row[0], dtype="<f2")

    def put(self, vectors: Mapping[bytes, NDArray[np.float16]]) -> None:
        """Keep features, all of them or, where the process is killed, none."""
        rows = [
            (self._encoder, picture, vector.astype("<f2").tobytes())
            for picture, vector in vectors.items()
        ]
        try:
            with self._turn, self._file:
                self._file.executemany("INSERT OR REPLACE INTO features VALUES (?, ?, ?)", rows)
        except sqlite3.Error as error:
            raise self._unusable(error) from error

    def _unusable(self, error: Exception) -> DatasetError:
        return DatasetError(f"the cache {self._path} cannot be used: {error}")
