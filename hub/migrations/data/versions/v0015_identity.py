"""Who may sign in: users, their credentials and sessions, API keys, the keys that sign tokens, failed attempts.

The platform's own people stand here too, under an id that is no tenant's (hub/identity/scope.py), so nothing here
refers to hub.tenants; nor do mails any more, for these people get some as well.
"""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

TABLES = """
ALTER TABLE hub.mails DROP CONSTRAINT mails_tenant_id_fkey;

CREATE TABLE hub.users (
    tenant_id text NOT NULL,
    user_id uuid NOT NULL,
    login_hash bytea NOT NULL,
    login_cipher bytea NOT NULL,
    name_cipher bytea NOT NULL,
    contact text NOT NULL,
    role text NOT NULL
        CHECK (role IN ('platform_admin', 'platform_analyst', 'owner', 'engineer', 'analyst', 'dpo')),
    language text NOT NULL CHECK (language IN ('tr', 'en')),
    state text NOT NULL DEFAULT 'invited' CHECK (state IN ('invited', 'active', 'disabled')),
    version integer NOT NULL DEFAULT 1,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    activated_at timestamptz,
    disabled_at timestamptz,
    signed_in_at timestamptz,
    PRIMARY KEY (tenant_id, user_id),
    UNIQUE (tenant_id, login_hash),
    -- Whatever a request carries: no tenant's user becomes the platform's, and none of the platform's a tenant's.
    CHECK ((tenant_id = 'tplatform222') = (role IN ('platform_admin', 'platform_analyst'))),
    CHECK (state <> 'active' OR activated_at IS NOT NULL),
    CHECK ((state = 'disabled') = (disabled_at IS NOT NULL))
);
CREATE INDEX users_by_login ON hub.users (login_hash);
CREATE INDEX users_by_contact ON hub.users (tenant_id, contact);

CREATE TABLE hub.user_credentials (
    tenant_id text NOT NULL,
    user_id uuid NOT NULL,
    password_hash text,
    password_changed_at timestamptz,
    totp_cipher bytea,
    totp_confirmed_at timestamptz,
    totp_last_step bigint NOT NULL DEFAULT 0,
    recovery_hashes bytea[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (tenant_id, user_id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES hub.users ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CHECK (totp_confirmed_at IS NULL OR totp_cipher IS NOT NULL)
);

CREATE TABLE hub.sessions (
    tenant_id text NOT NULL,
    session_id uuid NOT NULL,
    user_id uuid NOT NULL,
    second_factor boolean NOT NULL,
    origin_cipher bytea NOT NULL,
    started_at timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    ended_at timestamptz,
    end_reason text,
    PRIMARY KEY (tenant_id, session_id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES hub.users ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CHECK ((ended_at IS NULL) = (end_reason IS NULL))
);
CREATE INDEX sessions_of_user ON hub.sessions (tenant_id, user_id);

CREATE TABLE hub.refresh_tokens (
    tenant_id text NOT NULL,
    token_hash bytea NOT NULL,
    session_id uuid NOT NULL,
    issued_at timestamptz NOT NULL DEFAULT now(),
    used_at timestamptz,
    used_from bytea,
    replaced_by bytea,
    PRIMARY KEY (tenant_id, token_hash),
    FOREIGN KEY (tenant_id, session_id) REFERENCES hub.sessions ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CHECK ((used_at IS NULL) = (replaced_by IS NULL))
);
CREATE INDEX refresh_tokens_of_session ON hub.refresh_tokens (tenant_id, session_id);

-- One-time tokens: of an invitation, or to set a new password.
CREATE TABLE hub.user_tokens (
    tenant_id text NOT NULL,
    token_hash bytea NOT NULL,
    user_id uuid NOT NULL,
    purpose text NOT NULL CHECK (purpose IN ('invitation', 'reset')),
    created_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    PRIMARY KEY (tenant_id, token_hash),
    FOREIGN KEY (tenant_id, user_id) REFERENCES hub.users ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX user_tokens_of_user ON hub.user_tokens (tenant_id, user_id);

CREATE TABLE hub.api_keys (
    tenant_id text NOT NULL,
    key_id uuid NOT NULL,
    label text NOT NULL CHECK (length(label) BETWEEN 1 AND 200),
    scopes text[] NOT NULL CHECK (cardinality(scopes) > 0),
    prefix text NOT NULL,
    secret_hash bytea NOT NULL,
    previous_hash bytea,
    previous_until timestamptz,
    tokens_from timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    rotated_at timestamptz,
    last_used_at timestamptz,
    revoked_at timestamptz,
    version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, key_id),
    UNIQUE (tenant_id, secret_hash),
    CHECK ((previous_hash IS NULL) = (previous_until IS NULL))
);

-- Of the platform: what signs access tokens. The public half of one that is retired verifies until its last token ends.
CREATE TABLE hub.signing_keys (
    tenant_id text NOT NULL,
    kid text NOT NULL,
    state text NOT NULL CHECK (state IN ('next', 'active', 'retired')),
    public_jwk jsonb NOT NULL,
    private_cipher bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    activated_at timestamptz,
    verify_until timestamptz,
    PRIMARY KEY (tenant_id, kid),
    CHECK ((state = 'retired') = (verify_until IS NOT NULL))
);
CREATE UNIQUE INDEX signing_keys_one_of_a_kind ON hub.signing_keys (tenant_id, state) WHERE state <> 'retired';

-- Of the platform, for a login may be of several tenants, or of none: how often it failed, and from where.
CREATE TABLE hub.sign_in_sources (
    tenant_id text NOT NULL,
    login_hash bytea NOT NULL,
    network_hash bytea NOT NULL,
    failures integer NOT NULL DEFAULT 0,
    failed_at timestamptz,
    blocked_until timestamptz,
    succeeded_at timestamptz,
    touched_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, login_hash, network_hash)
);
CREATE INDEX sign_in_sources_by_age ON hub.sign_in_sources (tenant_id, touched_at);
"""


def upgrade() -> None:
    """Create the tables."""
    op.execute(TABLES)
