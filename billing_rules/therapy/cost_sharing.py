"""Who pays what of an allowed amount: deductible, coinsurance, copay, then what the payer takes off its part.

Medicare pays 85 % of its own part for services of an assistant (SSA §1834(v)) and cuts its final payment by
the sequestration; the patient's part is touched by neither.
"""

from msgspec import Struct

from billing_rules.money import BASIS_POINTS, Cents, percent
from billing_rules.therapy.payment_trace import Step, Trail, share, shown

ASSISTANT_MODIFIERS = frozenset({"CQ", "CO"})
RULE = "cost_sharing"


class CostSharing(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the plan leaves to the patient; null is unknown, nothing to pay is 0.

    The copay is owed once a visit. `out_of_pocket_remaining_cents` null means no maximum is known.
    """

    deductible_remaining_cents: Cents | None = None
    coinsurance_basis_points: int | None = None
    copay_cents: Cents | None = None
    out_of_pocket_remaining_cents: Cents | None = None
    source: str = ""

    @property
    def unknown(self) -> tuple[str, ...]:
        """What must be known before anybody's part can be computed, and is not."""
        named = (
            ("the deductible that remains", self.deductible_remaining_cents),
            ("the coinsurance", self.coinsurance_basis_points),
            ("the copay", self.copay_cents),
        )
        return tuple(name for name, value in named if value is None)


class Reduction(Struct, frozen=True, kw_only=True):
    """A share in basis points that a payer keeps paying or takes off, with the row that says so."""

    basis_points: int
    rule: str
    source: str


NO_ASSISTANT_CUT = Reduction(basis_points=BASIS_POINTS, rule="assistant_payment", source="none")
NO_SEQUESTRATION = Reduction(basis_points=0, rule="sequestration", source="none")


class Shared(Struct, frozen=True, kw_only=True):
    """The parts of one allowed amount, in cents, with the steps that led there."""

    deductible_cents: Cents
    coinsurance_cents: Cents
    copay_cents: Cents
    patient_cents: Cents
    payer_before_cents: Cents
    assistant_cents: Cents
    sequestration_cents: Cents
    payer_cents: Cents
    steps: tuple[Step, ...]


def share_out(
    allowed_cents: Cents,
    sharing: CostSharing,
    *,
    assistant: Reduction = NO_ASSISTANT_CUT,
    sequestration: Reduction = NO_SEQUESTRATION,
) -> Shared:
    """Share an allowed amount out by what is left of deductible, copay and maximum, all of them known."""
    trail = Trail(allowed_cents)
    deductible, coinsurance, copay = _owed(trail, sharing)
    before = _within_maximum(trail, sharing, allowed_cents, deductible + coinsurance + copay)
    kept, withheld = _reduced(trail, before, assistant, sequestration)
    return Shared(
        deductible_cents=deductible,
        coinsurance_cents=coinsurance,
        copay_cents=copay,
        patient_cents=allowed_cents - before,
        payer_before_cents=before,
        assistant_cents=before - kept,
        sequestration_cents=withheld,
        payer_cents=kept - withheld,
        steps=tuple(trail.steps),
    )


def _reduced(
    trail: Trail, before: Cents, assistant: Reduction, sequestration: Reduction
) -> tuple[Cents, Cents]:
    """What the payer keeps paying for an assistant, and what it then withholds."""
    kept = percent(before, assistant.basis_points)
    if kept != before:
        told = f"{share(assistant.basis_points)} of {shown(before)}"
        trail.to(kept, "assistant", assistant.rule, assistant.source, told)
    withheld = percent(kept, sequestration.basis_points)
    if sequestration.basis_points:
        told = f"less {share(sequestration.basis_points)} of {shown(kept)} = {shown(withheld)}"
        trail.to(kept - withheld, "sequestration", sequestration.rule, sequestration.source, told)
    return kept, withheld


def _owed(trail: Trail, sharing: CostSharing) -> tuple[Cents, Cents, Cents]:
    """Deductible, coinsurance and copay, each of what the one before it left."""
    allowed = trail.cents or 0
    remaining = sharing.deductible_remaining_cents or 0
    deductible = min(remaining, allowed)
    told = f"the lesser of {shown(remaining)} remaining and {shown(allowed)}"
    trail.to(allowed - deductible, "deductible", RULE, sharing.source, told)
    rate = sharing.coinsurance_basis_points or 0
    left = allowed - deductible
    coinsurance = percent(left, rate)
    told = f"{share(rate)} of {shown(left)} = {shown(coinsurance)}"
    trail.to(left - coinsurance, "coinsurance", RULE, sharing.source, told)
    left -= coinsurance
    copay = min(sharing.copay_cents or 0, left)
    told = f"the lesser of {shown(sharing.copay_cents or 0)} of the visit's copay and {shown(left)}"
    trail.to(left - copay, "copay", RULE, sharing.source, told)
    return deductible, coinsurance, copay


def _within_maximum(trail: Trail, sharing: CostSharing, allowed: Cents, owed: Cents) -> Cents:
    """The payer's part once the patient's stops at the out-of-pocket maximum."""
    most = sharing.out_of_pocket_remaining_cents
    if most is None:
        return allowed - owed
    left = allowed - min(owed, most)
    told = f"the patient pays the lesser of {shown(owed)} and {shown(most)} to the maximum"
    trail.to(left, "out-of-pocket maximum", RULE, sharing.source, told)
    return left
