"""Registering who is treated, once per source system and id, with a guarantor from the first day."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct
from msgspec.structs import asdict
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.patients.models import Guarantee, Party, Patient
from tenants.errors import Conflict, Invalid
from tenants.ids import new_id

Named = Annotated[str, Meta(min_length=1, max_length=200)]
WHOLE = 10_000


class PatientKnownOtherwise(Conflict):
    """The source id belongs to a patient with another birth date: two people under one number."""

    code = "patient_known_otherwise"


class NewPatient(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who is treated; `source_system` and `source_id` make the same person register once."""

    given_name: Named
    family_name: Named
    birth_on: date
    sex: Literal["F", "M", "U"]
    street: Named
    city: Named
    state: Annotated[str, Meta(pattern="^[A-Z]{2}$")]
    zip_code: Annotated[str, Meta(pattern="^[0-9]{5}([0-9]{4})?$")]
    phone: str | None = None
    email: str | None = None
    source_system: Named
    source_id: Named


async def register_patient(
    session: AsyncSession, practice_id: UUID, given: NewPatient, *, now: datetime, today: date
) -> UUID:
    """Register a patient, or bring the known one of this source id up to date; returns the patient's id.

    A new patient owes alone (one guarantee of the whole) until guarantors are named. Raises Invalid for a
    birth date to come, PatientKnownOtherwise for another birth date under a known source id.
    """
    if given.birth_on > today:
        raise Invalid("the birth date is to come", pointer="/birth_on")
    values = asdict(given) | {"name_key": name_key(given.family_name, given.given_name)}
    known = await _known(session, practice_id, given)
    if known is None:
        return await _register(session, practice_id, values, now)
    if known.birth_on != given.birth_on:
        raise PatientKnownOtherwise("the source id belongs to somebody else", pointer="/source_id")
    for name, value in values.items():
        setattr(known, name, value)
    await session.flush()
    return known.id


def name_key(family_name: str, given_name: str) -> str:
    """The lower-case key by which patients are searched by prefix."""
    return f"{family_name} {given_name}".lower()


async def _known(session: AsyncSession, practice_id: UUID, given: NewPatient) -> Patient | None:
    mine = (Patient.practice_id == practice_id, Patient.source_system == given.source_system)
    same = select(Patient).where(*mine, Patient.source_id == given.source_id)
    return (await session.execute(same)).scalar_one_or_none()


async def _register(
    session: AsyncSession, practice_id: UUID, values: dict[str, object], now: datetime
) -> UUID:
    patient = Patient(practice_id=practice_id, id=new_id(), created_at=now, **values)
    session.add(patient)
    await session.flush()
    party = _own_party(patient)
    session.add(party)
    await session.flush()
    owes = {"patient_id": patient.id, "party_id": party.id, "share_basis_points": WHOLE, "apart": False}
    session.add(
        Guarantee(practice_id=practice_id, id=new_id(), starts_on=patient.birth_on, ends_on=None, **owes)
    )
    await session.flush()
    return patient.id


def _own_party(patient: Patient) -> Party:
    return Party(
        practice_id=patient.practice_id,
        id=new_id(),
        kind="person",
        name=f"{patient.given_name} {patient.family_name}",
        birth_on=patient.birth_on,
        street=patient.street,
        city=patient.city,
        state=patient.state,
        zip_code=patient.zip_code,
        email=patient.email,
        phone=patient.phone,
    )
