"""A hash of what a remittance says, so that a corrected one is told from a repeat."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the hash; rows from before have none and count as the same."""
    op.add_column(
        "remittances", sa.Column("content_sha256", sa.Text(), server_default=sa.text("''"), nullable=False)
    )
