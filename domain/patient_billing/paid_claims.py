"""What patients' payments took off claims: asked wherever a coverage turns out other than believed."""

from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from domain.claims.models import Claim, ClaimLine
from domain.ledger.models import Account, Transfer


def paid_by_patients(*where: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """Claim, first date of service and cents that payments took off its lines' due accounts."""
    return (
        select(Claim.id, Claim.first_on, func.sum(Transfer.amount))
        .join(ClaimLine, (ClaimLine.practice_id == Claim.practice_id) & (ClaimLine.claim_id == Claim.id))
        .join(
            Account,
            (Account.practice_id == ClaimLine.practice_id)
            & (Account.owner_kind == "claim_line")
            & (Account.owner_id == ClaimLine.id)
            & Account.kind.startswith("patient_due:"),
        )
        .join(
            Transfer,
            (Transfer.practice_id == Account.practice_id)
            & (Transfer.credit_account == Account.id)
            & (Transfer.kind == "patient_payment"),
        )
        .where(*where)
        .group_by(Claim.practice_id, Claim.id)
    )
