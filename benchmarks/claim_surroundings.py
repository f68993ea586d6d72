"""What stands around the lines of a made-up claim: who is named on it, who treated, which sessions."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

from billing_rules.therapy.claim_facts import LineFacts
from billing_rules.therapy.facts.parties import AddressFacts, PartyFacts, ProviderFacts
from billing_rules.therapy.facts.staffing import LicenceFacts, SessionStaffing, SignatureFacts
from billing_rules.therapy.overlaps import SessionFacts

BILLING_NPI, RENDERING_NPI, REFERRING_NPI = "1234567893", "1245319599", "1205999992"
CREDENTIALS = {"PT": "PT", "OT": "OT", "SLP": "SLP", "BH": "LCSW", "ABA": "BCBA"}
_ADDRESS = AddressFacts(street="1 Main Street", city="Springfield", state="MA")


def party_facts(number: int, filing: str, lines: int) -> PartyFacts:
    """Everybody and every place that a claim of one's own patient at one's own address names."""
    return PartyFacts(
        control_number=f"VL{number:010d}",
        place_of_service="11",
        payer_name="EXAMPLE HEALTH PLAN",
        filing_indicator=filing,
        billing=_ADDRESS,
        rendering_last_name="Therapist",
        rendering_is_billing=False,
        relationship="self",
        subscriber_last_name=None,
        subscriber_first_name=None,
        patient=_ADDRESS,
        facility_name=None,
        facility=None,
        referring_name="Field",
        referring_npi=REFERRING_NPI,
        accident_kind=None,
        accident_state=None,
        line_controls=tuple(f"L{number:08d}{at}" for at in range(lines)),
    )


def provider_facts() -> ProviderFacts:
    """A practice that knows its clinician and itself, and whose clinician is enrolled."""
    return ProviderFacts(persons=(RENDERING_NPI,), organizations=(BILLING_NPI,), enrolled=True)


def staffing(discipline: str, on: date) -> SessionStaffing:
    """A licensed clinician who signed, and whose patient was in the clinician's own state."""
    licence = LicenceFacts(
        kind="licence",
        title=CREDENTIALS[discipline],
        compact=None,
        state="MA",
        starts_on=date(2020, 1, 1),
        ends_on=date(2028, 12, 31),
    )
    at = datetime(on.year, on.month, on.day, 23, tzinfo=UTC)
    return SessionStaffing(
        clinician=f"clinician {discipline}",
        credential=CREDENTIALS[discipline],
        standing="independent",
        renders=True,
        supervisor=None,
        is_cosigned=False,
        is_telehealth=False,
        location_state="MA",
        licences=(licence,),
        signatures=(SignatureFacts(role="clinician", signed_at=at),),
    )


def session_facts(lines: Sequence[LineFacts]) -> tuple[SessionFacts, ...]:
    """The claim's first session, and one of another patient who came when it was over."""
    shown = lines[0].evidence
    assert shown is not None, "lines have evidence"
    assert shown.starts_at is not None, "lines have times"
    assert shown.ends_at is not None, "lines have times"
    own = SessionFacts(
        visit="own",
        patient="this",
        clinicians=("one",),
        discipline=lines[0].discipline or "",
        codes=(lines[0].code,),
        starts_at=shown.starts_at,
        ends_at=shown.ends_at,
        timed_minutes=lines[0].minutes or 0,
        is_own=True,
    )
    after = shown.ends_at + (shown.ends_at - shown.starts_at)
    next_one = SessionFacts(
        visit="next",
        patient="other",
        clinicians=("one",),
        discipline=own.discipline,
        codes=own.codes,
        starts_at=own.ends_at,
        ends_at=after,
        timed_minutes=own.timed_minutes,
    )
    return own, next_one
