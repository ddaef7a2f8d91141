"""The first schema: reviews, tasks, acts, archive."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create every table."""
    op.create_table(
        "reviews",
        sa.Column("exchange", sa.String(32), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("role", sa.String(64), nullable=False),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
        sa.Column("due_ms", sa.BigInteger, nullable=False),
        sa.Column("closed_ms", sa.BigInteger),
        sa.Column("revision", sa.String(128), nullable=False),
        sa.Column("entry", sa.BigInteger),
        sa.Column("receipt", sa.Text),
        sa.Column("agency", sa.String(64), nullable=False),
        sa.Column("client", sa.String(255), nullable=False),
        sa.Column("retry", sa.LargeBinary),
        sa.Column("row_key", sa.LargeBinary),
        sa.Column("sealed", sa.LargeBinary),
        sa.PrimaryKeyConstraint("exchange", name="pk_reviews"),
    )
    op.create_index("ix_reviews_state_due_ms", "reviews", ["state", "due_ms"])
    op.create_table(
        "tasks",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("exchange", sa.String(32), nullable=False),
        sa.Column("do", sa.String(64), nullable=False),
        sa.Column("parameters", sa.Text, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
        sa.Column("due_ms", sa.BigInteger),
        sa.Column("closed_ms", sa.BigInteger),
        sa.Column("entry", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_tasks"),
    )
    op.create_index("ix_tasks_exchange", "tasks", ["exchange"])
    op.create_index("ix_tasks_state_due_ms", "tasks", ["state", "due_ms"])
    op.create_table(
        "acts",
        sa.Column("entry", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("note", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("entry", name="pk_acts"),
    )
    op.create_table(
        "seal",
        sa.Column("id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("origin", sa.String(255), nullable=False),
        sa.Column("log_size", sa.BigInteger, nullable=False),
        sa.Column("mac", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_seal"),
    )
    op.create_table(
        "archive",
        sa.Column("day", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("question", sa.LargeBinary, nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("day", "question", "outcome", name="pk_archive"),
    )


def downgrade() -> None:
    """Drop every table."""
    for name in ("archive", "seal", "acts", "tasks", "reviews"):
        op.drop_table(name)
