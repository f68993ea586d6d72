"""One plain sentence per line: what was done, what the plan paid, what is left, and whose it is.

Pure. Source of the wording: UI-12 and PB-01 to PB-10. No code, no jargon, school grade eight or below. A
party that owes only a part never reads the charge, the whole of what is left, or a share in per cent: from
any of them the other party's part could be worked out (BC-03).
"""

from collections.abc import Sequence
from datetime import date
from typing import Literal

from msgspec import Struct

from billing_rules.money import Cents, dollars, split

Bucket = Literal["deductible", "coinsurance", "copay", "monthly share"]
Waiting = Literal["not_sent", "plan", "next_plan", "refused", "review"]

BUCKETS: tuple[Bucket, ...] = ("deductible", "coinsurance", "copay", "monthly share")
MEANINGS: dict[Bucket, str] = {
    "deductible": "Deductible: what you pay each year before your plan starts to pay.",
    "coinsurance": "Coinsurance: the part of each visit that your plan leaves to you.",
    "copay": "Copay: the fixed amount that your plan has you pay for each visit.",
    "monthly share": "Monthly share: what Medicaid has you pay each month before it pays.",
}
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WAITING: dict[Waiting, str] = {
    "not_sent": "we have not sent it to your plan yet",
    "plan": "your plan has not finished with it",
    "next_plan": "your first plan has paid its part, and your next plan has not finished with it",
    "refused": "your plan did not pay it all, and we are asking your plan why",
    "review": "we are checking what your plan told us",
}


class PlanPart(Struct, frozen=True):
    """What one plan paid for a line; `name` is as people know the plan."""

    name: str
    paid_cents: Cents


class LineStory(Struct, frozen=True, kw_only=True):
    """What the ledger knows of one line, as far as one party may know it.

    `left_cents` is what the plans left to all who pay, by kind. `share_cents` became due from this party,
    `paid_cents` it has paid on it. `whole` says that nobody shares the line, `apart` that names of plans are
    the other party's matter. `whose` is a given name, or empty when the account is about one person.
    """

    service: str
    served_on: date
    whose: str
    charge_cents: Cents
    plans: tuple[PlanPart, ...]
    discount_cents: Cents
    waived_cents: Cents
    left_cents: dict[Bucket, Cents]
    share_cents: Cents
    paid_cents: Cents
    whole: bool
    apart: bool

    @property
    def balance_cents(self) -> Cents:
        """What this party still owes for the line; negative when it has paid too much."""
        return self.share_cents - self.paid_cents

    @property
    def parts(self) -> dict[Bucket, Cents]:
        """This party's share by kind, to the cent."""
        left = {bucket: cents for bucket, cents in self.left_cents.items() if cents > 0}
        if not left or self.share_cents <= 0:
            return {}
        cents = split(self.share_cents, list(left.values()), list(left))
        return {bucket: part for bucket, part in zip(left, cents, strict=True) if part}


class Figure(Struct, frozen=True, kw_only=True):
    """One amount behind a sentence, with its words."""

    words: str
    cents: Cents


def plain_date(day: date) -> str:
    """A date as people write it, short: Mar 3, 2026."""
    return f"{MONTHS[day.month - 1]} {day.day}, {day.year}"


def sentence(story: LineStory) -> str:
    """The line in one sentence; the amount it says is owed is the line's balance."""
    taken = _taken_words(story)
    joined = f"{taken}, so {_owed_words(story)}" if taken else _owed_words(story)
    return f"{_what(story.service, story.whose, story.served_on)}: {joined}."


def figures(story: LineStory) -> tuple[Figure, ...]:
    """The amounts behind the sentence in the order of their subtraction; zeros are left out."""
    rows = [("Charge", story.charge_cents if story.whole else 0)]
    for plan in story.plans:
        rows.append((f"{'The plan' if story.apart else plan.name} paid", -plan.paid_cents))
    whose = "the" if story.apart else "your"
    rows.append((f"Discount {whose} plan's contract requires", -story.discount_cents))
    rows.append(("Taken off by us", -story.waived_cents))
    owned = "Your" if story.whole else "Your part of the"
    rows += [(f"{owned} {bucket}", cents) for bucket, cents in story.parts.items()]
    rows.append(("You paid before", -story.paid_cents))
    shown = [Figure(words=words, cents=cents) for words, cents in rows if cents]
    return (*shown, Figure(words="You owe", cents=story.balance_cents))


def waiting_sentence(service: str, whose: str, served_on: date, why: Waiting) -> str:
    """Why a line is not due yet, in one sentence without an amount."""
    return f"{_what(service, whose, served_on)}: {_WAITING[why]}."


def headline(total_cents: Cents, days: Sequence[date], *, plan_involved: bool) -> str:
    """The first sentence: how much, and for which days."""
    if total_cents < 0:
        return f"You have paid {dollars(-total_cents)} more than you owe."
    if total_cents == 0:
        return "You owe nothing now."
    when = _when(days)
    why = "your plan left this part to you" if plan_involved else "this is not paid yet"
    return f"You owe {dollars(total_cents)} because {why}{when}."


def credit_sentence(cents: Cents) -> str:
    """Money of the party that is not set against any line yet."""
    return f"You paid {dollars(cents)} that we have not yet used, so we take it off what you owe."


def meanings(stories: Sequence[LineStory]) -> tuple[str, ...]:
    """What the words of these lines mean, each once."""
    used = {bucket for story in stories for bucket in story.parts}
    return tuple(MEANINGS[bucket] for bucket in BUCKETS if bucket in used)


def _what(service: str, whose: str, served_on: date) -> str:
    named = f"{whose}'s {service[0].lower()}{service[1:]}" if whose else service
    return f"{named} on {plain_date(served_on)}"


def _when(days: Sequence[date]) -> str:
    if not days:
        return ""
    first, last = min(days), max(days)
    if first == last:
        return f" for {plain_date(first)}"
    return f" for visits from {plain_date(first)} to {plain_date(last)}"


def _taken_words(story: LineStory) -> str:
    """What others took off the charge: the plan's payment, its discount, what we waived."""
    said = []
    if story.plans:
        paid = sum(part.paid_cents for part in story.plans)
        said.append(f"{'the' if story.apart else 'your'} plan paid {dollars(paid)}")
    if story.discount_cents:
        said.append(f"{'' if story.plans else 'we '}took {dollars(story.discount_cents)} off")
    if story.waived_cents:
        said.append(f"we took off {dollars(story.waived_cents)}")
    return " and ".join(said)


def _owed_words(story: LineStory) -> str:
    if story.balance_cents < 0:
        return f"you paid {dollars(-story.balance_cents)} too much"
    owed = "you owe" if story.whole else "your part is"
    if story.paid_cents:
        return f"{owed} {dollars(story.balance_cents)} after the {dollars(story.paid_cents)} you paid"
    # several kinds would make the sentence hard to read; the figures beside it name each with its amount
    because = f" for the {next(iter(story.parts))}" if len(story.parts) == 1 else ""
    return f"{owed} {dollars(story.balance_cents)}{because}"
