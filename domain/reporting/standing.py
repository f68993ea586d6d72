"""Why a claim is where it is: one sentence, with who acts next, what they do, and by when."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from uuid import UUID

from msgspec import Struct

from billing_rules.money import dollars
from domain.claims.queries import ClaimView
from domain.reporting.line_money import Split
from domain.work.queries import WorkView

ACKNOWLEDGED_IN = timedelta(days=2)
DECIDED_IN = timedelta(days=30)
FOLLOWED_UP_IN = timedelta(days=14)
PAID_IN = timedelta(days=30)
DECISIONS = frozenset({"adjudicated", "reversed", "unposted"})
US = "the billing team"
PRODUCT = "Visitledger"
CLEARINGHOUSE = "the clearinghouse"
NOBODY = "nobody"


class Standing(Struct, frozen=True, kw_only=True):
    """Where a claim stands, in words. `owner_id` is the member who took it, `owner` says whose turn it is.

    `repeats` counts how often the same reason came back; `due_on` is None when nothing is left to do.
    """

    sentence: str
    tone: str
    owner: str
    owner_id: UUID | None
    next_action: str
    due_on: date | None
    is_overdue: bool
    repeats: int


class Facts(Struct, frozen=True, kw_only=True):
    """What a standing is read off.

    `sent_on` is the last day of service before it was sent, `file_by` the last day on which the payer takes
    the claim, `stated_on` the day of the latest statement about its lines.
    """

    claim: ClaimView
    split: Split
    sent_on: date
    file_by: date | None
    stated_on: date | None
    today: date

    @property
    def decided_on(self) -> date:
        """The day of the payer's latest decision."""
        decisions = [event.at.date() for event in self.claim.story if event.kind in DECISIONS]
        return max(decisions, default=self.today)


class Turn(Struct, frozen=True):
    """Whose turn it is, for what, and by when."""

    sentence: str
    tone: str
    owner: str
    next_action: str
    due_on: date | None


def by_work(status: str, work: Sequence[WorkView], today: date) -> Standing:
    """Read the standing off the most urgent open work."""
    first, others = work[0], len(work) - 1
    more = f" (and {others} more {'thing' if others == 1 else 'things'} to do)" if others else ""
    urgent = first.due_on < today or status in ("denied", "rejected")
    return Standing(
        sentence=f"{first.reason.rstrip('.')}{more}.",
        tone="bad" if urgent else "warn",
        owner=US,
        owner_id=first.owner_id,
        next_action=first.next_action,
        due_on=first.due_on,
        is_overdue=first.due_on < today,
        repeats=first.repeats,
    )


def by_status(facts: Facts) -> Standing:
    """Read the standing off the status and the money, when no work is open."""
    turn = BY_STATUS[facts.claim.status](facts)
    return Standing(
        sentence=turn.sentence,
        tone=turn.tone,
        owner=turn.owner,
        owner_id=None,
        next_action=turn.next_action,
        due_on=turn.due_on,
        is_overdue=turn.due_on is not None and turn.due_on < facts.today,
        repeats=0,
    )


def _held(facts: Facts) -> Turn:
    action = "Fix what the check names, then check again"
    return Turn("A check found something that must be fixed first.", "warn", US, action, facts.file_by)


def _ready(facts: Facts) -> Turn:
    said = "Every check passed, and nobody has submitted it yet."
    return Turn(said, "info", US, "Submit the claim", facts.file_by)


def _queued(facts: Facts) -> Turn:
    said = "It is submitted and goes out with the next file."
    return Turn(said, "info", PRODUCT, "Write the file", facts.file_by)


def _written(facts: Facts) -> Turn:
    said = "It is written to a file that is on its way to the clearinghouse."
    return Turn(said, "info", PRODUCT, "Hand the file over", facts.file_by)


def _sent(facts: Facts) -> Turn:
    by = facts.sent_on + ACKNOWLEDGED_IN
    said = "It was sent, and nothing has come back yet."
    return Turn(said, "info", CLEARINGHOUSE, "Acknowledge the file (999)", by)


def _received(facts: Facts) -> Turn:
    payer, by = facts.claim.payer_name, facts.sent_on + ACKNOWLEDGED_IN
    said = f"The clearinghouse took the file in; {payer} has not said yet whether it takes the claim."
    return Turn(said, "info", payer, "Accept or reject the claim (277CA)", by)


def _accepted(facts: Facts) -> Turn:
    payer, by = facts.claim.payer_name, facts.sent_on + DECIDED_IN
    said = f"{payer} accepted the claim and has not decided yet."
    return Turn(said, "info", payer, "Decide and pay (835)", by)


def _rejected(facts: Facts) -> Turn:
    said = "It was rejected before anybody decided about it."
    return Turn(said, "bad", US, "Correct it and send it again", facts.file_by)


def _voided(_facts: Facts) -> Turn:
    return Turn("It was voided; nothing is asked for any more.", "idle", NOBODY, "Nothing", None)


def _decided(facts: Facts) -> Turn:
    """A decided claim stands where its open money stands."""
    payer, split, by = facts.claim.payer_name, facts.split, facts.decided_on + FOLLOWED_UP_IN
    if split.insurer_open_cents:
        said = f"{payer} decided and left {dollars(split.insurer_open_cents)} that nobody else owes."
        return Turn(said, "warn", US, "Ask the payer for the rest, or write it off by name", by)
    if split.patient_not_due_cents:
        left = dollars(split.patient_not_due_cents)
        said = f"{left} waits for another payer's answer before the patient can owe it."
        return Turn(said, "info", US, "Ask the next payer", by)
    if split.patient_due_cents:
        return _patients_turn(facts)
    return Turn("Everything is settled: nothing is open on any line.", "good", NOBODY, "Nothing", None)


def _patients_turn(facts: Facts) -> Turn:
    left = dollars(facts.split.patient_due_cents)
    said = f"{facts.claim.payer_name} is done; {left} is due from the patient."
    if facts.stated_on is None:
        by = facts.decided_on + FOLLOWED_UP_IN
        return Turn(said, "info", US, "Issue a statement to whoever pays for the patient", by)
    by = facts.stated_on + PAID_IN
    return Turn(said, "info", "whoever pays for the patient", "Pay by the statement's link", by)


BY_STATUS: dict[str, Callable[[Facts], Turn]] = {
    "held": _held,
    "ready": _ready,
    "queued": _queued,
    "written": _written,
    "sent": _sent,
    "received": _received,
    "accepted": _accepted,
    "rejected": _rejected,
    "voided": _voided,
    "paid": _decided,
    "denied": _decided,
}
