"""Alembic migrations of the state database; they travel in the wheel."""
