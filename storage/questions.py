"""The bot's own questions that a person may answer by a reply (a name, a search)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, select, update

from storage.schema import questions
from storage.shelf import Shelf, insert, now
from storage.values import Question

ANSWERED = "answered"
"""The kind of a question that is settled: a later edit of its answer is still no caption."""


class Questions(Shelf):
    """Questions by the message that asks them."""

    async def ask(self, question: Question) -> None:
        """Note what a message asks, and whom.

        Raises:
            StorageError: the chat has not been remembered.
        """
        await self._database.write(_ask, question)

    async def question(
        self, bot_id: int, chat_id: int, message_id: int, user_id: int
    ) -> Question | None:
        """What a message asked that person; `ANSWERED` is the kind of one that is settled.

        None where the message is no question, or asked somebody else.
        """
        return await self._database.read(_question, bot_id, chat_id, message_id, user_id)

    async def open_question(
        self, bot_id: int, chat_id: int, user_id: int, kind: str, since: datetime
    ) -> Question | None:
        """The newest question of a kind that waits for a person's answer."""
        return await self._database.read(_waiting, bot_id, chat_id, user_id, kind, since)

    async def answered(self, question: Question) -> None:
        """Settle a question: its answer has been dealt with."""
        await self._database.write(_answered, question)


def _ask(connection: Connection, question: Question) -> None:
    connection.execute(
        insert(connection, questions)
        .values(
            bot_id=question.bot_id,
            chat_id=question.chat_id,
            message_id=question.message_id,
            user_id=question.user_id,
            kind=question.kind,
            argument=question.argument,
            created_at=now(),
        )
        .on_conflict_do_nothing()
    )


def _question(
    connection: Connection, bot_id: int, chat_id: int, message_id: int, user_id: int
) -> Question | None:
    row = connection.execute(
        select(questions.c.kind, questions.c.argument).where(
            *_is(bot_id, chat_id, message_id), questions.c.user_id == user_id
        )
    ).first()
    if row is None:
        return None
    return Question(bot_id, chat_id, message_id, user_id, row.kind, row.argument)


def _waiting(
    connection: Connection, bot_id: int, chat_id: int, user_id: int, kind: str, since: datetime
) -> Question | None:
    row = connection.execute(
        select(questions.c.message_id, questions.c.argument)
        .where(
            questions.c.bot_id == bot_id,
            questions.c.chat_id == chat_id,
            questions.c.user_id == user_id,
            questions.c.kind == kind,
            questions.c.created_at >= since,
        )
        .order_by(questions.c.created_at.desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    return Question(bot_id, chat_id, row.message_id, user_id, kind, row.argument)


def _answered(connection: Connection, question: Question) -> None:
    connection.execute(
        update(questions)
        .where(*_is(question.bot_id, question.chat_id, question.message_id))
        .values(kind=ANSWERED)
    )


def _is(bot_id: int, chat_id: int, message_id: int) -> tuple[ColumnElement[bool], ...]:
    return (
        questions.c.bot_id == bot_id,
        questions.c.chat_id == chat_id,
        questions.c.message_id == message_id,
    )
