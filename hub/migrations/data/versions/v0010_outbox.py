"""The outbox: actions with their attempts, and providers that asked to be left alone for a while.

An action goes from `pending` to `leased`, and with an attempt on record (`attempting`) to the provider. One whose lease
ends without an attempt was never sent; one with an attempt may have been, and is `unknown` until somebody knows.
"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE hub.actions (
    tenant_id text NOT NULL REFERENCES hub.tenants,
    action_id uuid NOT NULL,
    kind text NOT NULL,
    provider text NOT NULL,
    idempotency_key text NOT NULL CHECK (length(idempotency_key) BETWEEN 1 AND 200),
    request_mark bytea NOT NULL,
    batch_id uuid,
    about text,
    template text,
    commercial boolean NOT NULL DEFAULT false,
    purpose text,
    recipient_kind text,
    recipient text,
    state text NOT NULL DEFAULT 'pending'
        CHECK (state IN ('pending', 'leased', 'accepted', 'delivered', 'failed', 'dead', 'unknown')),
    priority smallint NOT NULL DEFAULT 5 CHECK (priority BETWEEN 0 AND 9),
    not_before timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    attempts integer NOT NULL DEFAULT 0,
    attempting boolean NOT NULL DEFAULT false,
    lease uuid,
    leased_until timestamptz,
    looks integer NOT NULL DEFAULT 0,
    next_look_at timestamptz,
    decide_by timestamptz,
    payload_cipher bytea NOT NULL,
    private_cipher bytea,
    provider_mark bytea,
    summary jsonb NOT NULL DEFAULT '{}',
    facts jsonb NOT NULL DEFAULT '{}',
    reason text,
    failure_status integer,
    failure_provider_code text,
    units integer NOT NULL DEFAULT 1,
    amount numeric(16, 4) NOT NULL DEFAULT 0,
    currency text NOT NULL DEFAULT 'TRY',
    spent_on date,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    accepted_at timestamptz,
    delivered_at timestamptz,
    settled_at timestamptz,
    PRIMARY KEY (tenant_id, action_id),
    UNIQUE (tenant_id, idempotency_key),
    CHECK ((state = 'leased') <= (lease IS NOT NULL)),
    CHECK ((lease IS NULL) = (leased_until IS NULL)),
    CHECK (NOT attempting OR state = 'leased'),
    CHECK ((state IN ('delivered', 'failed', 'dead')) = (settled_at IS NOT NULL))
) WITH (fillfactor = 70);
-- What a drain looks for, each in an index of its own that holds nothing else: settled rows are most of the table.
CREATE INDEX actions_waiting ON hub.actions (tenant_id, priority, not_before) WHERE state = 'pending';
CREATE INDEX actions_due ON hub.actions (not_before) WHERE state = 'pending';
CREATE INDEX actions_leased ON hub.actions (leased_until) WHERE lease IS NOT NULL;
CREATE INDEX actions_to_look ON hub.actions (next_look_at) WHERE next_look_at IS NOT NULL;
CREATE INDEX actions_of_recipient ON hub.actions (tenant_id, recipient) WHERE recipient IS NOT NULL;
CREATE INDEX actions_of_mark ON hub.actions (tenant_id, provider_mark) WHERE provider_mark IS NOT NULL;
CREATE INDEX actions_newest ON hub.actions (tenant_id, created_at);
CREATE INDEX actions_of_batch ON hub.actions (tenant_id, batch_id) WHERE batch_id IS NOT NULL;

CREATE TABLE hub.action_attempts (
    tenant_id text NOT NULL,
    action_id uuid NOT NULL,
    attempt integer NOT NULL CHECK (attempt > 0),
    lease uuid NOT NULL,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at timestamptz,
    outcome text CHECK (outcome IN ('taken', 'refused', 'unclear', 'lost')),
    code text,
    status integer,
    provider_code text,
    PRIMARY KEY (tenant_id, action_id, attempt),
    FOREIGN KEY (tenant_id, action_id) REFERENCES hub.actions (tenant_id, action_id) DEFERRABLE INITIALLY DEFERRED,
    CHECK ((finished_at IS NULL) = (outcome IS NULL))
);

-- A provider that asked a tenant to wait, or an account that cannot be used: none of its actions is leased until then.
CREATE TABLE hub.action_holds (
    tenant_id text NOT NULL REFERENCES hub.tenants,
    provider text NOT NULL,
    held_until timestamptz NOT NULL,
    code text NOT NULL,
    times integer NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, provider)
);
"""


def upgrade() -> None:
    """Create the tables."""
    op.execute(TABLES)
