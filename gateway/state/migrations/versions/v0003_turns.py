"""Rows of whom a family asked about say in which write they came."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; what is there already came before all that follows."""
    turn = sa.Column("turn", sa.BigInteger, nullable=False, server_default="0")
    op.add_column("asked", turn)
    op.create_index("ix_asked_turn", "asked", ["turn"])


def downgrade() -> None:
    """Drop the column."""
    op.drop_index("ix_asked_turn", "asked")
    op.drop_column("asked", "turn")
