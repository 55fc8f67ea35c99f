"""Rotation: which master key is in force, and how far each rotation of wrapped keys has come."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = """
ALTER TABLE keys.master ADD COLUMN retired_at timestamptz;
ALTER TABLE keys.tenant_keys ADD COLUMN master_fingerprint text;
"""


def upgrade() -> None:
    """Add what rotation needs."""
    op.execute(TABLES)
