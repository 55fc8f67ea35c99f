"""Messages to people: a tenant's templates, who wants no more of them, and what İYS says of whom (law 6563).

Recipients stand here as pseudonyms only.
"""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE hub.message_templates (
    tenant_id text NOT NULL,
    name text NOT NULL,
    language text NOT NULL CHECK (language IN ('tr', 'en')),
    version integer NOT NULL CHECK (version > 0),
    channel text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('transactional', 'commercial')),
    purpose text,
    text text NOT NULL CHECK (text <> ''),
    variables jsonb NOT NULL DEFAULT '{}',
    created_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    retired_at timestamptz,
    PRIMARY KEY (tenant_id, name, language, version),
    CHECK (kind = 'transactional' OR purpose IS NOT NULL)
);

-- A word of refusal, the latest for each way of reaching somebody. `recorded_at` is when it was said.
CREATE TABLE hub.opt_outs (
    tenant_id text NOT NULL,
    opt_out_id uuid NOT NULL DEFAULT gen_random_uuid(),
    recipient text NOT NULL,
    recipient_kind text NOT NULL,
    channel text NOT NULL,
    scope text NOT NULL CHECK (scope IN ('commercial', 'all')),
    source text NOT NULL,
    recorded_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, recipient, channel)
);

-- What İYS said when it was last asked; `YOK` is "no record", which is remembered too.
CREATE TABLE hub.iys_states (
    tenant_id text NOT NULL,
    recipient text NOT NULL,
    recipient_kind text NOT NULL,
    type text NOT NULL CHECK (type IN ('MESAJ', 'ARAMA', 'EPOSTA')),
    recipient_type text NOT NULL CHECK (recipient_type IN ('BIREYSEL', 'TACIR')),
    status text NOT NULL CHECK (status IN ('ONAY', 'RET', 'YOK')),
    source text,
    consent_date timestamptz,
    asked_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, recipient, type, recipient_type)
);
CREATE INDEX iys_states_by_age ON hub.iys_states (tenant_id, asked_at);

-- Permissions and refusals that İYS must hear of, each once. `origin` is `consent:<id>` or `opt_out:<id>:<time>`.
CREATE TABLE hub.iys_pushes (
    tenant_id text NOT NULL,
    push_id uuid NOT NULL DEFAULT gen_random_uuid(),
    origin text NOT NULL,
    recipient text NOT NULL,
    recipient_kind text NOT NULL,
    type text NOT NULL CHECK (type IN ('MESAJ', 'ARAMA', 'EPOSTA')),
    recipient_type text NOT NULL CHECK (recipient_type IN ('BIREYSEL', 'TACIR')),
    status text NOT NULL CHECK (status IN ('ONAY', 'RET')),
    source text NOT NULL,
    consent_date timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    alarm_at timestamptz NOT NULL,
    alarmed_at timestamptz,
    state text NOT NULL DEFAULT 'waiting'
        CHECK (state IN ('waiting', 'unpushable', 'submitted', 'accepted', 'refused', 'needless')),
    submission text,
    position integer,
    submitted_at timestamptz,
    settled_at timestamptz,
    code text,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, push_id),
    UNIQUE (tenant_id, origin, status, recipient_type),
    CHECK ((state IN ('accepted', 'refused', 'needless')) = (settled_at IS NOT NULL)),
    CHECK (state <> 'submitted' OR submission IS NOT NULL)
);
CREATE INDEX iys_pushes_open ON hub.iys_pushes (tenant_id, due_at) WHERE settled_at IS NULL;
CREATE INDEX iys_pushes_of_recipient ON hub.iys_pushes (tenant_id, recipient);

-- By account, since one account's cursors mean nothing to another.
CREATE TABLE hub.iys_runs (
    tenant_id text NOT NULL,
    provider text NOT NULL,
    cursors jsonb NOT NULL DEFAULT '{}',
    ran_at timestamptz,
    next_at timestamptz NOT NULL DEFAULT now(),
    pulled_at timestamptz,
    reconciled_at timestamptz,
    differences jsonb NOT NULL DEFAULT '{}',
    failure_code text,
    PRIMARY KEY (tenant_id, provider)
);
"""


def upgrade() -> None:
    """Create the tables."""
    op.execute(TABLES)
