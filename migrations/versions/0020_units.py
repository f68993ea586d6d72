"""Days with data of a monitoring device, and what another payer's method makes of the same minutes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add both; what was recorded before says nothing of either."""
    op.add_column("visit_services", sa.Column("days_with_data", sa.BigInteger(), nullable=True))
    name = op.f("ck_visit_services_days_with_data")
    op.create_check_constraint(name, "visit_services", "days_with_data between 0 and 30")
    op.add_column("visits", sa.Column("method_conflict", postgresql.JSONB(sa.Text()), nullable=True))
