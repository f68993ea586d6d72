"""Codes of an arriving note that are not valid on its day: recorded, flagged and kept from charge entry.

A favourite list or template outlives the codes on it; the session took place all the same (EHR-10, PROB-12).
"""

from collections.abc import Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.findings import Finding, finding
from billing_rules.packs import Shelf
from billing_rules.therapy.code_table import code_on
from billing_rules.therapy.diagnosis_codes import billable_evidence, diagnosis_standing, list_of
from domain.allowances.payers import PayersOn
from domain.patients.models import CaseDiagnosis
from domain.visits.models import Visit, VisitService

WORDS = {"malformed": "is no code", "unknown": "is not valid", "not_specific": "is not specific enough"}
"""What is wrong with a diagnosis; one that no loaded list covers is nobody's fault."""


async def stale_codes(
    session: AsyncSession, visit: Visit, services: Sequence[VisitService], payers: PayersOn
) -> list[Finding]:
    """The procedures of the note, its diagnoses and those of its case that are not in force on the day."""
    return [
        *_procedures(visit, services, payers.book.shelf),
        *_diagnoses(await _of_case(session, visit), "case", payers),
        *_diagnoses((visit.documentation or {}).get("diagnoses", ()), "note", payers),
    ]


def _procedures(visit: Visit, services: Sequence[VisitService], shelf: Shelf) -> Iterator[Finding]:
    for at, service in enumerate(services):
        row = code_on(service.code, visit.date_of_service, shelf)
        if row is None or not row.is_valid_on(visit.date_of_service):
            yield finding(
                "documentation.stale_procedure",
                "blocks",
                f"/services/{at}/code",
                f"{service.code} is not valid on {visit.date_of_service}",
                fix="Ask the clinician which code describes what was done.",
                source="The code's dates in the procedure code table",
                code=service.code,
                starts_on=row.starts_on if row else None,
                ends_on=row.ends_on if row else None,
            )


def _diagnoses(codes: Sequence[str], where: str, payers: PayersOn) -> Iterator[Finding]:
    """The message names no diagnosis: it stands on lists that are not about health."""
    for at, code in enumerate(codes, 1):
        shelf = payers.book.shelf
        standing = diagnosis_standing(code.upper(), payers.on, shelf)
        if standing in WORDS:
            children = billable_evidence(code, payers.on, shelf) if standing == "not_specific" else {}
            yield finding(
                "documentation.stale_diagnosis",
                "blocks",
                "/case_id" if where == "case" else f"/documentation/diagnoses/{at - 1}",
                f"diagnosis {at} of the {where} {WORDS[standing]} on {payers.on}",
                fix="Ask the clinician for the diagnosis in force on the day, and correct the case.",
                source=list_of(payers.on, shelf),
                by=None,
                correction=None,
                **({"code": code} | children),
            )


async def _of_case(session: AsyncSession, visit: Visit) -> Sequence[str]:
    mine = (CaseDiagnosis.practice_id == visit.practice_id, CaseDiagnosis.case_id == visit.case_id)
    listed = select(CaseDiagnosis.code).where(*mine).order_by(CaseDiagnosis.ordinal)
    return (await session.execute(listed)).scalars().all()
