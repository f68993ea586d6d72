"""What the record says of a session beyond code and minutes: what cannot have been, and what disagrees.

What cannot have been is refused; what disagrees (totals against the minutes by code) is asked about and
never corrected (CMS Pub 100-02 ch. 15 §220.3.E).
"""

from collections.abc import Iterator, Sequence

from billing_rules.therapy.code_table import find_code
from domain.visits.models import Visit, VisitService
from domain.visits.notes import NewService, NewVisit
from tenants.errors import Invalid


def accept_evidence(given: NewVisit) -> None:
    """Raise Invalid, naming the field, for times outside the session or for more minutes than there were."""
    for at, service in enumerate(given.services):
        _accept_times(given, service, f"/services/{at}")
        _accept_assistance(given, service, f"/services/{at}")
    if (given.cosigned_at is None) != (given.cosigned_by is None):
        raise Invalid("a countersignature has an instant and a name", pointer="/cosigned_by")
    timed, total = given.total_timed_minutes, given.total_minutes
    if timed is not None and total is not None and timed > total:
        raise Invalid("timed minutes are part of the total", pointer="/total_timed_minutes")
    if given.supervisor_id is not None and given.supervisor_id == given.provider_id:
        raise Invalid("nobody supervises themselves", pointer="/supervisor_id")


def total_queries(visit: Visit, services: Sequence[VisitService]) -> Iterator[str]:
    """Where the note's own sums disagree with its minutes by code: questions for the clinician."""
    timed = timed_minutes(services)
    known = sum(s.minutes or 0 for s in services)
    if visit.total_timed_minutes is not None and visit.total_timed_minutes != timed:
        yield f"the note totals {visit.total_timed_minutes} timed minutes, its codes have {timed}"
    complete = all(s.minutes is not None for s in services)
    total = visit.total_minutes
    if total is not None and (total < known or (complete and total != known)):
        yield f"the note totals {total} minutes, its codes have {known}"
    elapsed = int((visit.ends_at - visit.starts_at).total_seconds() // 60)
    if total is not None and total > elapsed:
        yield f"the note totals {total} minutes, the session lasted {elapsed}"


def timed_minutes(services: Sequence[VisitService]) -> int:
    """The minutes of the procedures whose time decides their units."""
    rows = ((service.minutes or 0, find_code(service.code)) for service in services)
    return sum(minutes for minutes, row in rows if row is not None and row.is_timed)


def _accept_times(given: NewVisit, service: NewService, pointer: str) -> None:
    if (service.starts_at is None) != (service.ends_at is None):
        raise Invalid("a procedure has both times or none", pointer=f"{pointer}/ends_at")
    if service.starts_at is None or service.ends_at is None:
        return
    if service.ends_at <= service.starts_at:
        raise Invalid("it ends before it starts", pointer=f"{pointer}/ends_at")
    if service.starts_at < given.starts_at or service.ends_at > given.ends_at:
        raise Invalid("its times lie outside the session", pointer=f"{pointer}/starts_at")


def _accept_assistance(given: NewVisit, service: NewService, pointer: str) -> None:
    helped = service.assistant_minutes + service.joint_minutes
    elapsed = int((given.ends_at - given.starts_at).total_seconds() // 60)
    most = service.minutes if service.minutes is not None else elapsed
    if helped > most:
        message = "the assistant's minutes are part of the procedure's"
        raise Invalid(message, pointer=f"{pointer}/assistant_minutes")
    if service.assistant_id is not None and service.assistant_id == given.provider_id:
        raise Invalid("the assistant is another person", pointer=f"{pointer}/assistant_id")
