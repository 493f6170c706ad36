"""A quick way to the albums that no process has shown."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add an index of what hardly ever is there."""
    unshown = sa.text("album IS NOT NULL AND panel_message_id IS NULL")
    op.create_index(
        "ix_sessions_unshown",
        "sessions",
        ["bot_id", "updated_at"],
        sqlite_where=unshown,
        postgresql_where=unshown,
    )
