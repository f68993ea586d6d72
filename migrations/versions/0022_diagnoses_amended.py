"""Diagnoses of a case may be amended: codes go when the clinician names others."""

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let a practice take a diagnosis off a case; what claims carried stays frozen in their versions."""
    op.execute("grant delete on case_diagnoses to app_practice")
