"""Whether an 835 adds up: each line, each claim, and the payment over all of them."""

from collections.abc import Iterable
from typing import Literal

import msgspec

from integrations.x12.problems import Problem
from integrations.x12.remittance_values import (
    ClaimPayment,
    ProviderAdjustment,
    Remittance,
    RemittanceHeader,
    ServiceLine,
)


class Imbalance(msgspec.Struct, frozen=True, kw_only=True):
    """A sum that does not come out; at level transaction it refuses the whole, else it parks the claim.

    `claim_position` is the position of the CLP concerned, 0 for the transaction.
    """

    level: Literal["transaction", "claim", "line"]
    segment: str
    position: int
    claim_position: int
    stated_cents: int
    computed_cents: int

    @property
    def difference_cents(self) -> int:
        """What is stated beyond what the parts come to."""
        return self.stated_cents - self.computed_cents

    @property
    def problem(self) -> Problem:
        """The same as a problem of the file."""
        detail = (
            f"states {self.stated_cents} cents, its parts come to {self.computed_cents}, "
            f"difference {self.difference_cents}"
        )
        code = f"{self.level}_unbalanced"
        return Problem(code=code, segment=self.segment, position=self.position, detail=detail)


def line_imbalance(line: ServiceLine, claim_position: int) -> Imbalance | None:
    """SVC02 less every CAS of the line is SVC03."""
    computed = line.charge_cents - sum([one.amount_cents for one in line.adjustments])
    if computed == line.paid_cents:
        return None
    return Imbalance(
        level="line",
        segment="SVC",
        position=line.position,
        claim_position=claim_position,
        stated_cents=line.paid_cents,
        computed_cents=computed,
    )


def claim_imbalances(claim: ClaimPayment) -> tuple[Imbalance, ...]:
    """Each line, and CLP03 less every CAS of claim and lines is CLP04."""
    found = [one for one in (line_imbalance(line, claim.position) for line in claim.lines) if one]
    adjusted = sum([one.amount_cents for one in claim.adjustments])
    adjusted += sum([one.amount_cents for line in claim.lines for one in line.adjustments])
    computed = claim.charge_cents - adjusted
    if computed != claim.paid_cents:
        own = Imbalance(
            level="claim",
            segment="CLP",
            position=claim.position,
            claim_position=claim.position,
            stated_cents=claim.paid_cents,
            computed_cents=computed,
        )
        found.insert(0, own)
    return tuple(found)


def transaction_imbalance(
    header: RemittanceHeader, claims_paid_cents: int, provider_adjustments: Iterable[ProviderAdjustment]
) -> Imbalance | None:
    """BPR02 is the sum of CLP04 less the sum of PLB."""
    computed = claims_paid_cents - sum(one.amount_cents for one in provider_adjustments)
    if computed == header.paid_cents:
        return None
    return Imbalance(
        level="transaction",
        segment="BPR",
        position=header.position,
        claim_position=0,
        stated_cents=header.paid_cents,
        computed_cents=computed,
    )


def balance_problems(remittance: Remittance) -> tuple[Imbalance, ...]:
    """Everything that does not add up, the payment itself first."""
    paid = sum(claim.paid_cents for claim in remittance.claims)
    whole = transaction_imbalance(remittance.header, paid, remittance.provider_adjustments)
    found = [whole] if whole else []
    for claim in remittance.claims:
        found.extend(claim_imbalances(claim))
    return tuple(found)
