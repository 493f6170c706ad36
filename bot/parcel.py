"""Rows of JSON packed into files that are small enough to be sent. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from telegram.constants import FileSizeLimit

LIMIT = int(FileSizeLimit.FILESIZE_UPLOAD) * 4 // 5
"""Bytes of a file; a single row that has more gets a file of its own."""

Rows = Mapping[str, Sequence[Mapping[str, Any]]]


def parcels(head: Mapping[str, Any], groups: Mapping[str, Rows], limit: int = LIMIT) -> list[bytes]:
    """JSON documents that together hold all rows.

    Args:
        head: What each of them begins with.
        groups: Rows by group and table; each document has all tables, with its part of the rows.
        limit: Bytes of a document.
    """

    def empty() -> dict[str, dict[str, list[str]]]:
        return {name: {key: [] for key in rows} for name, rows in groups.items()}

    filled, size = [empty()], 0
    for group, table, row in _rows(groups):
        if size and size + len(_bytes(row)) > limit:
            filled.append(empty())
            size = 0
        filled[-1][group][table].append(row)
        size += len(_bytes(row)) + 2
    return [
        _document({**head, "part": number, "parts": len(filled)}, one)
        for number, one in enumerate(filled, 1)
    ]


def _rows(groups: Mapping[str, Rows]) -> Iterator[tuple[str, str, str]]:
    for group, tables in groups.items():
        for table, rows in tables.items():
            for row in rows:
                yield group, table, json.dumps(row, ensure_ascii=False)


def _document(head: Mapping[str, Any], groups: Mapping[str, Mapping[str, list[str]]]) -> bytes:
    """One document, a row a line: easy to read, and cheap to write."""
    parts = [f'"{key}": {json.dumps(value, ensure_ascii=False)}' for key, value in head.items()]
    for group, tables in groups.items():
        inner = ",\n".join(
            f'"{table}": [\n' + ",\n".join(rows) + "\n]" if rows else f'"{table}": []'
            for table, rows in tables.items()
        )
        parts.append(f'"{group}": {{\n{inner}\n}}')
    return _bytes("{\n" + ",\n".join(parts) + "\n}\n")


def _bytes(text: str) -> bytes:
    # A lone surrogate, which UTF-8 cannot hold, becomes its escape in JSON.
    return text.encode("utf-8", "backslashreplace")
