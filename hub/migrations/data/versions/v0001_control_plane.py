"""Control plane: tenants, integrations, the state of syncs, consents, refusals, overrides, analysts' logins.

Security (row-level policies, grants) is not here: hub/db/roles.py declares it, hub/migrations/security.py applies it in
the same transaction.
"""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE hub.tenants (
    tenant_id text PRIMARY KEY CHECK (tenant_id ~ '^t[a-z2-7]{11}$'),
    name text NOT NULL,
    subdomain text NOT NULL UNIQUE
        CHECK (subdomain ~ '^[a-z0-9]([a-z0-9-]*[a-z0-9])?$' AND length(subdomain) <= 63),
    tax_number_kind text NOT NULL CHECK (tax_number_kind IN ('vkn', 'tckn')),
    tax_number_cipher bytea NOT NULL,
    tax_number_hash bytea NOT NULL,
    tax_office text NOT NULL,
    kvkk_consent_date date NOT NULL,
    verbis_registration text,
    plan text NOT NULL CHECK (plan IN ('trial', 'starter', 'professional', 'enterprise')),
    limits jsonb NOT NULL DEFAULT '{}',
    settings jsonb NOT NULL DEFAULT '{}',
    features text[] NOT NULL DEFAULT '{}',
    active boolean NOT NULL DEFAULT true,
    language text NOT NULL DEFAULT 'tr-TR',
    time_zone text NOT NULL DEFAULT 'Europe/Istanbul',
    currency text NOT NULL DEFAULT 'TRY',
    created_at timestamptz NOT NULL DEFAULT now(),
    suspended_at timestamptz
);

CREATE TABLE hub.integrations (
    tenant_id text NOT NULL REFERENCES hub.tenants,
    provider text NOT NULL,
    environment text NOT NULL CHECK (environment IN ('live', 'sandbox')),
    base_url text,
    credentials_cipher bytea NOT NULL,
    settings jsonb NOT NULL DEFAULT '{}',
    state text NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'active', 'paused')),
    paused_reason text,
    consecutive_permanent_failures integer NOT NULL DEFAULT 0,
    tested_at timestamptz,
    last_attempt_at timestamptz,
    next_due_at timestamptz,
    interval_seconds integer CHECK (interval_seconds > 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, provider)
);
CREATE INDEX integrations_due ON hub.integrations (provider, next_due_at);

CREATE TABLE hub.sync_state (
    tenant_id text NOT NULL REFERENCES hub.tenants,
    provider text NOT NULL,
    stream text NOT NULL,
    synced_until timestamptz,
    fence bigint NOT NULL DEFAULT 0,
    claimed_by text,
    state text NOT NULL DEFAULT 'never' CHECK (state IN ('never', 'ok', 'failed')),
    last_attempt_at timestamptz,
    last_success_at timestamptz,
    last_failure_at timestamptz,
    failure_kind text CHECK (failure_kind IN ('permanent', 'transient')),
    failure_code text,
    failure_status integer,
    failure_provider_code text,
    failure_field text,
    consecutive_failures integer NOT NULL DEFAULT 0,
    retry_at timestamptz,
    undeclared text[] NOT NULL DEFAULT '{}',
    texts_dropped bigint NOT NULL DEFAULT 0,
    rows_changed bigint NOT NULL DEFAULT 0,
    changed_at timestamptz,
    modelled_at timestamptz,
    policy_version integer,
    PRIMARY KEY (tenant_id, provider, stream)
);

CREATE TABLE hub.sync_history (
    tenant_id text NOT NULL REFERENCES hub.tenants,
    sync_id uuid NOT NULL,
    provider text NOT NULL,
    stream text NOT NULL,
    run_id text NOT NULL,
    started_at timestamptz NOT NULL,
    finished_at timestamptz NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('ok', 'failed')),
    rows_seen bigint NOT NULL DEFAULT 0,
    rows_changed bigint NOT NULL DEFAULT 0,
    failure_kind text CHECK (failure_kind IN ('permanent', 'transient')),
    failure_code text,
    failure_status integer,
    failure_provider_code text,
    failure_field text,
    PRIMARY KEY (tenant_id, sync_id, provider, stream)
);
CREATE INDEX sync_history_by_stream ON hub.sync_history (tenant_id, provider, stream, finished_at DESC);

CREATE TABLE hub.consents (
    tenant_id text NOT NULL REFERENCES hub.tenants,
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    data_subject text NOT NULL,
    subject_kind text NOT NULL,
    purpose text NOT NULL,
    legal_basis text NOT NULL CHECK (legal_basis IN ('explicit_consent', 's_explicit_consent')),
    data_categories text[] NOT NULL CHECK (cardinality(data_categories) > 0),
    retention_period text NOT NULL CHECK (retention_period ~ '^P(\\d+Y)?(\\d+M)?(\\d+W)?(\\d+D)?$'
        AND retention_period ~ '[1-9]'),
    ip_address inet,
    consent_text text NOT NULL CHECK (consent_text <> ''),
    consent_text_sha256 text NOT NULL
        CHECK (consent_text_sha256 = encode(sha256(convert_to(consent_text, 'UTF8')), 'hex')),
    text_version text NOT NULL,
    language text NOT NULL,
    notice_id text NOT NULL,
    given_at timestamptz NOT NULL,
    expires_at timestamptz CHECK (expires_at > given_at),
    withdrawn_at timestamptz CHECK (withdrawn_at >= given_at),
    channel text NOT NULL,
    source text,
    evidence_ref text,
    user_agent text,
    collected_by text,
    withdrawal_channel text,
    withdrawal_reason text,
    transfer_abroad boolean NOT NULL DEFAULT false,
    recipients text[] NOT NULL DEFAULT '{}',
    supersedes_id uuid,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, supersedes_id) REFERENCES hub.consents (tenant_id, id)
);
CREATE INDEX consents_by_subject ON hub.consents (tenant_id, data_subject, purpose, given_at DESC);

-- Grants leave only the withdrawal's columns writable; this closes the rest: a withdrawal is written once.
CREATE FUNCTION hub.refuse_second_withdrawal() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    IF OLD.withdrawn_at IS NOT NULL OR NEW.withdrawn_at IS NULL THEN
        RAISE EXCEPTION 'a consent changes once, when it is withdrawn' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER consents_append_only BEFORE UPDATE ON hub.consents
    FOR EACH ROW EXECUTE FUNCTION hub.refuse_second_withdrawal();

CREATE TABLE hub.refusals (
    tenant_id text NOT NULL REFERENCES hub.tenants,
    refusal_id uuid NOT NULL DEFAULT gen_random_uuid(),
    provider text NOT NULL,
    stream text NOT NULL,
    record_key text NOT NULL,
    code text NOT NULL,
    purpose text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, refusal_id)
);
CREATE INDEX refusals_by_record ON hub.refusals (tenant_id, provider, stream, record_key);

CREATE TABLE hub.policy_overrides (
    tenant_id text NOT NULL REFERENCES hub.tenants,
    provider text NOT NULL,
    stream text NOT NULL,
    column_name text NOT NULL,
    action text NOT NULL,
    params jsonb NOT NULL DEFAULT '{}',
    legal_basis text NOT NULL,
    retention text NOT NULL,
    decided_by text NOT NULL,
    decided_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, provider, stream, column_name)
);

CREATE TABLE hub.analyst_logins (
    tenant_id text NOT NULL REFERENCES hub.tenants,
    role_name text NOT NULL UNIQUE,
    label text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    rotated_at timestamptz,
    revoked_at timestamptz,
    PRIMARY KEY (tenant_id, role_name)
);

CREATE TABLE hub.generated_tables (
    schema_name text NOT NULL,
    table_name text NOT NULL,
    definition_hash text NOT NULL,
    declared_version integer NOT NULL DEFAULT 0,
    rewrite_due boolean NOT NULL DEFAULT false,
    applied_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (schema_name, table_name)
);
"""

VAULT = """
CREATE TABLE vault.subjects (
    tenant_id text NOT NULL,
    subject_id uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, subject_id)
);

CREATE TABLE vault.identifiers (
    tenant_id text NOT NULL,
    kind text NOT NULL,
    pseudonym text NOT NULL,
    subject_id uuid NOT NULL,
    strength text NOT NULL CHECK (strength IN ('strong', 'weak')),
    first_seen_at timestamptz NOT NULL DEFAULT now(),
    source text NOT NULL,
    PRIMARY KEY (tenant_id, kind, pseudonym, subject_id)
);
CREATE INDEX identifiers_of_subject ON vault.identifiers (tenant_id, subject_id);

CREATE TABLE vault.originals (
    tenant_id text NOT NULL,
    kind text NOT NULL,
    pseudonym text NOT NULL,
    subject_id uuid NOT NULL,
    key_generation integer NOT NULL,
    ciphertext bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, kind, pseudonym, subject_id)
);
CREATE INDEX originals_of_subject ON vault.originals (tenant_id, subject_id);

CREATE TABLE vault.texts (
    tenant_id text NOT NULL,
    stream text NOT NULL,
    row_key text NOT NULL,
    column_name text NOT NULL,
    subject_id uuid NOT NULL,
    key_generation integer NOT NULL,
    ciphertext bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, stream, row_key, column_name)
);
CREATE INDEX texts_of_subject ON vault.texts (tenant_id, subject_id);

CREATE TABLE vault.mentions (
    tenant_id text NOT NULL,
    stream text NOT NULL,
    row_key text NOT NULL,
    column_name text NOT NULL,
    kind text NOT NULL,
    pseudonym text NOT NULL,
    PRIMARY KEY (tenant_id, stream, row_key, column_name, kind, pseudonym)
);
CREATE INDEX mentions_of_pseudonym ON vault.mentions (tenant_id, kind, pseudonym);
"""


def upgrade() -> None:
    """Create the tables; the schemas stand already (they need rights on the database, not on tables)."""
    op.execute(TABLES)
    op.execute(VAULT)
