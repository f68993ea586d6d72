"""Payment plans as credit (Regulation Z): whether a plan asks for written disclosures."""

from billing_rules.therapy.deadlines import CreditTerms


class InstalmentsRefused(ValueError):
    """Raised for a plan of fewer than one instalment."""


def needs_disclosure(
    installments: int, terms: CreditTerms, *, finance_charge: bool, is_regular_creditor: bool
) -> bool:
    """Whether a written plan needs disclosures; a down payment is no instalment. Raises InstalmentsRefused.

    A charge for the credit, or more instalments than are free, makes it credit; only who extends credit
    regularly is a creditor.
    """
    if installments < 1:
        raise InstalmentsRefused(f"A plan of {installments} instalments is none.")
    return is_regular_creditor and (finance_charge or installments > terms.free_installments)
