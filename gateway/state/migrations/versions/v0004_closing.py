"""Tasks name the entry that says they are over, and are found by what is to be done."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; what was closed before had no entry of its own."""
    op.add_column("tasks", sa.Column("closing", sa.BigInteger))
    op.create_index("ix_tasks_state_do", "tasks", ["state", "do"])


def downgrade() -> None:
    """Drop the column."""
    op.drop_index("ix_tasks_state_do", "tasks")
    op.drop_column("tasks", "closing")
