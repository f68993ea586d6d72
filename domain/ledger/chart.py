"""The chart of accounts: which kinds an owner has, in which units, what guards them, and which side is up."""

from msgspec import Struct

from tenants.errors import Invalid

LIMIT_KINDS = frozenset({"authorization_block", "benefit_limit", "referral"})
STAGES = ("booked", "attended", "documented", "billed", "adjudicated")
LIMIT_UNITS = frozenset({"visit", "minute", "day", "usd"})
USD = frozenset({"usd"})


class AccountRule(Struct, frozen=True):
    """How the accounts of one kind behave.

    `floor` is the least that credits − debits may be. `debit_up` says that the balance is debits − credits.
    A `kept` account stores its totals; the others are sums over transfers, read by month.
    """

    units: frozenset[str]
    kept: bool
    floor: int | None
    debit_up: bool


_LIMIT = AccountRule(LIMIT_UNITS, kept=True, floor=None, debit_up=False)
_AVAILABLE = AccountRule(LIMIT_UNITS, kept=True, floor=0, debit_up=False)
_RECEIVABLE = AccountRule(USD, kept=True, floor=None, debit_up=True)
_HELD = AccountRule(USD, kept=True, floor=0, debit_up=False)
_PLAN = AccountRule(USD, kept=True, floor=None, debit_up=False)
_SUM_OF_DEBITS = AccountRule(USD, kept=False, floor=None, debit_up=True)
_SUM_OF_CREDITS = AccountRule(USD, kept=False, floor=None, debit_up=False)

_OF_A_LIMIT = {
    "granted": _LIMIT,
    "overridden": _LIMIT,
    "available": _AVAILABLE,
    **dict.fromkeys(STAGES, _LIMIT),
    "expired": _LIMIT,
    "over_limit": _LIMIT,
}

# A kind that ends in a colon is completed by its user: `patient_due:<party id>`, `write_off:small_balance`.
CHART: dict[str, dict[str, AccountRule]] = {
    **dict.fromkeys(sorted(LIMIT_KINDS), _OF_A_LIMIT),
    "claim_line": {
        "insurer_1": _RECEIVABLE,
        "insurer_2": _RECEIVABLE,
        "insurer_3": _RECEIVABLE,
        "patient_not_due": _RECEIVABLE,
        "patient_due:": _RECEIVABLE,
    },
    "payment": {"unapplied": _HELD, "refundable": _HELD},
    "plan": {"promised": _PLAN, "scheduled": _PLAN, "collected": _PLAN},
    "practice": {
        "cash": _SUM_OF_DEBITS,
        "contractual": _SUM_OF_DEBITS,
        "write_off:": _SUM_OF_DEBITS,
        "revenue": _SUM_OF_CREDITS,
        "refunds": _SUM_OF_CREDITS,
        "take_backs": _SUM_OF_CREDITS,
        "suspense": _SUM_OF_CREDITS,
    },
}


def rule_of(owner_kind: str, kind: str, unit: str) -> AccountRule:
    """The behaviour of an account; raises Invalid for one that the chart does not know."""
    head, colon, tail = kind.partition(":")
    rule = CHART.get(owner_kind, {}).get(head + colon)
    if rule is None or unit not in rule.units or (colon and not tail):
        raise Invalid(f"the chart has no account {kind} in {unit} for a {owner_kind}")
    return rule


def signed(owner_kind: str, kind: str, debits: int, credits_: int) -> int:
    """The balance of an account, in cents or in its unit; the only place that says which side is up.

    Credits − debits for allowances, payments, plans, revenue, refunds, take-backs and suspense;
    debits − credits for what is owed to the practice, its cash and what it gave up.
    """
    head, colon, _ = kind.partition(":")
    debit_up = CHART[owner_kind][head + colon].debit_up
    return debits - credits_ if debit_up else credits_ - debits
