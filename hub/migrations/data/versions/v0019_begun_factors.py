"""A second factor that is being set up: since when, and how many wrong codes came for it.

One that was begun before this and never confirmed has no time and so counts as lapsed: its person begins again.
"""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

COLUMNS = """
ALTER TABLE hub.user_credentials
    ADD COLUMN totp_begun_at timestamptz,
    ADD COLUMN totp_wrong_codes integer NOT NULL DEFAULT 0;
"""


def upgrade() -> None:
    """Add the columns."""
    op.execute(COLUMNS)
