"""Who treats, where, and who pays: adding locations, providers and payers."""

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct
from msgspec.structs import asdict
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.therapy.code_table import Discipline
from billing_rules.therapy.identifiers import npi_is_valid
from domain.practices.models import Location, Payer, Provider
from domain.practices.settings import Named, StateCode, ZipCode
from domain.views import require_reference
from tenants.errors import Conflict, Invalid
from tenants.ids import new_id

PayerKind = Literal["commercial", "medicare", "medicaid", "tricare", "va", "workers_compensation", "auto"]


class PayerAlreadyKnown(Conflict):
    """The practice has a payer with this electronic id."""

    code = "payer_already_known"


class NewLocation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A place where the practice treats; without an NPI of its own the practice's stands."""

    name: Named
    npi: str | None = None
    place_of_service: Annotated[str, Meta(pattern="^[0-9]{2}$")]
    street: Named
    city: Named
    state: StateCode
    zip_code: ZipCode


class NewProvider(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A clinician or technician; a technician may have no NPI and bills under the supervisor's."""

    given_name: Named
    family_name: Named
    credential: Named
    disciplines: list[Discipline]
    npi: str | None = None
    taxonomy: str | None = None
    supervisor_id: UUID | None = None
    member_id: UUID | None = None


class NewPayer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who pays; `rule_key` names it in the rule book (`medicare`), its electronic id when left out."""

    name: Named
    kind: PayerKind
    electronic_id: Named
    rule_key: str | None = None
    filing_indicator: Annotated[str, Meta(min_length=2, max_length=2)]
    street: str | None = None
    city: str | None = None
    state: str | None = None
    zip_code: str | None = None


async def add_location(session: AsyncSession, practice_id: UUID, given: NewLocation) -> UUID:
    """Add a place of treatment; raises Invalid for a false NPI."""
    _refuse_false_npi(given.npi)
    location = Location(practice_id=practice_id, id=new_id(), **asdict(given))
    session.add(location)
    await session.flush()
    return location.id


async def add_provider(session: AsyncSession, practice_id: UUID, given: NewProvider) -> UUID:
    """Add a clinician or technician; raises Invalid for a false NPI or an unknown supervisor."""
    _refuse_false_npi(given.npi)
    if not given.disciplines:
        raise Invalid("a provider has at least one discipline", pointer="/disciplines")
    await require_reference(session, Provider, practice_id, given.supervisor_id, "/supervisor_id")
    provider = Provider(practice_id=practice_id, id=new_id(), status="active", **asdict(given))
    session.add(provider)
    await session.flush()
    return provider.id


async def add_payer(session: AsyncSession, practice_id: UUID, given: NewPayer) -> UUID:
    """Add a payer; raises PayerAlreadyKnown for a second one with the same electronic id."""
    same = (Payer.practice_id == practice_id, Payer.electronic_id == given.electronic_id)
    if (await session.execute(select(Payer.id).where(*same))).scalar_one_or_none():
        raise PayerAlreadyKnown("a payer with this electronic id exists", pointer="/electronic_id")
    values = asdict(given) | {"rule_key": given.rule_key or given.electronic_id}
    payer = Payer(practice_id=practice_id, id=new_id(), **values)
    session.add(payer)
    await session.flush()
    return payer.id


def _refuse_false_npi(npi: str | None) -> None:
    if npi is not None and not npi_is_valid(npi):
        raise Invalid("the NPI fails its check digit", pointer="/npi")
