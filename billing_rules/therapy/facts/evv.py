"""What an aggregator verified of a session, in the six elements of 42 USC 1396b(l)(5)(A)."""

from datetime import date, datetime

from msgspec import Struct


class VerifiedVisit(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The record: type of service, individual receiving, individual providing, date, location, times."""

    code: str
    member_number: str
    clinician: str
    served_on: date
    place_of_service: str
    state: str
    starts_at: datetime
    ends_at: datetime


class SessionVerification(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One session behind a line as we have it, and the aggregator's record that is closest to it, if any."""

    clinician: str
    starts_at: datetime
    ends_at: datetime
    state: str | None
    record: VerifiedVisit | None
