"""Erasure and retention (KVKK art. 7): legal holds, the suppression list, the destruction log, erasures under way."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE hub.legal_holds (
    tenant_id text NOT NULL REFERENCES hub.tenants,
    hold_id uuid NOT NULL DEFAULT gen_random_uuid(),
    scope text NOT NULL CHECK (scope IN ('subject', 'dataset', 'category', 'tenant')),
    target text NOT NULL,
    reason text NOT NULL CHECK (reason IN ('statutory_retention', 'litigation', 'audit', 'authority_request')),
    legal_ref text NOT NULL CHECK (legal_ref <> ''),
    held_from timestamptz NOT NULL,
    held_until timestamptz CHECK (held_until > held_from),
    placed_by text NOT NULL,
    placed_at timestamptz NOT NULL DEFAULT now(),
    released_by text,
    released_at timestamptz,
    PRIMARY KEY (tenant_id, hold_id)
);

-- Keyed hashes under the tenant's suppression key: they recognise an erased identifier and tell nothing of it.
CREATE TABLE hub.suppressions (
    tenant_id text NOT NULL REFERENCES hub.tenants,
    mark bytea NOT NULL,
    erased_at timestamptz NOT NULL,
    renewed_at timestamptz,
    PRIMARY KEY (tenant_id, mark)
);

CREATE TABLE hub.destructions (
    tenant_id text NOT NULL REFERENCES hub.tenants,
    destruction_id uuid NOT NULL,
    store text NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    cause text NOT NULL CHECK (cause IN ('request', 'retention', 'consent_withdrawn', 'tenant_forgotten', 'replay')),
    cause_id text NOT NULL,
    actor text NOT NULL,
    dataset text NOT NULL,
    category text NOT NULL,
    records bigint NOT NULL CHECK (records >= 0),
    method text NOT NULL CHECK (method IN ('erase', 'overwrite', 'crypto_shred', 'generalise', 'delete')),
    verified text NOT NULL CHECK (verified IN ('none_left', 'left', 'not_verified')),
    PRIMARY KEY (tenant_id, destruction_id, store, dataset, category, method)
);

CREATE TABLE hub.erasures (
    tenant_id text NOT NULL REFERENCES hub.tenants,
    erasure_id uuid NOT NULL,
    request_id uuid,
    state text NOT NULL DEFAULT 'scoped' CHECK (state IN ('scoped', 'executing', 'verifying', 'done', 'failed')),
    stores_done text[] NOT NULL DEFAULT '{}',
    destroyed jsonb NOT NULL DEFAULT '{}',
    subjects uuid[] NOT NULL,
    started_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    PRIMARY KEY (tenant_id, erasure_id)
);

-- What a statute keeps of an erased person, sealed under the tenant's key and found by its record alone.
CREATE TABLE vault.withheld (
    tenant_id text NOT NULL,
    stream text NOT NULL,
    row_key text NOT NULL,
    column_name text NOT NULL,
    erasure_id uuid NOT NULL,
    article text NOT NULL,
    category text NOT NULL,
    due_on date NOT NULL,
    ciphertext bytea NOT NULL,
    withheld_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, stream, row_key, column_name, erasure_id)
);
"""

UNNAMED = """
-- An erasure may take the person out of a consent or a legal basis, once, and everything that describes them with it.
-- Beside that a withdrawal, or an end, is still written once and nothing else changes.
CREATE OR REPLACE FUNCTION hub.refuse_second_withdrawal() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    IF NEW.data_subject <> OLD.data_subject THEN
        IF starts_with(OLD.data_subject, 'erased_') OR NEW.data_subject !~ '^erased_[a-z2-7]{26}$'
            OR NEW.withdrawn_at IS NULL
            OR NEW.withdrawn_at <> coalesce(OLD.withdrawn_at, NEW.withdrawn_at)
            OR coalesce(host(NEW.ip_address), NEW.user_agent, NEW.evidence_ref) IS NOT NULL THEN
            RAISE EXCEPTION 'a consent is unnamed once and wholly' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
    ELSIF (NEW.ip_address, NEW.user_agent, NEW.evidence_ref)
        IS DISTINCT FROM (OLD.ip_address, OLD.user_agent, OLD.evidence_ref)
        OR OLD.withdrawn_at IS NOT NULL OR NEW.withdrawn_at IS NULL THEN
        RAISE EXCEPTION 'a consent changes once, when it is withdrawn' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE FUNCTION hub.refuse_second_end() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    IF NEW.data_subject <> OLD.data_subject THEN
        IF starts_with(OLD.data_subject, 'erased_') OR NEW.data_subject !~ '^erased_[a-z2-7]{26}$'
            OR NEW.ended_at IS NULL
            OR NEW.ended_at <> coalesce(OLD.ended_at, NEW.ended_at) OR NEW.evidence_ref IS NOT NULL THEN
            RAISE EXCEPTION 'a legal basis is unnamed once and wholly'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
    ELSIF NEW.evidence_ref IS DISTINCT FROM OLD.evidence_ref OR OLD.ended_at IS NOT NULL OR NEW.ended_at IS NULL THEN
        RAISE EXCEPTION 'a legal basis changes once, when it ends' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;
"""


def upgrade() -> None:
    """Create what destruction needs."""
    op.execute(TABLES)
    op.execute(UNNAMED)
