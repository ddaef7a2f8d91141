"""Whom a family asked about, as keyed digests: budgets survive a restart."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "asked",
        sa.Column("family", sa.String(64), nullable=False),
        sa.Column("person", sa.LargeBinary(8), nullable=False),
        sa.Column("way", sa.LargeBinary(8), nullable=False),
        sa.Column("day", sa.Integer, nullable=False),
        sa.Column("rests", sa.LargeBinary),
        sa.PrimaryKeyConstraint("family", "person", "way", name="pk_asked"),
    )
    op.create_index("ix_asked_day", "asked", ["day"])


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("asked")
