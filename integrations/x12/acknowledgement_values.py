"""What a 999 and a 277CA say about the claims that we sent."""

from datetime import date
from typing import Literal

import msgspec

Outcome = Literal["accepted", "forwarded", "received", "not_found", "unknown", "rejected"]


class ElementError(msgspec.Struct, frozen=True, kw_only=True):
    """IK4: `element` and `component` count from 1; component 0 means the whole element."""

    element: int
    component: int
    reference: str
    code: str
    bad_value: str
    contexts: tuple[str, ...]


class SegmentError(msgspec.Struct, frozen=True, kw_only=True):
    """IK3: `segment_position` counts from the ST of the transaction that we sent, which is 1."""

    segment_id: str
    segment_position: int
    loop: str
    code: str
    contexts: tuple[str, ...]
    elements: tuple[ElementError, ...]


class TransactionAcknowledgement(msgspec.Struct, frozen=True, kw_only=True):
    """AK2 to IK5: `control_number` is our ST02; `code` is A, E, R, M, W or X."""

    set_id: str
    control_number: str
    implementation: str
    code: str
    error_codes: tuple[str, ...]
    errors: tuple[SegmentError, ...]

    @property
    def accepted(self) -> bool:
        """Whether the transaction went on to be processed."""
        return self.code in {"A", "E"}


class GroupAcknowledgement(msgspec.Struct, frozen=True, kw_only=True):
    """AK1 to AK9: `group_control_number` is our GS06; accepted means syntax only."""

    position: int
    functional_id: str
    group_control_number: str
    version: str
    code: str
    included: int
    received: int
    accepted: int
    error_codes: tuple[str, ...]
    transactions: tuple[TransactionAcknowledgement, ...]


class StatusCode(msgspec.Struct, frozen=True, kw_only=True):
    """A component of STC: category (A0 to A8), status code and the entity that it is about."""

    category: str
    status: str
    entity: str


class StatusInformation(msgspec.Struct, frozen=True, kw_only=True):
    """One STC: STC01, STC10 and STC11 are its codes; action U rejects, WQ accepts."""

    position: int
    codes: tuple[StatusCode, ...]
    effective_on: date | None
    action: str
    charge_cents: int
    message: str

    @property
    def outcome(self) -> Outcome:
        """The worst of its codes; action U rejects whatever they say."""
        if self.action == "U":
            return "rejected"
        return worst([_OUTCOMES.get(one.category, "unknown") for one in self.codes])


class LineStatus(msgspec.Struct, frozen=True, kw_only=True):
    """Loop 2220D: what was said about one line; `line_control_number` is REF*FJ."""

    position: int
    procedure: str
    line_control_number: str
    statuses: tuple[StatusInformation, ...]


class ClaimAcknowledgement(msgspec.Struct, frozen=True, kw_only=True):
    """Loop 2200D: `patient_control_number` is our CLM01, `payer_control_number` is REF*1K."""

    position: int
    patient_control_number: str
    payer_control_number: str
    clearinghouse_number: str
    patient_last_name: str
    patient_first_name: str
    member_id: str
    service_from_on: date | None
    service_to_on: date | None
    statuses: tuple[StatusInformation, ...]
    lines: tuple[LineStatus, ...]

    @property
    def outcome(self) -> Outcome:
        """The worst of every status of the claim and its lines."""
        told = [*self.statuses, *(one for line in self.lines for one in line.statuses)]
        return worst([one.outcome for one in told])


class ProviderAcknowledgement(msgspec.Struct, frozen=True, kw_only=True):
    """Loop 2200C and the claims under it."""

    name: str
    id: str
    statuses: tuple[StatusInformation, ...]
    claims: tuple[ClaimAcknowledgement, ...]


class ClaimAcknowledgementReport(msgspec.Struct, frozen=True, kw_only=True):
    """One 277CA; `batch_reference` is BHT03 of our 837P, `statuses` those of the whole batch (2200B)."""

    position: int
    source_name: str
    source_id: str
    receiver_id: str
    batch_reference: str
    statuses: tuple[StatusInformation, ...]
    providers: tuple[ProviderAcknowledgement, ...]

    @property
    def claims(self) -> tuple[ClaimAcknowledgement, ...]:
        """Every claim of every provider."""
        return tuple(claim for provider in self.providers for claim in provider.claims)


_OUTCOMES: dict[str, Outcome] = {
    "A0": "forwarded",
    "A1": "received",
    "A2": "accepted",
    "A3": "rejected",
    "A4": "not_found",
    "A5": "accepted",
    "A6": "rejected",
    "A7": "rejected",
    "A8": "rejected",
}
_RANK: tuple[Outcome, ...] = ("accepted", "forwarded", "received", "not_found", "unknown", "rejected")


def worst(outcomes: list[Outcome]) -> Outcome:
    """The outcome that a person has to hear of first; unknown when there is none."""
    return max(outcomes, key=_RANK.index, default="unknown")
