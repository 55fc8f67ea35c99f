"""Invoices that tenants issue: series with their counters, seals, the signed documents byte for byte.

A number is taken, the document signed and stored in one transaction that holds the series' row: so numbers have no gap
and no twin, whatever is killed when. A document is sealed under a key of its own, wrapped under the tenant's: statutes
keep it (VUK 253, TTK 82), so no data subject's key may open or lose it, and a rotation need not write it anew.
"""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE hub.invoice_series (
    tenant_id text NOT NULL REFERENCES hub.tenants,
    series text NOT NULL CHECK (series ~ '^[A-Z0-9]{3}$'),
    year integer NOT NULL CHECK (year BETWEEN 2000 AND 2099),
    kind text NOT NULL CHECK (kind IN ('einvoice', 'earchive')),
    owner text NOT NULL DEFAULT 'hub' CHECK (owner IN ('hub', 'integrator')),
    next_number bigint NOT NULL DEFAULT 1 CHECK (next_number BETWEEN 1 AND 1000000000),
    last_issue_date date,
    PRIMARY KEY (tenant_id, series, year)
);

CREATE TABLE hub.invoice_seals (
    tenant_id text NOT NULL REFERENCES hub.tenants,
    seal text NOT NULL DEFAULT 'default',
    kind text NOT NULL CHECK (kind IN ('file', 'token')),
    certificates text NOT NULL DEFAULT '',
    secret_cipher bytea NOT NULL,
    module text,
    token text,
    label text,
    set_by text NOT NULL,
    set_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, seal)
);

CREATE TABLE hub.documents (
    tenant_id text NOT NULL REFERENCES hub.tenants,
    document_id uuid NOT NULL,
    ettn uuid NOT NULL,
    idempotency_key text NOT NULL CHECK (length(idempotency_key) BETWEEN 1 AND 200),
    request_mark bytea NOT NULL,
    number text NOT NULL,
    series text NOT NULL,
    year integer NOT NULL,
    counter bigint NOT NULL,
    kind text NOT NULL CHECK (kind IN ('einvoice', 'earchive')),
    profile text NOT NULL,
    type text NOT NULL,
    issue_date date NOT NULL,
    state text NOT NULL DEFAULT 'issued'
        CHECK (state IN ('issued', 'sent', 'delivered', 'refused', 'void', 'cancelled')),
    reason text,
    facts jsonb NOT NULL DEFAULT '{}',
    buyer_kind text,
    buyer text,
    currency text NOT NULL,
    payable numeric(18, 2) NOT NULL,
    sealed_here boolean NOT NULL,
    sha256 bytea NOT NULL,
    bytes integer NOT NULL,
    key_cipher bytea NOT NULL,
    content bytea NOT NULL,
    action_id uuid,
    issued_by text NOT NULL,
    issued_at timestamptz NOT NULL DEFAULT now(),
    kept_until date NOT NULL,
    PRIMARY KEY (tenant_id, document_id),
    UNIQUE (tenant_id, ettn),
    UNIQUE (tenant_id, number),
    UNIQUE (tenant_id, series, year, counter),
    UNIQUE (tenant_id, idempotency_key)
);
CREATE INDEX documents_newest ON hub.documents (tenant_id, issued_at);
CREATE INDEX documents_of_buyer ON hub.documents (tenant_id, buyer) WHERE buyer IS NOT NULL;
CREATE INDEX documents_of_action ON hub.documents (tenant_id, action_id) WHERE action_id IS NOT NULL;

-- What was issued stays as it was issued; only its standing in the world moves.
CREATE FUNCTION hub.keep_document() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    IF (OLD.ettn, OLD.number, OLD.issue_date, OLD.kind, OLD.sha256, OLD.content, OLD.kept_until)
       IS DISTINCT FROM (NEW.ettn, NEW.number, NEW.issue_date, NEW.kind, NEW.sha256, NEW.content, NEW.kept_until) THEN
        RAISE EXCEPTION 'an issued document is not altered' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER keep_document BEFORE UPDATE ON hub.documents FOR EACH ROW EXECUTE FUNCTION hub.keep_document();
"""


def upgrade() -> None:
    """Create the tables."""
    op.execute(TABLES)
