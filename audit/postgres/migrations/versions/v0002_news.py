"""An index for who asks each second which files newer entries have brought."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index."""
    op.execute("CREATE INDEX file_entry ON sallyport_log.file (entry)")


def downgrade() -> None:
    """Refuse: a log has no way back."""
    raise NotImplementedError("a log has no way back")
