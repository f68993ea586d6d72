"""What each line of a claim says: its code and units, the minutes and the approval behind it."""

from uuid import UUID

from domain.claims.basis import ClaimBasis
from domain.claims.content import LineContent

MOST_POINTERS = 4


def line_contents(basis: ClaimBasis, diagnoses: int) -> tuple[LineContent, ...]:
    """The claim's lines, each pointing to the first of so many diagnoses."""
    minutes = _minutes(basis)
    numbers = {authorization.id: authorization.number for authorization, _ in basis.approvals}
    pointers = tuple(range(1, min(diagnoses, MOST_POINTERS) + 1))
    return tuple(
        LineContent(
            number=line.number,
            line_control=line.line_control,
            code=line.code,
            modifiers=tuple(line.modifiers),
            units=line.units,
            minutes=minutes.get(line.id),
            charge_cents=line.charge_cents,
            served_on=line.date_of_service,
            place_of_service=line.place_of_service,
            pointers=pointers,
            authorization_number=numbers[line.authorization_id] if line.authorization_id else None,
        )
        for line in basis.lines
    )


def _minutes(basis: ClaimBasis) -> dict[UUID, int]:
    """The documented minutes behind each line."""
    summed: dict[UUID, int] = {}
    for line, charge, _ in basis.behind:
        if charge.minutes is not None:
            summed[line.id] = summed.get(line.id, 0) + charge.minutes
    return summed
