"""What the API keeps: answers of calls with an Idempotency-Key for a day, and how tenants' names sort and are found.

`answer_cipher` is sealed under the tenant's key of the day `key_day`. The platform's own callers keep theirs under an
id that is no tenant's, so nothing refers to hub.tenants.

Sorting and searching use stored keys (kvkk_policies/turkish.py), so servers with and without ICU answer alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alembic import op
from sqlalchemy import text

from kvkk_policies.turkish import fold, sort_key, squeeze

if TYPE_CHECKING:
    from sqlalchemy import Connection

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE hub.api_answers (
    tenant_id text NOT NULL,
    caller text NOT NULL,
    key_hash bytea NOT NULL,
    fingerprint bytea NOT NULL,
    claimed_at timestamptz NOT NULL DEFAULT now(),
    status integer,
    answered_at timestamptz,
    key_day date,
    answer_cipher bytea,
    PRIMARY KEY (tenant_id, caller, key_hash),
    CHECK ((status IS NULL) = (answered_at IS NULL)),
    CHECK ((answer_cipher IS NULL) = (key_day IS NULL))
);
CREATE INDEX api_answers_by_time ON hub.api_answers (tenant_id, claimed_at);
"""

NAMES = """
ALTER TABLE hub.tenants
    ADD COLUMN name_sort_key text COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN name_folded text NOT NULL DEFAULT '';
CREATE INDEX tenants_by_name ON hub.tenants (name_sort_key, tenant_id);
-- The owner fills the columns; whoever runs migrations forces row-level security again in the same transaction.
ALTER TABLE hub.tenants NO FORCE ROW LEVEL SECURITY;
"""


def upgrade() -> None:
    """Create the table, and the keys of every tenant's name."""
    op.execute(TABLES)
    op.execute(NAMES)
    connection: Connection = op.get_bind()
    for tenant_id, name in connection.execute(text("SELECT tenant_id, name FROM hub.tenants")).fetchall():
        connection.execute(
            text("UPDATE hub.tenants SET name_sort_key = :key, name_folded = :folded WHERE tenant_id = :tenant"),
            {"key": sort_key(name), "folded": fold(squeeze(name)), "tenant": tenant_id},
        )
