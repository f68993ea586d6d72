"""Which charges are open, and everything that decides on which claim they belong."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.allowances.drawing import authorizations_of_lines
from domain.claims.basis import Behind
from domain.claims.grouping import Chargeable
from domain.claims.models import Claim
from domain.practices.models import Location, Provider
from domain.visits.models import ChargeLine, Visit


class OpenCharges(NamedTuple):
    """Open charges, and the sessions that they are of by their ids."""

    charges: list[Chargeable]
    visits: dict[UUID, Visit]


async def open_charges(session: AsyncSession, practice_id: UUID, visit_ids: Sequence[UUID]) -> OpenCharges:
    """The open charges of charged visits, each with the clinician who renders for the payer.

    A technician without an NPI is rendered by the supervisor.
    """
    wanted = (
        select(ChargeLine, Visit, Provider.npi, Provider.supervisor_id, Location.place_of_service)
        .join(Visit, (Visit.practice_id == ChargeLine.practice_id) & (Visit.id == ChargeLine.visit_id))
        .join(Provider, (Provider.practice_id == Visit.practice_id) & (Provider.id == Visit.provider_id))
        .join(Location, (Location.practice_id == Visit.practice_id) & (Location.id == Visit.location_id))
        .where(
            ChargeLine.practice_id == practice_id,
            ChargeLine.visit_id.in_(visit_ids),
            ChargeLine.status == "open",
            Visit.status == "charged",
        )
        .order_by(ChargeLine.id)
        .with_for_update(of=ChargeLine)
    )
    rows = list(await session.execute(wanted))
    charges = [
        _chargeable(line, visit, npi, supervisor, place) for line, visit, npi, supervisor, place in rows
    ]
    return OpenCharges(charges, {visit.id: visit for _, visit, _, _, _ in rows})


def _chargeable(
    line: ChargeLine, visit: Visit, npi: str | None, supervisor_id: UUID | None, place: str
) -> Chargeable:
    assert visit.case_id is not None  # a visit without a case is held, never charged
    return Chargeable(
        charge_line_id=line.id,
        visit_id=visit.id,
        case_id=visit.case_id,
        rendering_provider_id=visit.provider_id if npi or supervisor_id is None else supervisor_id,
        location_id=visit.location_id,
        place_of_service=place,
        discipline=visit.discipline,
        served_on=visit.date_of_service,
        started=visit.starts_at.isoformat(),
        code=line.code,
        modifiers=tuple(line.modifiers),
        units=line.units,
        minutes=line.minutes,
        charge_cents=line.charge_cents,
        authorization_id=None,
        telehealth=visit.telehealth,
        patient_at_home=visit.patient_at_home,
    )


async def refresh_authorizations(session: AsyncSession, claim: Claim, behind: Sequence[Behind]) -> None:
    """Let the claim's lines draw on what the allowances chose since, as for an authorization dated back."""
    visits = sorted({one.visit.id for one in behind})
    chosen = await authorizations_of_lines(session, claim.practice_id, visits, [claim.coverage_id])
    for line, _, visit in behind:
        found = chosen.get((visit.id, line.code, claim.coverage_id))
        if found is not None:
            line.authorization_id = found[0]
    await session.flush()
