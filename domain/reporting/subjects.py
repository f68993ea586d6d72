"""What a row of work is about: whose claim, session, appointment, coverage, statement or payment."""

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Row, Select, select, tuple_

from domain.claims.models import Claim
from domain.patient_billing.models import Payment, Statement
from domain.patients.models import Coverage, Party, Patient
from domain.practices.models import Payer
from domain.remittances.models import Remittance, RemittanceClaim
from domain.scheduling.models import Appointment
from domain.visits.models import Visit
from tenants.snapshot import Snapshot

Key = tuple[UUID, str, UUID]
AnyRow = Row[*tuple[Any, ...]]
AnySelect = Select[*tuple[Any, ...]]


class Subject(Struct, frozen=True, kw_only=True):
    """What work is about, in words, and where it is read: the kind of page with its id, or no page."""

    title: str
    detail: str
    opens: str
    opens_id: UUID


PLAIN = {"check": "A finding that repeats"}
"""Kinds of subject without a page whose own name says too little."""


def subject_of(subjects: dict[Key, Subject], key: Key) -> Subject:
    """The subject as it was found, or its kind's plain name when it has no page."""
    plain = PLAIN.get(key[1]) or key[1].replace("_", " ").capitalize()
    return subjects.get(key) or Subject(title=plain, detail="", opens="", opens_id=key[2])


async def subjects(snapshot: Snapshot, keys: Iterable[Key]) -> dict[Key, Subject]:
    """The subjects by practice, kind and id; one statement a kind. Patients are noted for the audit."""
    by_kind: dict[str, list[tuple[UUID, UUID]]] = {}
    for practice_id, kind, subject_id in keys:
        by_kind.setdefault(kind, []).append((practice_id, subject_id))
    found: dict[Key, Subject] = {}
    for kind, ids in by_kind.items():
        if kind not in READERS:
            continue
        model, wanted, say = READERS[kind]
        named = wanted.where(tuple_(model.practice_id, model.id).in_(ids))
        for row in await snapshot.rows(named):
            found[row.practice_id, kind, row.id] = say(row)
            patient_id = getattr(row, "patient_id", None)
            if patient_id is not None:
                snapshot.note_patients(row.practice_id, patient_id)
    return found


def _of_patient(model: Any, *also: Any) -> AnySelect:
    person = (model.practice_id, model.id, model.patient_id, Patient.given_name, Patient.family_name)
    named = (Patient.practice_id == model.practice_id) & (Patient.id == model.patient_id)
    return select(*person, *also).join(Patient, named)


def _with_payer(wanted: AnySelect, model: Any) -> AnySelect:
    return wanted.join(Payer, (Payer.practice_id == model.practice_id) & (Payer.id == model.payer_id))


def _of_party(model: Any) -> AnySelect:
    owed = (Party.practice_id == model.practice_id) & (Party.id == model.party_id)
    return select(model.practice_id, model.id, model.party_id, Party.name).join(Party, owed)


def _person(row: AnyRow) -> str:
    return f"{row.given_name} {row.family_name}"


def _claim(row: AnyRow) -> Subject:
    detail = f"Claim {row.control_number}, {row.payer_name}"
    return Subject(title=_person(row), detail=detail, opens="claims", opens_id=row.id)


def _visit(row: AnyRow) -> Subject:
    detail = f"Session on {row.date_of_service:%-d %b %Y}"
    return Subject(title=_person(row), detail=detail, opens="visits", opens_id=row.id)


def _appointment(row: AnyRow) -> Subject:
    detail = f"Appointment on {row.service_on:%-d %b %Y}"
    return Subject(title=_person(row), detail=detail, opens="patients", opens_id=row.patient_id)


def _coverage(row: AnyRow) -> Subject:
    detail = f"Coverage by {row.payer_name}"
    return Subject(title=_person(row), detail=detail, opens="patients", opens_id=row.patient_id)


def _statement(row: AnyRow) -> Subject:
    return Subject(title=row.name, detail="Statement", opens="parties", opens_id=row.party_id)


def _payment(row: AnyRow) -> Subject:
    return Subject(title=row.name, detail="Card payment", opens="parties", opens_id=row.party_id)


def _remittance(row: AnyRow) -> Subject:
    detail = f"Remittance {row.trace_number}"
    return Subject(title=row.payer_name, detail=detail, opens="remittances", opens_id=row.id)


def _remitted(row: AnyRow) -> Subject:
    title = f"Claim number {row.claim_control_number}"
    detail = "as the payer names it in a remittance"
    return Subject(title=title, detail=detail, opens="remittances", opens_id=row.remittance_id)


_PAYER_NAME = Payer.name.label("payer_name")
_REMITTANCE = (Remittance.practice_id, Remittance.id, Remittance.payer_name, Remittance.trace_number)
_REMITTED = (
    RemittanceClaim.practice_id,
    RemittanceClaim.id,
    RemittanceClaim.remittance_id,
    RemittanceClaim.claim_control_number,
)
READERS: dict[str, tuple[Any, AnySelect, Callable[[AnyRow], Subject]]] = {
    "claim": (Claim, _with_payer(_of_patient(Claim, Claim.control_number, _PAYER_NAME), Claim), _claim),
    "visit": (Visit, _of_patient(Visit, Visit.date_of_service), _visit),
    "appointment": (Appointment, _of_patient(Appointment, Appointment.service_on), _appointment),
    "coverage": (Coverage, _with_payer(_of_patient(Coverage, _PAYER_NAME), Coverage), _coverage),
    "statement": (Statement, _of_party(Statement), _statement),
    "payment": (Payment, _of_party(Payment), _payment),
    "remittance": (Remittance, select(*_REMITTANCE), _remittance),
    "remittance_claim": (RemittanceClaim, select(*_REMITTED), _remitted),
}
