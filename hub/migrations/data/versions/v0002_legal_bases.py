"""Legal bases beside consent, and refusals that know whom, when and whether they still stand.

A refused record has one row, whose id is made from provider, stream and record: refusing it again renews the row.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

LEGAL_BASES = """
CREATE TABLE hub.legal_bases (
    tenant_id text NOT NULL REFERENCES hub.tenants,
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    data_subject text NOT NULL,
    subject_kind text NOT NULL,
    purpose text NOT NULL,
    legal_basis text NOT NULL CHECK (legal_basis IN ('law', 'vital_interest', 'contract', 'legal_obligation',
        'made_public', 'legal_claim', 'legitimate_interest')),
    data_categories text[] NOT NULL CHECK (cardinality(data_categories) > 0),
    proportionality_note text NOT NULL CHECK (proportionality_note <> ''),
    notice_id text NOT NULL,
    evidence_ref text,
    valid_from timestamptz NOT NULL,
    valid_until timestamptz CHECK (valid_until > valid_from),
    recorded_by text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz,
    ended_by text,
    end_reason text,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX legal_bases_by_subject ON hub.legal_bases (tenant_id, data_subject, purpose, valid_from DESC);

-- Grants leave only the end's columns writable; this closes the rest: an end is written once.
CREATE FUNCTION hub.refuse_second_end() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    IF OLD.ended_at IS NOT NULL OR NEW.ended_at IS NULL THEN
        RAISE EXCEPTION 'a legal basis changes once, when it ends' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER legal_bases_append_only BEFORE UPDATE ON hub.legal_bases
    FOR EACH ROW EXECUTE FUNCTION hub.refuse_second_end();
"""

REFUSALS = """
ALTER TABLE hub.refusals RENAME COLUMN created_at TO first_refused_at;
ALTER TABLE hub.refusals
    ADD COLUMN data_subject text,
    ADD COLUMN last_refused_at timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN window_start timestamptz,
    ADD COLUMN window_end timestamptz,
    ADD COLUMN settled_at timestamptz,
    ADD COLUMN settled_as text CHECK (settled_as IN ('loaded', 'gone')),
    ADD CHECK ((settled_at IS NULL) = (settled_as IS NULL));
CREATE INDEX refusals_open ON hub.refusals (tenant_id, provider, stream, data_subject) WHERE settled_at IS NULL;
"""


def upgrade() -> None:
    """Add what admission needs."""
    op.execute(LEGAL_BASES)
    op.execute(REFUSALS)
