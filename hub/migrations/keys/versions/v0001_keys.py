"""The key cluster: the master key's fingerprint, wrapped tenant keys, wrapped subject keys. Never a key in clear."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE keys.master (
    fingerprint text PRIMARY KEY,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE keys.tenant_keys (
    tenant_id text NOT NULL,
    generation integer NOT NULL,
    wrapped_encryption_key bytea NOT NULL,
    wrapped_pseudonym_key bytea NOT NULL,
    wrapped_suppression_key bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    retired_at timestamptz,
    PRIMARY KEY (tenant_id, generation)
);

CREATE TABLE keys.subject_keys (
    tenant_id text NOT NULL,
    subject_id uuid NOT NULL,
    generation integer NOT NULL,
    wrapped_key bytea,
    created_at timestamptz NOT NULL DEFAULT now(),
    destroyed_at timestamptz,
    PRIMARY KEY (tenant_id, subject_id, generation),
    CHECK ((wrapped_key IS NULL) = (destroyed_at IS NOT NULL))
);
"""


def upgrade() -> None:
    """Create the tables."""
    op.execute(TABLES)
