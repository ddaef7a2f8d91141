"""The tables, functions and triggers of a log.

``seq`` holds the leaves. Nobody changes or deletes one: no role is granted it, and
triggers refuse it to the owner as well. Everything that the gateway's role may do is
a function, so that what it may add is checked here.
"""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make everything."""
    for part in ("tables", "triggers", "functions"):
        text = Path(__file__).with_name(f"v0001_{part}.sql").read_text()
        op.get_bind().exec_driver_sql(text.replace("%", "%%"))
    op.execute("REVOKE ALL ON ALL FUNCTIONS IN SCHEMA sallyport_log FROM PUBLIC")
    op.execute("REVOKE ALL ON SCHEMA sallyport_log FROM PUBLIC")


def downgrade() -> None:
    """Refuse: a log is never taken away."""
    raise NotImplementedError("a log has no way back")
