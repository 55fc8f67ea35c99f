"""Webhooks out: what a tenant wants to be told of, what happened, and the telling of it.

An event is written by the very transaction that changes what it tells of, whoever changes it: the triggers below stand
on the state itself, so no code path can forget them. Only a tenant with a subscription to the type gets a row; for all
others a change costs one look into an index. Nothing of a row goes into an event but ids, codes, counts and times.
"""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE hub.subscriptions (
    tenant_id text NOT NULL REFERENCES hub.tenants,
    subscription_id uuid NOT NULL,
    host text NOT NULL,
    types text[] NOT NULL CHECK (cardinality(types) > 0),
    private_cipher bytea NOT NULL,
    previous_until timestamptz,
    state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'paused', 'disabled')),
    reason text,
    failing_since timestamptz,
    rests_until timestamptz,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, subscription_id)
);

CREATE TABLE hub.tenant_events (
    tenant_id text NOT NULL,
    event_id text NOT NULL,
    type text NOT NULL,
    occurred_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    data jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (tenant_id, event_id)
);
CREATE INDEX tenant_events_by_time ON hub.tenant_events (tenant_id, occurred_at);

CREATE TABLE hub.deliveries (
    tenant_id text NOT NULL,
    subscription_id uuid NOT NULL,
    event_id text NOT NULL,
    state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'held', 'delivered', 'failed')),
    attempts integer NOT NULL DEFAULT 0,
    next_try_at timestamptz NOT NULL DEFAULT now(),
    lease uuid,
    tries jsonb NOT NULL DEFAULT '[]',
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    settled_at timestamptz,
    PRIMARY KEY (tenant_id, subscription_id, event_id),
    CHECK ((state IN ('delivered', 'failed')) = (settled_at IS NOT NULL))
) WITH (fillfactor = 80);
CREATE INDEX deliveries_due ON hub.deliveries (tenant_id, subscription_id, next_try_at) WHERE state = 'pending';
CREATE INDEX deliveries_by_time ON hub.deliveries (tenant_id, created_at);
"""

# The event's id follows from what changed and the transaction that changed it: however often a statement of one
# transaction touches a row, there is one event of it. A subscription that is paused gets its deliveries held; one that
# was disabled, because nobody answered for days, gets none. The function sets no search_path of its own, which would
# cost a settled action as much as the look into the index: it has its caller's rights alone, and names every schema.
TELLING = """
CREATE FUNCTION hub.tell_subscribers() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    what text := TG_ARGV[0];
    subject text;
    said jsonb;
    event text;
BEGIN
    IF NOT EXISTS (SELECT FROM hub.subscriptions s WHERE s.tenant_id = NEW.tenant_id) THEN
        RETURN NULL;
    END IF;

    IF TG_TABLE_NAME = 'actions' THEN
        what := CASE
            WHEN NEW.state = 'unknown' THEN 'action.unknown'
            WHEN split_part(NEW.kind, '.', 2) IN
                ('sms', 'otp', 'whatsapp_otp', 'whatsapp', 'template', 'text', 'media', 'interactive')
                THEN CASE NEW.state WHEN 'delivered' THEN 'message.delivered' ELSE 'message.failed' END
        END;
    ELSIF TG_TABLE_NAME = 'sync_state' THEN
        what := CASE NEW.state WHEN 'failed' THEN 'sync.failed' ELSE 'sync.recovered' END;
    END IF;
    IF what IS NULL OR NOT EXISTS (
        SELECT FROM hub.subscriptions s
        WHERE s.tenant_id = NEW.tenant_id AND what = ANY (s.types) AND s.state <> 'disabled'
    ) THEN
        RETURN NULL;
    END IF;

    IF TG_TABLE_NAME = 'actions' THEN
        subject := NEW.action_id::text;
        said := jsonb_build_object('action_id', NEW.action_id, 'batch_id', NEW.batch_id, 'kind', NEW.kind,
            'provider', NEW.provider, 'state', NEW.state, 'code', NEW.reason, 'attempts', NEW.attempts);
    ELSIF TG_TABLE_NAME = 'sync_state' THEN
        subject := NEW.provider || '/' || NEW.stream;
        said := jsonb_build_object('provider', NEW.provider, 'stream', NEW.stream)
            || CASE NEW.state WHEN 'failed' THEN jsonb_build_object('code', NEW.failure_code,
                'permanent', NEW.failure_kind = 'permanent') ELSE '{}' END;
    ELSIF TG_TABLE_NAME = 'integrations' THEN
        subject := NEW.provider;
        said := jsonb_build_object('provider', NEW.provider, 'code', NEW.paused_reason);
    ELSIF TG_TABLE_NAME = 'documents' THEN
        subject := NEW.document_id::text;
        said := jsonb_build_object('document_id', NEW.document_id, 'ettn', NEW.ettn, 'number', NEW.number,
            'kind', NEW.kind, 'action_id', NEW.action_id, 'code', NEW.reason,
            'outcome', CASE NEW.state WHEN 'delivered' THEN 'accepted' ELSE NEW.state END);
    ELSE
        subject := NEW.request_id::text;
        said := jsonb_build_object('request_id', NEW.request_id, 'request_type', NEW.type, 'due_at', NEW.due_at)
            || CASE what WHEN 'request.due' THEN jsonb_build_object('overdue', NEW.due_at <= now(),
                'days_left', greatest(0, floor(extract(epoch FROM NEW.due_at - now()) / 86400))::integer)
                ELSE '{}' END;
    END IF;

    event := 'evt_' || left(encode(sha256(convert_to(
        concat_ws('|', NEW.tenant_id, what, subject, pg_current_xact_id()::text), 'UTF8')), 'hex'), 32);
    INSERT INTO hub.tenant_events (tenant_id, event_id, type, data) VALUES (NEW.tenant_id, event, what, said)
    ON CONFLICT DO NOTHING;
    IF FOUND THEN
        INSERT INTO hub.deliveries (tenant_id, subscription_id, event_id, state)
        SELECT s.tenant_id, s.subscription_id, event, CASE s.state WHEN 'active' THEN 'pending' ELSE 'held' END
        FROM hub.subscriptions s
        WHERE s.tenant_id = NEW.tenant_id AND what = ANY (s.types) AND s.state <> 'disabled';
        NOTIFY hub_deliveries;
    END IF;
    RETURN NULL;
END
$$;

-- An action whose process was lost is asked after at once: it is told of only when asking did not clear it up, and once
-- more when a person must decide.
CREATE TRIGGER tell_subscribers AFTER UPDATE OF state, reason ON hub.actions FOR EACH ROW
    WHEN ((NEW.state IN ('delivered', 'failed', 'dead') AND OLD.state IS DISTINCT FROM NEW.state)
        OR (NEW.state = 'unknown' AND NEW.reason IS DISTINCT FROM 'lease_lost'
            AND (OLD.state IS DISTINCT FROM NEW.state OR OLD.reason = 'lease_lost'
                OR (NEW.reason = 'needs_decision' AND OLD.reason IS DISTINCT FROM NEW.reason))))
    EXECUTE FUNCTION hub.tell_subscribers();
CREATE TRIGGER tell_subscribers AFTER UPDATE OF state ON hub.sync_state FOR EACH ROW
    WHEN ((NEW.state = 'failed' AND OLD.state <> 'failed') OR (NEW.state = 'ok' AND OLD.state = 'failed'))
    EXECUTE FUNCTION hub.tell_subscribers();
CREATE TRIGGER tell_subscribers AFTER UPDATE OF state ON hub.integrations FOR EACH ROW
    WHEN (NEW.state = 'paused' AND OLD.state <> 'paused')
    EXECUTE FUNCTION hub.tell_subscribers('integration.paused');
CREATE TRIGGER tell_subscribers AFTER UPDATE OF state ON hub.documents FOR EACH ROW
    WHEN (OLD.state <> NEW.state AND NEW.state IN ('delivered', 'refused', 'void', 'cancelled'))
    EXECUTE FUNCTION hub.tell_subscribers('invoice.final');
CREATE TRIGGER tell_of_opening AFTER INSERT ON hub.requests FOR EACH ROW
    EXECUTE FUNCTION hub.tell_subscribers('request.opened');
CREATE TRIGGER tell_of_due AFTER UPDATE OF warned_days ON hub.requests FOR EACH ROW
    WHEN (cardinality(NEW.warned_days) > cardinality(OLD.warned_days))
    EXECUTE FUNCTION hub.tell_subscribers('request.due');
"""


def upgrade() -> None:
    """Create the tables, and the triggers that write into them."""
    op.execute(TABLES)
    op.execute(TELLING)
