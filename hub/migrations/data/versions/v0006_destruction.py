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
    PRIMARY KEY (tenant_id, destruction_id, store, dataset, category)
);

CREATE TABLE hub.erasures (
    tenant_id text NOT NULL REFERENCES hub.tenants,
    erasure_id uuid NOT NULL,
    request_id uuid,
    state text NOT NULL DEFAULT 'scoped' CHECK (state IN ('scoped', 'executing', 'verifying', 'done', 'failed')),
    stores_done text[] NOT NULL DEFAULT '{}',
    subjects uuid[] NOT NULL,
    started_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    PRIMARY KEY (tenant_id, erasure_id)
);
"""


def upgrade() -> None:
    """Create what destruction needs."""
    op.execute(TABLES)
