"""The inbox: what providers tell us, durable before we say so; the addresses they call; who wrote to whom when.

`event_id` is a keyed hash of the provider's own identity (some hold a phone number). A payload is sealed under the
tenant's key of the day `key_day`, which is destroyed after thirty days.
"""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE hub.inbox_events (
    tenant_id text NOT NULL,
    provider text NOT NULL,
    event_id text NOT NULL,
    kind text NOT NULL,
    signature text NOT NULL CHECK (signature IN ('verified', 'unsigned')),
    received_at timestamptz NOT NULL DEFAULT now(),
    key_day date NOT NULL,
    payload_cipher bytea NOT NULL,
    state text NOT NULL DEFAULT 'received' CHECK (state IN ('received', 'handled', 'aside')),
    attempts integer NOT NULL DEFAULT 0,
    next_try_at timestamptz NOT NULL DEFAULT now(),
    reason text,
    handled_at timestamptz,
    PRIMARY KEY (tenant_id, provider, event_id),
    CHECK ((state = 'handled') = (handled_at IS NOT NULL)),
    CHECK (state <> 'aside' OR reason IS NOT NULL)
);
CREATE INDEX inbox_events_waiting ON hub.inbox_events (tenant_id, next_try_at) WHERE state = 'received';
CREATE INDEX inbox_events_by_time ON hub.inbox_events (tenant_id, received_at);
CREATE INDEX inbox_events_by_key ON hub.inbox_events (tenant_id, key_day);

CREATE TABLE hub.webhook_endpoints (
    tenant_id text NOT NULL,
    provider text NOT NULL,
    secret_hash bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    valid_until timestamptz,
    PRIMARY KEY (tenant_id, provider, secret_hash)
);
CREATE INDEX webhook_endpoints_by_secret ON hub.webhook_endpoints (secret_hash);

-- Whom a free text may still be sent to: WhatsApp allows it for a day after the last message from there.
CREATE TABLE hub.conversations (
    tenant_id text NOT NULL,
    channel text NOT NULL,
    contact text NOT NULL,
    last_incoming_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, channel, contact)
);
"""


def upgrade() -> None:
    """Create the inbox."""
    op.execute(TABLES)
