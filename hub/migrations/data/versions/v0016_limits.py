"""Limits and watching: buckets of calls, what a tenant used a day and has stored, the trace of an event or action.

Buckets are unlogged: a crash fills them all, and nothing else. `usage_days` and `storage` count what plans limit, in
the transactions that use it up.
"""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

TABLES = """
-- No reference to hub.tenants: the platform's own scope, which is no tenant, has buckets too.
CREATE UNLOGGED TABLE hub.rate_buckets (
    tenant_id text NOT NULL,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
    full_at bigint NOT NULL,
    taken_at bigint NOT NULL,
    granted bigint NOT NULL CHECK (granted > 0),
    PRIMARY KEY (tenant_id, name)
-- Room to update in place: a bucket is one row written over and over.
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

CREATE TABLE hub.usage_days (
    tenant_id text NOT NULL REFERENCES hub.tenants,
    day date NOT NULL,
    what text NOT NULL CHECK (what IN ('actions_asked', 'actions_sent', 'syncs_asked')),
    count bigint NOT NULL DEFAULT 0 CHECK (count >= 0),
    PRIMARY KEY (tenant_id, day, what)
);

CREATE TABLE hub.storage (
    tenant_id text NOT NULL REFERENCES hub.tenants,
    provider text NOT NULL,
    stream text NOT NULL,
    rows bigint NOT NULL DEFAULT 0 CHECK (rows >= 0),
    bytes bigint NOT NULL DEFAULT 0 CHECK (bytes >= 0),
    counted_at timestamptz,
    PRIMARY KEY (tenant_id, provider, stream)
);

-- The Istanbul day on which an action counted against the plan when it was sent.
ALTER TABLE hub.actions ADD COLUMN counted_on date;

-- W3C trace context of whoever asked or called: ids of a trace and a span, and nothing else.
ALTER TABLE hub.actions ADD COLUMN traceparent text CHECK (length(traceparent) <= 55);
ALTER TABLE hub.integrations ADD COLUMN traceparent text CHECK (length(traceparent) <= 55);
ALTER TABLE hub.inbox_events ADD COLUMN traceparent text CHECK (length(traceparent) <= 55);

-- What is watched every few seconds, without the settled rows that are most of each table.
CREATE INDEX actions_unknown ON hub.actions (tenant_id) WHERE state = 'unknown';
CREATE INDEX inbox_events_aside ON hub.inbox_events (tenant_id) WHERE state = 'aside';
CREATE INDEX mails_unsent ON hub.mails (tenant_id) WHERE state <> 'sent';
"""


def upgrade() -> None:
    """Create the tables."""
    op.execute(TABLES)
