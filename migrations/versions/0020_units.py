"""Days with data of a device, what another payer's method counts, and the units a payer says were billed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; what was recorded before says nothing of them."""
    op.add_column("visit_services", sa.Column("days_with_data", sa.BigInteger(), nullable=True))
    name = op.f("ck_visit_services_days_with_data")
    op.create_check_constraint(name, "visit_services", "days_with_data between 0 and 30")
    op.add_column("remittance_lines", sa.Column("original_units", sa.Text(), nullable=True))
    op.add_column("visits", sa.Column("method_conflict", postgresql.JSONB(sa.Text()), nullable=True))
