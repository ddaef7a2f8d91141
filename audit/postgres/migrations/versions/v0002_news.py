"""For several gateways: no clock may run ahead, and newer files are found quickly."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bound times by the database's own; make the index."""
    text = Path(__file__).with_name("v0002_functions.sql").read_text()
    op.get_bind().exec_driver_sql(text.replace("%", "%%"))


def downgrade() -> None:
    """Refuse: a log has no way back."""
    raise NotImplementedError("a log has no way back")
