"""Lines of the same patient, day and billing provider on other claims: edits of a day look across claims."""

from datetime import date, datetime

from msgspec import Struct


class SameDayLine(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line elsewhere and what the record says of it; `claim` is the other claim's control number."""

    served_on: date
    code: str
    modifiers: tuple[str, ...]
    units: int
    claim: str
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    clinician: str | None = None
    body_site: str | None = None
    separate_encounter: bool = False
