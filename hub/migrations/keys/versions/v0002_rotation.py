"""Rotation: which master key wrapped a row, which master keys are in force, and which generations are destroyed."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = """
ALTER TABLE keys.master ADD COLUMN retired_at timestamptz;

-- NULL in rows of before rotation existed: the first master key wrapped them.
ALTER TABLE keys.tenant_keys ADD COLUMN master_fingerprint text;

-- A destroyed generation keeps its row, without its keys.
ALTER TABLE keys.tenant_keys
    ADD COLUMN destroyed_at timestamptz,
    ALTER COLUMN wrapped_encryption_key DROP NOT NULL,
    ALTER COLUMN wrapped_pseudonym_key DROP NOT NULL,
    ALTER COLUMN wrapped_suppression_key DROP NOT NULL,
    ADD CHECK ((wrapped_encryption_key IS NULL) = (destroyed_at IS NOT NULL)),
    ADD CHECK ((wrapped_pseudonym_key IS NULL) = (destroyed_at IS NOT NULL)),
    ADD CHECK ((wrapped_suppression_key IS NULL) = (destroyed_at IS NOT NULL)),
    ADD CHECK (destroyed_at IS NULL OR retired_at IS NOT NULL);
"""


def upgrade() -> None:
    """Add what rotation needs."""
    op.execute(TABLES)
