"""The bot's own questions that a person may answer (a name, a search), most often by a reply."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, select, update

from storage.schema import questions, sessions
from storage.shelf import Shelf, insert, now
from storage.values import Question

ANSWERED = "answered"
"""The kind of a question that is settled: a later edit of its answer is still no caption."""


class Questions(Shelf):
    """Questions by the message that asks them, and by one that answers without being a reply."""

    async def ask(self, question: Question) -> None:
        """Note what a message asks, and whom; or what a message of theirs is the answer to.

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

    async def waiting_question(
        self, bot_id: int, chat_id: int, user_id: int, since: datetime, *, but: str
    ) -> Question | None:
        """The newest question that a person of a private chat was asked, while it waits.

        Args:
            bot_id: Which bot asked.
            chat_id: Where message ids grow with time.
            user_id: Whom.
            since: Not before that.
            but: A kind that does not count.

        Returns:
            None where it is settled, and where a session of the chat has been touched since it
            was asked.
        """
        return await self._database.read(_newest, bot_id, chat_id, user_id, since, but)

    async def answered(self, question: Question) -> None:
        """Settle a question: its answer has been dealt with."""
        await self._database.write(_answered, question)

    async def answered_before(self, question: Question) -> None:
        """Where a question is settled, settle what asked a person the same before."""
        await self._database.write(_answered_before, question)


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


def _newest(
    connection: Connection, bot_id: int, chat_id: int, user_id: int, since: datetime, but: str
) -> Question | None:
    row = connection.execute(
        select(questions)
        .where(
            questions.c.bot_id == bot_id,
            questions.c.chat_id == chat_id,
            questions.c.user_id == user_id,
            questions.c.kind != but,
        )
        .order_by(questions.c.message_id.desc())
        .limit(1)
    ).first()
    if row is None or row.kind == ANSWERED or row.created_at < since:
        return None
    touched = select(sessions.c.id).where(
        sessions.c.bot_id == bot_id,
        sessions.c.chat_id == chat_id,
        sessions.c.updated_at > row.created_at,
    )
    if connection.scalar(touched.limit(1)) is not None:
        return None
    return Question(bot_id, chat_id, row.message_id, user_id, row.kind, row.argument)


def _answered_before(connection: Connection, question: Question) -> None:
    kind = select(questions.c.kind).where(
        *_is(question.bot_id, question.chat_id, question.message_id)
    )
    if connection.scalar(kind) != ANSWERED:
        return
    connection.execute(
        update(questions)
        .where(
            questions.c.bot_id == question.bot_id,
            questions.c.chat_id == question.chat_id,
            questions.c.message_id < question.message_id,
            questions.c.user_id == question.user_id,
            questions.c.kind == question.kind,
            questions.c.argument == question.argument,
        )
        .values(kind=ANSWERED)
    )


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
