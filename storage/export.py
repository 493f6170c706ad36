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
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, select, true

from storage.database import Database
from storage.schema import picks, session_photos, sessions
from storage.steps import step_of, tag_of
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

    def to_row(self) -> dict[str, Any]:
        """As values that JSON knows; several photos are a list, as their tags are for all."""
        packed = [base64.b64encode(one).decode() for one in self.embeddings]
        return {
            "tags": list(self.chosen),
            "rejected": list(self.passed),
            "embedding": packed if len(packed) > 1 else next(iter(packed), None),
        }

    def to_json(self) -> str:
        """One line, without its end."""
        return json.dumps(self.to_row(), ensure_ascii=False)


@dataclass(frozen=True)
class _Stand:
    """Where a session stands; the spelling of tags and the last three are not told, but changing
    them is a step too."""

    chosen: tuple[str, ...] = ()
    passed: tuple[str, ...] = ()
    like: str = ""
    surprise: int = 0
    words: str | None = None

    @property
    def tags(self) -> tuple[str, ...]:
        return tuple(map(tag_of, self.chosen))

    def after(self, number: int, kind: PickKind, tag: str) -> _Stand:
        """Where it stands after one more pick, of which there have been so many."""
        match kind:
            case PickKind.ADD | PickKind.OWN if tag and tag_of(tag) not in self.tags:
                return replace(self, chosen=(*self.chosen, tag), like="", surprise=0)
            case PickKind.OWN:
                same = (tag if tag_of(one) == tag_of(tag) else one for one in self.chosen)
                return replace(self, chosen=tuple(same))
            case PickKind.REMOVE:
                kept = (one for one in self.chosen if tag_of(one) != tag_of(tag))
                return replace(self, chosen=tuple(kept))
            case PickKind.TEXT:
                return replace(self, words=tag)
            case PickKind.MORE:
                passed = tuple(dict.fromkeys((*self.passed, *tag_of(tag).split())))
                return replace(self, passed=passed, surprise=0)
            case PickKind.LIKE:
                return replace(self, like=tag_of(tag), surprise=0)
            case PickKind.SURPRISE:
                return replace(self, surprise=number)
            case PickKind.RESTART:
                return _Stand(words="")
            case _:
                return self


async def finished_sessions(
    database: Database, without: Collection[int] = (), chat_id: int | None = None
) -> AsyncIterator[Finished]:
    """All sessions that are done and have a tag, oldest first.

    Args:
        without: Ids of persons and chats that are left out.
        chat_id: Only those of this chat.
    """
    after = 0
    while True:
        page = await database.read(_page, after, without, chat_id)
        for _, finished in page:
            if finished.chosen:
                yield finished
        if len(page) < PAGE:
            return
        after = page[-1][0]


def add_up(steps: Iterable[tuple[PickKind, str, str]]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Where picks lead, oldest first: the chosen tags and the ones passed over.

    A step that changes nothing is no step: an undo takes back the last one that did.

    Args:
        steps: Of each pick its kind, its tag and its key.
    """
    now = _Stand()
    past: list[_Stand] = []
    numbered = enumerate(steps, 1)
    for _, step in groupby(numbered, lambda one: step_of(one[1][2])):
        before = now
        for number, (kind, tag, _) in step:
            if kind is PickKind.UNDO:
                before = now = past.pop() if past else now
            else:
                now = now.after(number, kind, tag)
        if now != before:
            past.append(before)
    return now.tags, now.passed


def _page(
    connection: Connection, after: int, without: Collection[int], chat_id: int | None
) -> list[tuple[int, Finished]]:
    """The next done sessions after an id, each with its id."""
    rows = connection.execute(
        select(sessions.c.id, sessions.c.embedding)
        .where(
            sessions.c.state == SessionState.DONE,
            sessions.c.id > after,
            sessions.c.owner_id.not_in(without),
            sessions.c.chat_id.not_in(without),
            true() if chat_id is None else sessions.c.chat_id == chat_id,
        )
        .order_by(sessions.c.id)
        .limit(PAGE)
    ).all()
    steps: dict[int, list[tuple[PickKind, str, str]]] = {row.id: [] for row in rows}
    for number, kind, tag, key in connection.execute(
        select(picks.c.session_id, picks.c.kind, picks.c.tag, picks.c.key)
        .where(picks.c.session_id.in_(steps))
        .order_by(picks.c.id)
    ):
        steps[number].append((PickKind(kind), tag or "", key))
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
