"""What a tenant's actions cost a day, and how much they may: counts and sums, by provider and Istanbul day.

One row a provider, day and currency is what concurrent reservations meet at (hub/outbox/caps/spending.py).
"""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE hub.spend_caps (
    tenant_id text NOT NULL,
    provider text NOT NULL,
    currency text NOT NULL DEFAULT 'TRY' CHECK (currency ~ '^[A-Z]{3}$'),
    daily_count bigint CHECK (daily_count >= 0),
    daily_amount numeric(20, 6) CHECK (daily_amount >= 0),
    changed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, provider)
);

CREATE TABLE hub.spend (
    tenant_id text NOT NULL,
    provider text NOT NULL,
    day date NOT NULL,
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    count bigint NOT NULL DEFAULT 0 CHECK (count >= 0),
    units bigint NOT NULL DEFAULT 0 CHECK (units >= 0),
    amount numeric(20, 6) NOT NULL DEFAULT 0 CHECK (amount >= 0),
    PRIMARY KEY (tenant_id, provider, day, currency)
);

-- What was counted for an action on its `spent_on`: its estimate, until what it really cost is known.
ALTER TABLE hub.actions ADD COLUMN spent_amount numeric(16, 4),
    ADD CHECK ((spent_on IS NULL) = (spent_amount IS NULL));
"""


def upgrade() -> None:
    """Create the tables."""
    op.execute(TABLES)
