"""The register of personal data breaches (KVKK art. 12/5, Board 2019/10): one row a breach, an append-only timeline."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE hub.breaches (
    tenant_id text NOT NULL REFERENCES hub.tenants,
    breach_id uuid NOT NULL DEFAULT gen_random_uuid(),
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'notified', 'followed_up', 'closed')),
    learned_at timestamptz NOT NULL,
    board_due_at timestamptz NOT NULL,
    began_at timestamptz,
    ended_at timestamptz,
    form_cipher bytea NOT NULL,
    escalated_hours integer[] NOT NULL DEFAULT '{}',
    board_notified_at timestamptz,
    persons_notified_at timestamptz,
    registered_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    closed_at timestamptz,
    PRIMARY KEY (tenant_id, breach_id),
    CHECK (board_due_at = learned_at + interval '72 hours'),
    CHECK (began_at <= learned_at AND began_at <= ended_at),
    CHECK (board_notified_at >= learned_at),
    CHECK (state NOT IN ('notified', 'followed_up') OR board_notified_at IS NOT NULL),
    CHECK ((state = 'closed') = (closed_at IS NOT NULL))
);

CREATE TABLE hub.breach_events (
    tenant_id text NOT NULL,
    breach_id uuid NOT NULL,
    number integer NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    actor text NOT NULL,
    event text NOT NULL,
    details jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (tenant_id, breach_id, number),
    FOREIGN KEY (tenant_id, breach_id) REFERENCES hub.breaches DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE hub.breach_subjects (
    tenant_id text NOT NULL,
    breach_id uuid NOT NULL,
    subject_id uuid NOT NULL,
    found_by text NOT NULL,
    told_at timestamptz,
    evidence_ref text,
    CHECK ((told_at IS NULL) = (evidence_ref IS NULL)),
    PRIMARY KEY (tenant_id, breach_id, subject_id),
    FOREIGN KEY (tenant_id, breach_id) REFERENCES hub.breaches DEFERRABLE INITIALLY DEFERRED
);
"""


def upgrade() -> None:
    """Create the register."""
    op.execute(TABLES)
