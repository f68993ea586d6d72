"""Cases: the episodes that bind diagnoses, coverages, authorizations and accident data (BC-01)."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct
from msgspec.structs import asdict
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.packs.shipped import standing_shelf
from billing_rules.therapy.diagnosis_codes import billable_under, diagnosis_standing, dotted, how_many_under
from domain.patients.models import Case, CaseDiagnosis, Party, Patient
from domain.patients.registration import Named
from domain.views import lock_row, require_reference
from tenants.audit import note_change
from tenants.errors import Conflict, Invalid
from tenants.ids import new_id

# What an episode may name; a claim carries the first of them, as many as its payer takes.
MOST_DIAGNOSES = 40
Diagnoses = Annotated[list[str], Meta(min_length=1, max_length=MOST_DIAGNOSES)]
CaseKind = Literal["health_plan", "workers_compensation", "auto", "self_pay"]


class CaseAlreadyClosed(Conflict):
    """The case was closed before."""

    code = "case_already_closed"


class DiagnosisIsHeading(Invalid):
    """The diagnosis stands for several codes, of which only the longest are billable (CD-01)."""

    code = "diagnosis_is_heading"


class NewCase(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An episode; diagnoses are ICD-10-CM codes, with or without the dot, in the order of claims."""

    patient_id: UUID
    kind: CaseKind
    title: Named
    opened_on: date
    diagnoses: Diagnoses
    accident_on: date | None = None
    accident_state: str | None = None
    accident_claim_number: str | None = None
    employer_id: UUID | None = None


async def open_case(session: AsyncSession, practice_id: UUID, given: NewCase) -> UUID:
    """Open a case with diagnoses that are billable on its first day.

    Raises DiagnosisIsHeading, and Invalid for an unknown diagnosis or patient, or an accident without date.
    """
    await require_reference(session, Patient, practice_id, given.patient_id, "/patient_id")
    await require_reference(session, Party, practice_id, given.employer_id, "/employer_id")
    if given.kind in ("workers_compensation", "auto") and given.accident_on is None:
        raise Invalid("an accident case needs the date of the accident", pointer="/accident_on")
    codes = _accept_diagnoses(given.diagnoses, given.opened_on)
    values = {name: value for name, value in asdict(given).items() if name != "diagnoses"}
    case = Case(practice_id=practice_id, id=new_id(), **values)
    session.add(case)
    await session.flush()
    await _write_diagnoses(session, practice_id, case.id, codes)
    return case.id


async def amend_diagnoses(
    session: AsyncSession, practice_id: UUID, case_id: UUID, diagnoses: list[str], on: date
) -> None:
    """Replace the diagnoses of a case by codes that are billable on a day, in the order of claims.

    Claims keep what their versions froze; one that is not sent takes the new codes when it is checked
    again. Raises NotFound, DiagnosisIsHeading, Invalid.
    """
    await lock_row(session, Case, practice_id, case_id)
    codes = _accept_diagnoses(diagnoses, on)
    mine = (CaseDiagnosis.practice_id == practice_id, CaseDiagnosis.case_id == case_id)
    gone = (await session.execute(select(CaseDiagnosis.id).where(*mine))).scalars().all()
    await session.execute(delete(CaseDiagnosis).where(*mine))
    for row_id in gone:
        note_change(session, "delete", "case_diagnoses", row_id)
    await _write_diagnoses(session, practice_id, case_id, codes)


async def _write_diagnoses(session: AsyncSession, practice_id: UUID, case_id: UUID, codes: list[str]) -> None:
    session.add_all(
        CaseDiagnosis(practice_id=practice_id, id=new_id(), case_id=case_id, ordinal=ordinal, code=code)
        for ordinal, code in enumerate(codes, 1)
    )
    await session.flush()


async def close_case(session: AsyncSession, practice_id: UUID, case_id: UUID, closed_on: date) -> None:
    """Close a case on its last day; raises CaseAlreadyClosed, or Invalid for a day before it opened."""
    case = await lock_row(session, Case, practice_id, case_id)
    if case.closed_on is not None:
        raise CaseAlreadyClosed(f"case {case_id} is closed")
    if closed_on < case.opened_on:
        raise Invalid("it closes before it opens", pointer="/closed_on")
    case.closed_on = closed_on
    await session.flush()


def _accept_diagnoses(given: list[str], on: date) -> list[str]:
    codes = [code.replace(".", "").upper() for code in given]
    for at, code in enumerate(codes):
        standing = diagnosis_standing(code, on)
        if standing in ("malformed", "unknown"):
            raise Invalid("the diagnosis code is not known", pointer=f"/diagnoses/{at}")
        if standing == "not_specific":
            raise _is_heading(code, on, f"/diagnoses/{at}")
    if len(set(codes)) != len(codes):
        raise Invalid("a diagnosis stands twice", pointer="/diagnoses")
    return codes


def _is_heading(code: str, on: date, pointer: str) -> DiagnosisIsHeading:
    shelf = standing_shelf()
    choices = tuple(dotted(row.code) for row in billable_under(code, on, shelf))
    in_all = how_many_under(code, on, shelf)
    reason = f"the diagnosis is a heading: {len(choices)} of the {in_all} billable codes under it are named"
    return DiagnosisIsHeading(reason, pointer=pointer, choices=choices)
