"""Links between subjects that are one person, shared identifiers and who had them when, and the floors of keys."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE vault.links (
    tenant_id text NOT NULL,
    link_id uuid NOT NULL DEFAULT gen_random_uuid(),
    subject_id uuid NOT NULL,
    other_subject_id uuid NOT NULL CHECK (other_subject_id <> subject_id),
    reason text NOT NULL,
    made_by text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    undone_by text,
    undone_at timestamptz,
    PRIMARY KEY (tenant_id, link_id)
);
CREATE INDEX links_of_subject ON vault.links (tenant_id, subject_id);
CREATE INDEX links_of_other ON vault.links (tenant_id, other_subject_id);

-- Identifiers that several people share by nature (a switchboard, a pool vehicle): rows reached by them are reviewed.
CREATE TABLE vault.shared_identifiers (
    tenant_id text NOT NULL,
    kind text NOT NULL,
    pseudonym text NOT NULL,
    reason text NOT NULL,
    noted_by text NOT NULL,
    noted_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, kind, pseudonym)
);

-- A shared identifier that was one subject's alone for a time (who drove the pool vehicle when): days in Istanbul, the
-- last one excluded.
CREATE TABLE vault.identifier_periods (
    tenant_id text NOT NULL,
    period_id uuid NOT NULL DEFAULT gen_random_uuid(),
    kind text NOT NULL,
    pseudonym text NOT NULL,
    subject_id uuid NOT NULL,
    held_from date,
    held_until date,
    reason text NOT NULL,
    noted_by text NOT NULL,
    noted_at timestamptz NOT NULL DEFAULT now(),
    undone_by text,
    undone_at timestamptz,
    PRIMARY KEY (tenant_id, period_id),
    CHECK (held_from < held_until)
);
CREATE INDEX identifier_periods_of_subject ON vault.identifier_periods (tenant_id, subject_id);
CREATE INDEX identifier_periods_of_identifier ON vault.identifier_periods (tenant_id, kind, pseudonym);

-- Values sealed under a lower generation than a tenant's highest one here are no longer taken in: that key is about to
-- be destroyed. One table a schema, since no role sees both.
CREATE TABLE hub.key_floors (
    tenant_id text NOT NULL,
    generation integer NOT NULL,
    raised_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, generation)
);
CREATE TABLE vault.key_floors (
    tenant_id text NOT NULL,
    generation integer NOT NULL,
    raised_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, generation)
);
"""

REFUSAL = """
-- `hub migrate` puts it on every column that hub/keys/sealed.py names. The lock is shared by those who write and taken
-- alone by who raises the floor: a value that was sealed before is committed before, and one after sees the floor.
CREATE FUNCTION hub.refuse_retired_key() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
    sealed bytea;
    least integer;
BEGIN
    EXECUTE format('SELECT ($1).%I', TG_ARGV[0]) INTO sealed USING NEW;
    IF sealed IS NULL OR octet_length(sealed) < 3 THEN
        RETURN NEW;
    END IF;
    PERFORM pg_advisory_xact_lock_shared(hashtextextended('hub.keys.' || NEW.tenant_id, 0));
    EXECUTE format('SELECT max(generation) FROM %I.key_floors WHERE tenant_id = $1', TG_TABLE_SCHEMA)
        INTO least USING NEW.tenant_id;
    IF get_byte(sealed, 0) * 256 + get_byte(sealed, 1) < least THEN
        RAISE EXCEPTION 'sealed under a retired key' USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    RETURN NEW;
END
$$;
"""


def upgrade() -> None:
    """Create what the subject index and rotation need."""
    op.execute(TABLES)
    op.execute(REFUSAL)
