"""Finished captions as lines of JSON: what people chose for what the engine saw, and no more.

Neither chats nor persons nor texts nor Telegram's files are named in it, so nobody's lines can be
found in a file later: who does not want to be in it is left out when it is written, and who was
deleted is not in the next one. The engine learns from such a file (``python -m engine data
picks``) without knowing the database.
"""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Collection, Iterable
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from storage.database import Database
from storage.schema import picks, session_photos, sessions
from storage.values import PickKind, SessionState

PAGE = 200
"""Sessions that are read at a time."""


@dataclass(frozen=True)
class Finished:
    """A caption that is done, of one photo or of several.

    Attributes:
        chosen: The caption's tags, in the order in which they were chosen.
        passed: Tags that were shown and passed over, and not chosen later.
        embeddings: The engine's packed embeddings, one for each photo that it has looked at.
    """

    chosen: tuple[str, ...]
    passed: tuple[str, ...]
    embeddings: tuple[bytes, ...] = field(repr=False)

    def to_json(self) -> str:
        """One line, without its end; several photos are a list, as their tags are for all."""
        packed = [base64.b64encode(one).decode() for one in self.embeddings]
        line = {
            "tags": self.chosen,
            "rejected": self.passed,
            "embedding": packed if len(packed) > 1 else next(iter(packed), None),
        }
        return json.dumps(line, ensure_ascii=False)


async def finished_sessions(
    database: Database, without: Collection[int] = ()
) -> AsyncIterator[Finished]:
    """All sessions that are done and have a tag, oldest first.

    Args:
        without: Ids of persons and chats that are left out.
    """
    after = 0
    while True:
        page = await database.read(_page, after, without)
        for _, finished in page:
            if finished.chosen:
                yield finished
        if len(page) < PAGE:
            return
        after = page[-1][0]


def add_up(steps: Iterable[tuple[PickKind, str]]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Where picks lead, oldest first: the chosen tags and the ones passed over.

    A step that changes nothing is no step: an undo takes back the last one that did.
    """
    chosen: tuple[str, ...] = ()
    passed: tuple[str, ...] = ()
    like, surprise = "", 0  # not told, but asking for them is a step that can be undone
    words: str | None = None  # just so
    past: list[tuple[tuple[str, ...], tuple[str, ...], str, int, str | None]] = []
    for number, (kind, tag) in enumerate(steps, 1):
        before = chosen, passed, like, surprise, words
        if kind is PickKind.UNDO:
            if past:
                chosen, passed, like, surprise, words = past.pop()
            continue
        if kind in (PickKind.ADD, PickKind.OWN) and tag and tag not in chosen:
            chosen, like, surprise = (*chosen, tag), "", 0
        elif kind is PickKind.REMOVE:
            chosen = tuple(one for one in chosen if one != tag)
        elif kind is PickKind.TEXT:
            words = tag
        elif kind is PickKind.MORE:
            passed, surprise = tuple(dict.fromkeys((*passed, *tag.split()))), 0
        elif kind is PickKind.LIKE:
            like, surprise = tag, 0
        elif kind is PickKind.SURPRISE:
            surprise = number
        elif kind is PickKind.RESTART:
            chosen, passed, like, surprise, words = (), (), "", 0, ""
        if (chosen, passed, like, surprise, words) != before:
            past.append(before)
    return chosen, passed


def _page(
    connection: Connection, after: int, without: Collection[int]
) -> list[tuple[int, Finished]]:
    """The next done sessions after an id, each with its id."""
    rows = connection.execute(
        select(sessions.c.id, sessions.c.embedding)
        .where(
            sessions.c.state == SessionState.DONE,
            sessions.c.id > after,
            sessions.c.owner_id.not_in(without),
            sessions.c.chat_id.not_in(without),
        )
        .order_by(sessions.c.id)
        .limit(PAGE)
    ).all()
    steps: dict[int, list[tuple[PickKind, str]]] = {row.id: [] for row in rows}
    for number, kind, tag in connection.execute(
        select(picks.c.session_id, picks.c.kind, picks.c.tag)
        .where(picks.c.session_id.in_(steps))
        .order_by(picks.c.id)
    ):
        steps[number].append((PickKind(kind), tag or ""))
    seen = {row.id: [row.embedding] for row in rows}
    for number, embedding in connection.execute(
        select(session_photos.c.session_id, session_photos.c.embedding)
        .where(session_photos.c.session_id.in_(steps))
        .order_by(session_photos.c.session_id, session_photos.c.position)
    ):
        seen[number].append(embedding)
    page = []
    for row in rows:
        chosen, passed = add_up(steps[row.id])
        passed = tuple(tag for tag in passed if tag not in chosen)
        page.append((row.id, Finished(chosen, passed, tuple(filter(None, seen[row.id])))))
    return page
