"""Decisions on overrides, kept for good; what changes owe the rows that are loaded; the policies that were applied."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE hub.policy_decisions (
    tenant_id text NOT NULL REFERENCES hub.tenants,
    decision_id uuid NOT NULL DEFAULT gen_random_uuid(),
    provider text NOT NULL,
    stream text NOT NULL,
    column_name text NOT NULL,
    decision text NOT NULL CHECK (decision IN ('set', 'removed', 'withdrawn')),
    action text NOT NULL,
    params jsonb NOT NULL DEFAULT '{}',
    legal_basis text NOT NULL,
    retention text NOT NULL,
    decided_by text NOT NULL,
    decided_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, decision_id)
);
CREATE INDEX policy_decisions_by_column
    ON hub.policy_decisions (tenant_id, provider, stream, column_name, decided_at DESC);

CREATE TABLE hub.policy_rewrites (
    tenant_id text NOT NULL REFERENCES hub.tenants,
    rewrite_id uuid NOT NULL DEFAULT gen_random_uuid(),
    provider text NOT NULL,
    stream text NOT NULL,
    column_name text NOT NULL,
    was_action text NOT NULL,
    was_params jsonb NOT NULL DEFAULT '{}',
    policy_version integer,
    owed_since timestamptz NOT NULL DEFAULT clock_timestamp(),
    rewritten_as_of timestamptz,
    PRIMARY KEY (tenant_id, rewrite_id)
);

CREATE TABLE hub.applied_policies (
    provider text NOT NULL,
    stream text NOT NULL,
    column_name text NOT NULL,
    version integer NOT NULL,
    action text NOT NULL,
    params jsonb NOT NULL,
    meaning text NOT NULL,
    was_action text,
    was_params jsonb,
    applied_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (provider, stream, column_name),
    CHECK ((was_action IS NULL) = (was_params IS NULL))
);
"""


def upgrade() -> None:
    """Create the tables; an installation that stands learns its policies in the same migration."""
    op.execute(TABLES)
