"""What the note says of a service that is not billed by time: its minutes, and how hard the decision was."""

from msgspec import Struct, convert

from billing_rules.therapy.claim_facts import DecisionMaking
from domain.claims.basis import ClaimBasis


class VisitSaid(Struct, frozen=True, kw_only=True):
    """The note's minutes and decision behind one line; null where it says nothing."""

    minutes: int | None
    decision_making: DecisionMaking | None


def decisions_of(basis: ClaimBasis) -> dict[int, VisitSaid]:
    """By line number, for lines whose charge has no minutes of its own; the first entry of a note counts."""
    untimed = [one for one in basis.behind if one.charge.minutes is None]
    said: dict[int, VisitSaid] = {}
    for one in sorted(untimed, key=lambda one: (one.line.number, one.visit.id)):
        for service in basis.services_of(one):
            told = {"minutes": service.minutes, "decision_making": service.decision_making}
            said.setdefault(one.line.number, convert(told, VisitSaid))
    return said
