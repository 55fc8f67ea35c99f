"""The request desk: what data subjects ask for (KVKK art. 11, 13), whom it concerns, the packages, the mails."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE hub.requests (
    tenant_id text NOT NULL REFERENCES hub.tenants,
    request_id uuid NOT NULL DEFAULT gen_random_uuid(),
    type text NOT NULL CHECK (type IN ('access', 'info', 'third_parties', 'rectify', 'erase', 'notify_recipients',
        'object_automated', 'compensation')),
    state text NOT NULL DEFAULT 'received' CHECK (state IN ('received', 'identity_check', 'info_needed', 'in_progress',
        'answered', 'closed')),
    outcome text CHECK (outcome IN ('accepted', 'partly', 'refused')),
    channel text NOT NULL,
    language text NOT NULL DEFAULT 'tr' CHECK (language IN ('tr', 'en')),
    contact_cipher bytea,
    content_cipher bytea,
    received_at timestamptz NOT NULL,
    identity_confirmed_at timestamptz,
    due_at timestamptz NOT NULL,
    warned_days integer[] NOT NULL DEFAULT '{}',
    handler text,
    handler_contact_cipher bytea,
    identity_method text,
    refusal_code text,
    refusal_article text,
    destruction_due date,
    answer_cipher bytea,
    fee numeric(12, 2) NOT NULL DEFAULT 0 CHECK (fee >= 0),
    answered_at timestamptz,
    closed_at timestamptz,
    work_state text NOT NULL DEFAULT 'none' CHECK (work_state IN ('none', 'pending', 'running', 'done', 'failed')),
    work_run_id text,
    work_code text,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, request_id),
    CHECK ((state IN ('answered', 'closed')) = (answered_at IS NOT NULL)),
    CHECK ((outcome IS NULL) = (answered_at IS NULL))
);
CREATE INDEX requests_open ON hub.requests (tenant_id, due_at) WHERE state NOT IN ('answered', 'closed');

CREATE TABLE hub.request_events (
    tenant_id text NOT NULL,
    request_id uuid NOT NULL,
    number integer NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    actor text NOT NULL,
    event text NOT NULL,
    details jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (tenant_id, request_id, number),
    FOREIGN KEY (tenant_id, request_id) REFERENCES hub.requests DEFERRABLE INITIALLY DEFERRED
);

-- The identifiers that the person named, and the subjects found by them: pseudonyms only.
CREATE TABLE hub.request_identifiers (
    tenant_id text NOT NULL,
    request_id uuid NOT NULL,
    kind text NOT NULL,
    pseudonym text NOT NULL,
    verified boolean NOT NULL DEFAULT false,
    PRIMARY KEY (tenant_id, request_id, kind, pseudonym),
    FOREIGN KEY (tenant_id, request_id) REFERENCES hub.requests DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE hub.request_subjects (
    tenant_id text NOT NULL,
    request_id uuid NOT NULL,
    subject_id uuid NOT NULL,
    reached_by text NOT NULL CHECK (reached_by IN ('strong', 'link', 'weak')),
    decision text NOT NULL CHECK (decision IN ('included', 'review', 'excluded')),
    decided_by text,
    decided_at timestamptz,
    reason text,
    PRIMARY KEY (tenant_id, request_id, subject_id),
    FOREIGN KEY (tenant_id, request_id) REFERENCES hub.requests DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE hub.exports (
    tenant_id text NOT NULL,
    export_id uuid NOT NULL DEFAULT gen_random_uuid(),
    request_id uuid,
    subjects uuid[] NOT NULL DEFAULT '{}',
    state text NOT NULL DEFAULT 'building' CHECK (state IN ('building', 'ready', 'downloaded', 'expired', 'failed')),
    file_name text,
    sha256 text,
    bytes bigint,
    rows_done bigint NOT NULL DEFAULT 0,
    rows_total bigint,
    sealed_key bytea,
    link_hash bytea,
    link_expires_at timestamptz,
    downloaded_at timestamptz,
    failure_code text,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, export_id),
    FOREIGN KEY (tenant_id, request_id) REFERENCES hub.requests DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE hub.mails (
    tenant_id text NOT NULL REFERENCES hub.tenants,
    mail_id uuid NOT NULL DEFAULT gen_random_uuid(),
    template text NOT NULL,
    language text NOT NULL CHECK (language IN ('tr', 'en')),
    recipient_cipher bytea NOT NULL,
    fields_cipher bytea NOT NULL,
    about text NOT NULL,
    state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'sending', 'sent', 'unknown', 'failed')),
    attempts integer NOT NULL DEFAULT 0,
    next_try_at timestamptz NOT NULL DEFAULT now(),
    failure_code text,
    sent_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, mail_id),
    UNIQUE (tenant_id, template, about)
);
"""


def upgrade() -> None:
    """Create the desk's tables."""
    op.execute(TABLES)
