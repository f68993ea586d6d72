"""Who treated, who supervised and signed, and what each was licensed for: the staffing of a line."""

from datetime import date, datetime
from typing import Literal, TypeAlias

from msgspec import Struct

from billing_rules.days import within

LicenceKind: TypeAlias = Literal["licence", "compact_privilege", "certification"]
Standing: TypeAlias = Literal["associate", "independent"]


class LicenceFacts(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A licence, compact privilege or certification; a privilege without a state holds in every member."""

    kind: LicenceKind
    title: str
    compact: str | None
    state: str | None
    starts_on: date
    ends_on: date | None

    def is_in_force(self, on: date) -> bool:
        """Whether it was valid on a date; both ends are inclusive."""
        return within(on, self.starts_on, self.ends_on)


class SupervisorFacts(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who supervised on the date of service; `clinician` is an opaque id.

    `licences` are null in facts from before they were looked at.
    """

    clinician: str
    credential: str | None
    is_available: bool
    renders: bool
    licences: tuple[LicenceFacts, ...] | None = None


class SignatureFacts(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who signed the session's note, in which part, and when; null where the time is not recorded."""

    role: str
    signed_at: datetime | None


class SessionStaffing(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The staffing of one session behind a line; the credential is the one held on the date of service.

    `location_state` is where the patient was: told by a telehealth note, the place's own in person.
    """

    clinician: str
    credential: str | None
    standing: Standing | None
    renders: bool
    supervisor: SupervisorFacts | None
    is_cosigned: bool
    is_telehealth: bool
    location_state: str | None
    licences: tuple[LicenceFacts, ...]
    signatures: tuple[SignatureFacts, ...]


class SupervisedMonth(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One patient's documented minutes of a month by code, and supervision recorded besides.

    `has_ended` tells whether the month was over when the claim was checked.
    """

    month_on: date
    minutes: dict[str, int]
    recorded_minutes: int
    has_ended: bool = True
