"""Daily keys: what arrives before anybody knows whose it is stays readable for thirty days, and for nobody after that.

A destroyed key keeps its row, without the key: no other key is ever made for that day.
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE keys.daily_keys (
    tenant_id text NOT NULL,
    day date NOT NULL,
    wrapped_key bytea,
    created_at timestamptz NOT NULL DEFAULT now(),
    destroyed_at timestamptz,
    PRIMARY KEY (tenant_id, day),
    CHECK ((wrapped_key IS NULL) = (destroyed_at IS NOT NULL))
);
"""


def upgrade() -> None:
    """Create the table."""
    op.execute(TABLES)
