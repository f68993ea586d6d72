"""Patients, cases and parties as screens and reports read them."""

from datetime import date
from uuid import UUID

from msgspec import Struct
from msgspec.structs import asdict
from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.patients.models import Case, CaseDiagnosis, Party, Patient
from domain.views import read_view, read_views
from tenants.audit import note_patients
from tenants.errors import NotFound

MOST_PATIENTS = 200


class PatientView(Struct, frozen=True, kw_only=True):
    """A person in treatment."""

    id: UUID
    given_name: str
    family_name: str
    birth_on: date
    sex: str
    street: str
    city: str
    state: str
    zip_code: str
    phone: str | None
    email: str | None
    source_system: str
    source_id: str


class CaseRow(Struct, frozen=True, kw_only=True):
    """A case without its diagnoses."""

    id: UUID
    patient_id: UUID
    kind: str
    title: str
    opened_on: date
    closed_on: date | None
    accident_on: date | None
    accident_state: str | None
    accident_claim_number: str | None
    employer_id: UUID | None


class CaseView(CaseRow, frozen=True, kw_only=True):
    """A case with its diagnoses in the order of claims."""

    diagnoses: list[str]


class PartyView(Struct, frozen=True, kw_only=True):
    """Who can owe."""

    id: UUID
    kind: str
    name: str
    birth_on: date | None
    street: str
    city: str
    state: str
    zip_code: str
    email: str | None
    phone: str | None


async def patient(session: AsyncSession, practice_id: UUID, patient_id: UUID) -> PatientView:
    """One patient; noted for the audit. Raises NotFound."""
    found = await read_view(session, PatientView, Patient, practice_id, patient_id)
    note_patients(session, found.id)
    return found


async def patients(
    session: AsyncSession, practice_id: UUID, *, name: str = "", source_id: str | None = None, limit: int = 50
) -> list[PatientView]:
    """Patients by the beginning of the family name, or by their id in the source; noted for the audit."""
    where = [Patient.practice_id == practice_id]
    if name:
        key = name.lower()
        where += [Patient.name_key >= key, Patient.name_key < key + "\U0010ffff"]
    if source_id is not None:
        where.append(Patient.source_id == source_id)
    order = [Patient.name_key, Patient.id]
    most = min(limit, MOST_PATIENTS)
    found = await read_views(session, PatientView, Patient, *where, order=order, limit=most)
    note_patients(session, *(row.id for row in found))
    return found


async def case(session: AsyncSession, practice_id: UUID, case_id: UUID) -> CaseView:
    """One case with its diagnoses; raises NotFound."""
    found = await _cases(session, practice_id, Case.id == case_id)
    if not found:
        raise NotFound(f"no case {case_id}")
    return found[0]


async def cases_of(session: AsyncSession, practice_id: UUID, patient_id: UUID) -> list[CaseView]:
    """A patient's cases, the latest first."""
    return await _cases(session, practice_id, Case.patient_id == patient_id)


async def party(session: AsyncSession, practice_id: UUID, party_id: UUID) -> PartyView:
    """One party; raises NotFound."""
    return await read_view(session, PartyView, Party, practice_id, party_id)


async def _cases(session: AsyncSession, practice_id: UUID, *where: ColumnElement[bool]) -> list[CaseView]:
    mine = Case.practice_id == practice_id
    rows = await read_views(session, CaseRow, Case, mine, *where, order=[Case.opened_on.desc(), Case.id])
    coded = (
        select(CaseDiagnosis.case_id, CaseDiagnosis.code)
        .where(CaseDiagnosis.practice_id == practice_id, CaseDiagnosis.case_id.in_([r.id for r in rows]))
        .order_by(CaseDiagnosis.case_id, CaseDiagnosis.ordinal)
    )
    codes: dict[UUID, list[str]] = {row.id: [] for row in rows}
    for case_id, code in await session.execute(coded):
        codes[case_id].append(code)
    note_patients(session, *(row.patient_id for row in rows))
    return [CaseView(**asdict(row), diagnoses=codes[row.id]) for row in rows]
