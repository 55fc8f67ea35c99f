"""The audit log: append-only, hash-chained for each tenant, and one chain for the platform.

An entry says who did what to how much for which purpose; it holds ids, counts and codes, never a value.
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_ENTRY = """
    seq bigint NOT NULL CHECK (seq > 0),
    at timestamptz NOT NULL,
    actor text NOT NULL CHECK (actor <> ''),
    actor_role text NOT NULL,
    action text NOT NULL,
    object text NOT NULL,
    purpose text,
    legal_basis text,
    count bigint,
    result text NOT NULL,
    ip inet,
    request_id uuid,
    details jsonb NOT NULL DEFAULT '{}',
    prev_hash bytea NOT NULL,
    hash bytea NOT NULL,
"""

TABLES = f"""
CREATE TABLE hub.audit_log (
    tenant_id text NOT NULL REFERENCES hub.tenants,
    {_ENTRY}
    PRIMARY KEY (tenant_id, seq)
);
CREATE INDEX audit_log_by_action ON hub.audit_log (tenant_id, action, at DESC);

CREATE TABLE hub.platform_audit_log (
    {_ENTRY}
    PRIMARY KEY (seq)
);

-- Grants allow nobody to change an entry; this closes the way for the tables' owner too, short of dropping it.
CREATE FUNCTION hub.refuse_audit_change() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is append-only' USING ERRCODE = 'integrity_constraint_violation';
END
$$;
CREATE TRIGGER audit_log_append_only BEFORE UPDATE ON hub.audit_log
    FOR EACH ROW EXECUTE FUNCTION hub.refuse_audit_change();
CREATE TRIGGER platform_audit_log_append_only BEFORE UPDATE OR DELETE ON hub.platform_audit_log
    FOR EACH ROW EXECUTE FUNCTION hub.refuse_audit_change();
"""


def upgrade() -> None:
    """Create the chains' tables."""
    op.execute(TABLES)
