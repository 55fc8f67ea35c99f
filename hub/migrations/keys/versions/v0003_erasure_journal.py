"""The erasure journal: what a restored data dump must forget again, kept where no data dump reaches.

Derived ids and keyed hashes only. `hash` chains a tenant's entries under the tenant's key. Of a tenant that was
forgotten only a hash of its id remains, so that an older dump's copy of it is recognised.
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE keys.erasure_journal (
    tenant_id text NOT NULL,
    number bigint NOT NULL CHECK (number > 0),
    erasure_id uuid NOT NULL,
    subjects uuid[] NOT NULL,
    marks bytea[] NOT NULL,
    erased_at timestamptz NOT NULL,
    hash bytea NOT NULL,
    PRIMARY KEY (tenant_id, number)
);

CREATE TABLE keys.forgotten_tenants (
    tenant_hash bytea PRIMARY KEY,
    receipt_id uuid NOT NULL,
    forgotten_at timestamptz NOT NULL DEFAULT now()
);
"""


def upgrade() -> None:
    """Create the journal."""
    op.execute(TABLES)
