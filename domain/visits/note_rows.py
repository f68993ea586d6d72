"""An arriving note as rows: the visit's columns and those of its procedures."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from domain.visits.documentation import attested
from domain.visits.models import Visit, VisitService
from domain.visits.notes import NewService, NewVisit
from tenants.ids import new_id

KEPT = ("case_id", "patient_id", "provider_id", "location_id", "discipline", "starts_at", "ends_at")
SIGNED = ("signed_at", "signed_by", "unit_choices", "source_system", "source_id", "source_version")
EVIDENCE = (
    "telehealth",
    "patient_at_home",
    "patient_state",
    "supervisor_id",
    "cosigned_at",
    "cosigned_by",
    "benefit",
    "total_timed_minutes",
    "total_minutes",
)
EVIDENCE_OF_SERVICE = (
    "code",
    "minutes",
    "starts_at",
    "ends_at",
    "assistant_id",
    "assistant_minutes",
    "joint_minutes",
    "patients_at_once",
    "body_site",
    "separate_encounter",
    "notice",
    "decision_making",
    "days_with_data",
)


def visit_values(practice_id: UUID, given: NewVisit, on: date, now: datetime) -> dict[str, Any]:
    """A visit's columns as its note has them; of the note's text only a sketch."""
    named = {name: getattr(given, name) for name in (*KEPT, *SIGNED, *EVIDENCE)}
    named |= {"date_of_service": on, "content_sha256": given.content_sha256, "recorded_at": now}
    named["signatures"] = msgspec.to_builtins(given.signatures)
    named |= attested(given.documentation, practice_id)
    return named


def service_row(visit: Visit, ordinal: int, given: NewService) -> VisitService:
    """A procedure of a visit as its note has it."""
    return VisitService(
        practice_id=visit.practice_id,
        id=new_id(),
        visit_id=visit.id,
        ordinal=ordinal,
        units_in_note=given.units,
        modifiers_in_note=list(given.modifiers_in_note),
        **{name: getattr(given, name) for name in EVIDENCE_OF_SERVICE},
    )
