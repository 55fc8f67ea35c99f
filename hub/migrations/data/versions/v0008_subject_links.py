"""Links between subjects that are one person: reversible, and never a re-encryption."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE vault.links (
    tenant_id text NOT NULL,
    link_id uuid NOT NULL DEFAULT gen_random_uuid(),
    subject_id uuid NOT NULL,
    other_subject_id uuid NOT NULL CHECK (other_subject_id <> subject_id),
    reason text NOT NULL,
    made_by text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    undone_by text,
    undone_at timestamptz,
    PRIMARY KEY (tenant_id, link_id)
);
CREATE INDEX links_of_subject ON vault.links (tenant_id, subject_id);
CREATE INDEX links_of_other ON vault.links (tenant_id, other_subject_id);

-- Identifiers that several people share by nature (a switchboard, a pool vehicle): rows reached by them are reviewed.
CREATE TABLE vault.shared_identifiers (
    tenant_id text NOT NULL,
    kind text NOT NULL,
    pseudonym text NOT NULL,
    reason text NOT NULL,
    shared_from timestamptz,
    shared_until timestamptz,
    noted_by text NOT NULL,
    noted_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, kind, pseudonym)
);
"""


def upgrade() -> None:
    """Create links and shared identifiers."""
    op.execute(TABLES)
