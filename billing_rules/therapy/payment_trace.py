"""How an expected amount came about: one step per rule, each with what stood before and after it."""

from decimal import Decimal

from msgspec import Struct

from billing_rules.money import Cents


class Step(Struct, frozen=True, kw_only=True):
    """One step of the arithmetic; `formula` shows its inputs, `rule` names the row that asked for it."""

    name: str
    rule: str
    source: str
    formula: str
    before_cents: Cents | None
    after_cents: Cents | None


class AmountUnknown(LookupError):
    """Raised where an amount cannot be computed; the text is the reason, for people.

    What is certain all the same may be bounded: `at_least_cents` and `at_most_cents`, of one unit.
    """

    def __init__(
        self, reason: str, *, at_least_cents: Cents | None = None, at_most_cents: Cents | None = None
    ) -> None:
        """Keep the bounds beside the reason."""
        super().__init__(reason)
        self.reason = reason
        self.at_least_cents = at_least_cents
        self.at_most_cents = at_most_cents


def shown(cents: Cents | None) -> str:
    """Cents as plain dollars in a formula: 3662 is 36.62."""
    return "unknown" if cents is None else f"{Decimal(cents).scaleb(-2):.2f}"


def share(basis_points: int) -> str:
    """Basis points as a percentage in a formula: 8550 is 85.5 %."""
    text = f"{Decimal(basis_points).scaleb(-2):f}"
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text} %"


class Trail:
    """Collects the steps of one amount; each begins with what the one before it left."""

    def __init__(self, cents: Cents | None = None) -> None:
        """Begin with an amount, or with none."""
        self.cents = cents
        self.steps: list[Step] = []

    def to(self, after_cents: Cents | None, name: str, rule: str, source: str, formula: str) -> None:
        """Note that a step leads to another amount."""
        self.steps.append(
            Step(
                name=name,
                rule=rule,
                source=source,
                formula=formula,
                before_cents=self.cents,
                after_cents=after_cents,
            )
        )
        self.cents = after_cents
