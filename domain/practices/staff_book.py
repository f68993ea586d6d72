"""The staff of a practice as it was on a date of service, read once and asked often."""

from collections.abc import Collection
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from msgspec import Struct
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.days import within
from billing_rules.therapy.facts.staffing import Standing
from domain.practices.credential_models import (
    ProviderAbsence,
    ProviderCredential,
    ProviderLicence,
    SupervisionAssignment,
)
from domain.practices.models import Provider
from tenants.columns import PracticeOwned

_Row = TypeVar("_Row", bound=PracticeOwned)


class Entitled(Struct, frozen=True, kw_only=True):
    """The credential held on a date; without a history it is the provider's own, its standing unknown."""

    credential: str
    standing: Standing | None


class StaffBook(Struct, frozen=True, kw_only=True):
    """Some providers and their supervisors, with everything dated that is recorded of them."""

    providers: dict[UUID, Provider]
    credentials: tuple[ProviderCredential, ...]
    licences: tuple[ProviderLicence, ...]
    assignments: tuple[SupervisionAssignment, ...]
    absences: tuple[ProviderAbsence, ...]

    def entitled(self, provider_id: UUID, on: date, state: str | None) -> Entitled:
        """The credential on a date, that of the state first."""
        held = [c for c in self.credentials if c.provider_id == provider_id and _within(c, on)]
        if not held:
            return Entitled(credential=self.providers[provider_id].credential, standing=None)
        best = max(held, key=lambda c: (c.state == state, c.starts_on))
        return Entitled(credential=best.credential, standing=best.standing)  # type: ignore[arg-type]

    def supervisor(self, provider_id: UUID, on: date, named: UUID | None = None) -> UUID | None:
        """Whom the note names, or who is assigned on the date (who is there first), or the standing one."""
        if named is not None:
            return named
        mine = [a for a in self.assignments if a.supervisee_id == provider_id and _within(a, on)]
        if mine:
            best = max(mine, key=lambda a: (self.is_available(a.supervisor_id, on), a.starts_on, a.id))
            return best.supervisor_id
        return self.providers[provider_id].supervisor_id

    def is_available(self, provider_id: UUID, on: date) -> bool:
        """Whether a supervisor still works here and was not away on the date."""
        provider = self.providers.get(provider_id)
        if provider is None or provider.status != "active":
            return False
        return not any(a.provider_id == provider_id and _within(a, on) for a in self.absences)

    def licences_of(self, provider_id: UUID) -> list[ProviderLicence]:
        """Every licence, privilege and certification of a provider."""
        return [licence for licence in self.licences if licence.provider_id == provider_id]


async def staff_book(
    session: AsyncSession, practice_id: UUID, provider_ids: Collection[UUID], named: Collection[UUID] = ()
) -> StaffBook:
    """Read what is recorded of providers, of whoever supervises them, and of those named as supervisors."""
    assigned = await _rows(session, practice_id, SupervisionAssignment, "supervisee_id", provider_ids)
    known = {*provider_ids, *named, *(a.supervisor_id for a in assigned)}
    standing = select(Provider.supervisor_id).where(
        Provider.practice_id == practice_id, Provider.id.in_(provider_ids)
    )
    mine = or_(Provider.id.in_(known), Provider.id.in_(standing))
    listed = select(Provider).where(Provider.practice_id == practice_id, mine).order_by(Provider.id)
    providers = {p.id: p for p in (await session.execute(listed)).scalars()}
    return StaffBook(
        providers=providers,
        credentials=await _rows(session, practice_id, ProviderCredential, "provider_id", providers),
        licences=await _rows(session, practice_id, ProviderLicence, "provider_id", providers),
        assignments=assigned,
        absences=await _rows(session, practice_id, ProviderAbsence, "provider_id", providers),
    )


async def _rows(
    session: AsyncSession, practice_id: UUID, model: type[_Row], column: str, ids: Collection[UUID]
) -> tuple[_Row, ...]:
    mine = select(model).where(model.practice_id == practice_id, getattr(model, column).in_(ids))
    return tuple((await session.execute(mine.order_by(model.id))).scalars())


def _within(row: Any, on: date) -> bool:
    return within(on, row.starts_on, row.ends_on)
