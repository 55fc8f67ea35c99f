"""A commercial invoice that has arrived and that its buyer then rejected was told to subscribers as accepted.

Its outcome is `rejected_by_buyer` now. An answer that is learned of when the invoice stood as delivered already changes
the outcome, and so is an event of its own: the outcome is part of what the event's id follows from.
"""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

TELLING = """
CREATE OR REPLACE FUNCTION hub.tell_subscribers() RETURNS trigger LANGUAGE plpgsql AS $$
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
        said := jsonb_build_object('document_id', NEW.document_id, 'ettn', NEW.ettn, 'number', NEW.number,
            'kind', NEW.kind, 'action_id', NEW.action_id, 'code', NEW.reason,
            'outcome', CASE WHEN NEW.state <> 'delivered' THEN NEW.state
                WHEN NEW.facts ->> 'answer' IN ('rejected', 'returned') THEN 'rejected_by_buyer' ELSE 'accepted' END);
        subject := NEW.document_id || '/' || (said ->> 'outcome');
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

DROP TRIGGER tell_subscribers ON hub.documents;
CREATE TRIGGER tell_subscribers AFTER UPDATE OF state, facts ON hub.documents FOR EACH ROW
    WHEN (NEW.state IN ('delivered', 'refused', 'void', 'cancelled') AND (OLD.state <> NEW.state
        OR (NEW.state = 'delivered' AND coalesce(NEW.facts ->> 'answer', '') IN ('rejected', 'returned')
            <> coalesce(OLD.facts ->> 'answer', '') IN ('rejected', 'returned'))))
    EXECUTE FUNCTION hub.tell_subscribers('invoice.final');
"""


def upgrade() -> None:
    """Replace the function and the documents' trigger."""
    op.execute(TELLING)
