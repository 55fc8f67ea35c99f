"""What the end of a consent asks: whether data rested on it alone, and what became of that (KVKK art. 7).

A check names the consent and no person: who it was about stands with the consent, and goes with it.
"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE hub.erasure_checks (
    tenant_id text NOT NULL,
    consent_id uuid NOT NULL,
    cause text NOT NULL CHECK (cause IN ('consent_expired', 'consent_withdrawn')),
    state text NOT NULL DEFAULT 'raised'
        CHECK (state IN ('raised', 'nothing_held', 'other_basis', 'open', 'erased', 'kept')),
    datasets jsonb NOT NULL DEFAULT '{}',
    raised_at timestamptz NOT NULL DEFAULT now(),
    due_at timestamptz NOT NULL DEFAULT now() + interval '3 months',
    examined_at timestamptz,
    settled_at timestamptz,
    settled_by text,
    settled_reason text,
    PRIMARY KEY (tenant_id, consent_id),
    FOREIGN KEY (tenant_id, consent_id) REFERENCES hub.consents (tenant_id, id) DEFERRABLE INITIALLY DEFERRED,
    CHECK ((state = 'raised') = (examined_at IS NULL)),
    CHECK ((state IN ('erased', 'kept')) = (settled_at IS NOT NULL)),
    CHECK ((settled_at IS NULL) = (settled_by IS NULL)),
    CHECK (state <> 'kept' OR settled_reason IS NOT NULL)
);
CREATE INDEX erasure_checks_open ON hub.erasure_checks (tenant_id, due_at) WHERE state IN ('raised', 'open');
"""


def upgrade() -> None:
    """Create the table."""
    op.execute(TABLES)
