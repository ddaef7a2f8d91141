"""What Alembic runs by path; no interface."""
