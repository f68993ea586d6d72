"""Stripe's published test cards: which are declined, and with which words."""

TEST_CARD = "4242424242424242"
DECLINED_CARD = "4000000000000341"
INSUFFICIENT_FUNDS_CARD = "4000000000009995"

_DECLINES = {
    "4000000000000002": "generic_decline",
    DECLINED_CARD: "generic_decline",
    INSUFFICIENT_FUNDS_CARD: "insufficient_funds",
    "4000000000009987": "lost_card",
    "4000002760003184": "authentication_required",
    "4000002500003155": "authentication_required",
}


def number_of(typed: str) -> str | None:
    """The digits of what was typed, or None when it cannot be a card number (Luhn)."""
    digits = "".join(typed.split()).replace("-", "")
    if not (digits.isascii() and digits.isdigit() and 12 <= len(digits) <= 19):
        return None
    doubled = [int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(digits))]
    return digits if sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0 else None


def decline_code(number: str) -> str | None:
    """Why the issuer says no to this number, or None when it pays."""
    return _DECLINES.get(number)
