"""What a bot keeps to itself, made once for all of its processes."""

from __future__ import annotations

import secrets as random

from sqlalchemy import Connection, select

from storage.schema import secrets
from storage.shelf import Shelf, insert

_BYTES = 32


class Secrets(Shelf):
    """Secrets by bot and name."""

    async def secret(self, bot_id: int, name: str) -> str:
        """A secret that nobody can guess; the first to ask makes it, all others get the same.

        Returns:
            Letters, digits, ``-`` and ``_``.
        """
        return await self._database.write(_secret, bot_id, name)


def _secret(connection: Connection, bot_id: int, name: str) -> str:
    connection.execute(
        insert(connection, secrets)
        .values(bot_id=bot_id, name=name, value=random.token_urlsafe(_BYTES))
        .on_conflict_do_nothing()
    )
    value: str = connection.execute(
        select(secrets.c.value).where(secrets.c.bot_id == bot_id, secrets.c.name == name)
    ).scalar_one()
    return value
