"""The documented session as it arrives: who treated whom, when, with which procedures and evidence."""

import hashlib
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from billing_rules.therapy.claim_facts import Benefit, DecisionMaking, Notice, Telehealth
from billing_rules.therapy.code_table import Discipline
from domain.scheduling.booking import Instant, Source

Minutes = Annotated[int, Meta(ge=0, le=1440)]
Modifier = Annotated[str, Meta(pattern="^[0-9A-Z]{2}$")]
Diagnosis = Annotated[str, Meta(min_length=1, max_length=10)]
SignerRole = Literal["clinician", "caregiver", "supervisor", "patient"]


class NewSignature(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who else put a name under the session, and when; the clinician's own is `signed_by` of the note."""

    role: SignerRole
    name: Annotated[str, Meta(min_length=1, max_length=200)]
    signed_at: Instant


class NewService(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One procedure as the note states it; minutes are needed where they decide, units only if named.

    `assistant_minutes` are those an assistant worked alone, `joint_minutes` those with the therapist: both
    are part of `minutes`. `modifiers_in_note` are what the source proposes, never taken over unseen.
    """

    code: str
    minutes: int | None = None
    units: int | None = None
    starts_at: Instant | None = None
    ends_at: Instant | None = None
    assistant_id: UUID | None = None
    assistant_minutes: Minutes = 0
    joint_minutes: Minutes = 0
    patients_at_once: Annotated[int, Meta(ge=1, le=100)] = 1
    body_site: Annotated[str, Meta(min_length=1, max_length=100)] | None = None
    separate_encounter: bool = False
    notice: Notice = "none"
    decision_making: DecisionMaking | None = None
    days_with_data: Annotated[int, Meta(ge=0, le=30)] | None = None
    modifiers_in_note: Annotated[tuple[Modifier, ...], Meta(max_length=4)] = ()


class NewDocumentation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the signer attests that the note says, by checklist item, and the note itself only if wanted.

    Of `note_text` nothing is kept but hashes of its shingles; `diagnoses` are those the session treated.
    """

    items: dict[str, Annotated[str, Meta(max_length=2000)] | bool] = {}
    session_type: Annotated[str, Meta(min_length=1, max_length=100)] | None = None
    purpose: Annotated[str, Meta(min_length=1, max_length=1000)] | None = None
    diagnoses: Annotated[tuple[Diagnosis, ...], Meta(max_length=40)] = ()
    note_text: Annotated[str, Meta(max_length=200_000)] | None = None


class NewVisit(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A documented session; its source's id and version are its keys. Without a signature it is held.

    `unit_choices` is the clinician's word where minutes tie: by discipline, the codes that take the unit.
    `total_timed_minutes` and `total_minutes` are the note's own sums, compared and never corrected.
    """

    patient_id: UUID
    case_id: UUID | None = None
    provider_id: UUID
    location_id: UUID
    appointment_id: UUID | None = None
    discipline: Discipline
    starts_at: Instant
    ends_at: Instant
    services: Annotated[list[NewService], Meta(min_length=1, max_length=50)]
    signed_at: Instant | None = None
    signed_by: str | None = None
    unit_choices: dict[str, list[str]] = {}
    source_system: Source
    source_id: Source
    source_version: Source
    telehealth: Telehealth = "none"
    patient_at_home: bool = False
    patient_state: Annotated[str, Meta(pattern="^[A-Z]{2}$")] | None = None
    supervisor_id: UUID | None = None
    cosigned_at: Instant | None = None
    cosigned_by: Annotated[str, Meta(min_length=1, max_length=200)] | None = None
    benefit: Benefit | None = None
    total_timed_minutes: Minutes | None = None
    total_minutes: Minutes | None = None
    signatures: Annotated[tuple[NewSignature, ...], Meta(max_length=20)] = ()
    documentation: NewDocumentation | None = None

    @property
    def content_sha256(self) -> str:
        """The fingerprint of everything but the version: the same note, sent again, has the same.

        What a source does not send stays out of it, so a note recorded before a field existed keeps its own.
        """
        content = msgspec.structs.replace(self, source_version="")
        told: dict[str, Any] = msgspec.to_builtins(content, order="deterministic")
        told = _without_silence(told, _LATER_OF_VISIT)
        told["services"] = [_without_silence(s, _LATER_OF_SERVICE) for s in told["services"]]
        return hashlib.sha256(msgspec.json.encode(told)).hexdigest()


_OF_OLD = {"code", "minutes", "units"}
_LATER_OF_SERVICE: dict[str, Any] = {
    name: value for name, value in msgspec.to_builtins(NewService(code="")).items() if name not in _OF_OLD
}
_LATER_OF_VISIT: dict[str, Any] = {
    "telehealth": "none",
    "patient_at_home": False,
    "patient_state": None,
    "supervisor_id": None,
    "cosigned_at": None,
    "cosigned_by": None,
    "benefit": None,
    "total_timed_minutes": None,
    "total_minutes": None,
    "signatures": (),
    "documentation": None,
}


def _without_silence(told: dict[str, Any], silent: dict[str, Any]) -> dict[str, Any]:
    """The fields without those that say what saying nothing says."""
    return {name: value for name, value in told.items() if name not in silent or value != silent[name]}
