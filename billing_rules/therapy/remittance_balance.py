"""Whether a payer's answer adds up: a line with its adjustments, a remittance with its payment (835)."""

from collections.abc import Iterable

from msgspec import Struct

from billing_rules.money import Cents

PATIENT = "PR"


class Adjustment(Struct, frozen=True, kw_only=True):
    """One amount that a payer took off or, negative, gave back: group and reason code."""

    group: str
    reason: str
    amount_cents: Cents


class ServiceLineBalance(Struct, frozen=True, kw_only=True):
    """What is left between charge, adjustments and payment, and the patient's part of the adjustments."""

    difference_cents: Cents
    patient_cents: Cents

    @property
    def is_balanced(self) -> bool:
        """Whether nothing is left over."""
        return self.difference_cents == 0


def balance_line(
    charged_cents: Cents, adjustments: Iterable[Adjustment], paid_cents: Cents
) -> ServiceLineBalance:
    """SVC02 less all adjustments is SVC03; in a reversal every sign is turned round."""
    listed = tuple(adjustments)
    adjusted = sum(one.amount_cents for one in listed)
    return ServiceLineBalance(
        difference_cents=charged_cents - adjusted - paid_cents,
        patient_cents=sum(one.amount_cents for one in listed if one.group == PATIENT),
    )


def balance_payment(
    paid_claims_cents: Cents, provider_adjustments_cents: Iterable[Cents], payment_cents: Cents
) -> bool:
    """The claims' payments less provider adjustments (PLB) are the payment, which is never negative."""
    return payment_cents >= 0 and paid_claims_cents - sum(provider_adjustments_cents) == payment_cents
