"""A practice with a patient, a payer and charges that are ready to become claims."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from domain.allowances.plans_of_care import NewPlanOfCare, record_plan_of_care
from domain.claims.connecting import connect_practice
from domain.patients.cases import NewCase, open_case
from domain.patients.coverages import NewCoverage, add_coverage
from domain.patients.parties import NewParty, NewShares, Share, add_party, set_shares
from domain.patients.registration import NewPatient, register_patient
from domain.practices.charges import NewChargeRate, set_charge_rate
from domain.practices.overrides import NewPayerRule, add_payer_rule
from domain.practices.roster import NewLocation, NewPayer, NewProvider, add_location, add_payer, add_provider
from domain.practices.settings import PracticeSettings, set_profile
from domain.visits.models import ChargeLine, Visit
from integrations.payer_simulator import Fee, Member, Payer, PayerBook, Terms
from tenants.connections import NewConnection, add_connection
from tenants.database import Database
from tenants.ids import new_id
from tests.conftest import Tenant

YEAR = date(2026, 1, 1)
DAY = date(2026, 2, 23)
ADDRESS = {"street": "1 Main Street", "city": "Boston", "state": "MA", "zip_code": "021081234"}


class World(Struct, frozen=True, kw_only=True):
    """The ids of what was made."""

    tenant: Tenant
    connection_id: UUID
    payer_id: UUID
    therapist_id: UUID
    location_id: UUID
    patient_id: UUID
    party_id: UUID
    case_id: UUID
    coverage_id: UUID
    plan_id: UUID

    @property
    def practice_id(self) -> UUID:
        """The practice."""
        return self.tenant.practice_id


def payer_book(**terms: object) -> PayerBook:
    """One plan, HARBOR HEALTH, with a copay of 20.00 unless `terms` say otherwise."""
    held = Terms(**({"from_on": YEAR, "copay_cents": 2_000} | terms))  # type: ignore[arg-type]
    fees = tuple(
        Fee(code=code, allowed_cents=cents, from_on=YEAR)
        for code, cents in (("97110", 3_000), ("97140", 2_800), ("97530", 3_600))
    )
    payer = Payer(
        id="60054",
        name="HARBOR HEALTH",
        fees=fees,
        terms=(held,),
        members=(
            Member(member_id="W001", from_on=YEAR),
            Member(member_id="W020", from_on=YEAR, copay_cents=0, coinsurance_percent=20),
            Member(member_id="W100", from_on=YEAR, copay_cents=0, deductible_cents=4_000),
        ),
        magic_charges=True,
        tax_id="911111111",
    )
    return PayerBook(payers=(payer,))


async def build(
    database: Database,
    tenant: Tenant,
    *,
    second_guarantor: bool = False,
    member: str = "W001",
    authorization: str = "not_required",
) -> World:
    """Make the practice of the tenant work."""
    actor, practice_id, now = tenant.actor, tenant.practice_id, database.clock.now()
    async with database.organization_transaction(actor) as session:
        connection = NewConnection(
            name="Test Clearinghouse",
            kind="simulator",
            sender_id="HARBORBILL",
            receiver_id="SIMCLEAR",
            usage="T",
        )
        connection_id = await add_connection(session, tenant.organization_id, connection)
    async with database.practice_transaction(actor, practice_id) as session:
        await set_profile(session, practice_id, _profile())
        await connect_practice(session, database, actor, practice_id, connection_id)
        location_id = await add_location(
            session, practice_id, NewLocation(name="Main", place_of_service="11", **ADDRESS)
        )
        therapist_id = await add_provider(
            session,
            practice_id,
            NewProvider(
                given_name="Ada",
                family_name="Stone",
                credential="PT",
                disciplines=["PT"],
                npi="1679576722",
                taxonomy="225100000X",
            ),
        )
        payer_id = await add_payer(
            session,
            practice_id,
            NewPayer(name="HARBOR HEALTH", kind="commercial", electronic_id="60054", filing_indicator="CI"),
        )
        await say_authorization(session, tenant, payer_id, authorization, now)
        for code, cents in (("97110", 5_000), ("97140", 4_500), ("97530", 6_000)):
            rate = NewChargeRate(code=code, charge_cents=cents, starts_on=YEAR)
            await set_charge_rate(session, practice_id, rate)
    async with database.practice_transaction(actor, practice_id) as session:
        person = NewPatient(
            given_name="Maria",
            family_name="Lopez",
            birth_on=date(1980, 5, 17),
            sex="F",
            source_system="test",
            source_id="p1",
            **ADDRESS,
        )
        patient_id = await register_patient(session, practice_id, person, now=now, today=now.date())
        case = NewCase(
            patient_id=patient_id, kind="health_plan", title="Knee", opened_on=YEAR, diagnoses=["M25561"]
        )
        case_id = await open_case(session, practice_id, case)
        coverage = NewCoverage(
            case_id=case_id,
            payer_id=payer_id,
            ordinal=1,
            member_number=member,
            relationship="self",
            subscriber_given_name="Maria",
            subscriber_family_name="Lopez",
            starts_on=YEAR,
        )
        coverage_id = await add_coverage(session, practice_id, coverage, by=actor.id, now=now)
        party_id = await add_party(
            session,
            practice_id,
            NewParty(kind="person", name="Maria Lopez", birth_on=date(1980, 5, 17), **ADDRESS),
        )
        shares = [Share(party_id=party_id, share_basis_points=10_000)]
        if second_guarantor:
            other = await add_party(
                session, practice_id, NewParty(kind="person", name="Juan Lopez", **ADDRESS)
            )
            shares = [
                Share(party_id=party_id, share_basis_points=6_000),
                Share(party_id=other, share_basis_points=4_000),
            ]
        plan = NewPlanOfCare(
            case_id=case_id,
            discipline="PT",
            provider_id=therapist_id,
            starts_on=YEAR,
            ends_on=date(2026, 6, 30),
            certified_on=YEAR,
            certified_by="Dr Field",
        )
        plan_id = await record_plan_of_care(session, practice_id, plan)
        await set_shares(session, practice_id, patient_id, NewShares(starts_on=YEAR, shares=shares))
    return World(
        tenant=tenant,
        connection_id=connection_id,
        payer_id=payer_id,
        therapist_id=therapist_id,
        location_id=location_id,
        patient_id=patient_id,
        party_id=party_id,
        case_id=case_id,
        coverage_id=coverage_id,
        plan_id=plan_id,
    )


async def say_authorization(
    session: AsyncSession, tenant: Tenant, payer_id: UUID, said: str, now: datetime
) -> None:
    """The practice asked the payer, so that no claim waits for somebody to look at an open question."""
    rule = NewPayerRule(
        rule="authorization_required",
        value={"answer": said, "exempt_codes": []},
        payer_id=payer_id,
        starts_on=YEAR,
        source="Call to the payer",
        reason="The payer's answer about outpatient therapy",
    )
    await add_payer_rule(session, tenant.practice_id, rule, author_id=tenant.actor.id, now=now)


def _profile() -> PracticeSettings:
    return PracticeSettings(
        legal_name="Harbor Therapy",
        billing_name="HT Billing",
        specialty="rehabilitation",
        npi="1234567893",
        tax_id="123456789",
        taxonomy="261QP2000X",
        phone="6175550100",
        time_zone="America/New_York",
        schedule_mode="kept",
        **ADDRESS,
    )


async def add_visit(
    database: Database,
    world: World,
    lines: list[tuple[str, int, int]],
    *,
    on: date = DAY,
    hour: int = 14,
    charges: Sequence[int] = (),
    modifiers: Sequence[str] = ("GP",),
) -> UUID:
    """A charged visit with lines of (code, units, minutes), as the visits capability leaves it.

    `charges` are the lines' cents where they are not the practice's prices.
    """
    practice_id, visit_id = world.practice_id, new_id()
    rates = {"97110": 5_000, "97140": 4_500, "97530": 6_000}
    start = datetime(on.year, on.month, on.day, hour, tzinfo=UTC)
    async with database.practice_transaction(world.tenant.actor, practice_id) as session:
        session.add(
            Visit(
                practice_id=practice_id,
                id=visit_id,
                case_id=world.case_id,
                patient_id=world.patient_id,
                provider_id=world.therapist_id,
                location_id=world.location_id,
                discipline="PT",
                date_of_service=on,
                starts_at=start,
                ends_at=start + timedelta(minutes=60),
                status="charged",
                signed_at=start,
                signed_by="Ada Stone",
                source_system="test",
                source_id=str(visit_id),
                source_version="1",
                content_sha256="",
                unit_choices={},
                plan_of_care_id=world.plan_id,
                recorded_at=start,
            )
        )
        await session.flush()
        for ordinal, (code, units, minutes) in enumerate(lines, 1):
            session.add(
                ChargeLine(
                    practice_id=practice_id,
                    id=new_id(),
                    visit_id=visit_id,
                    ordinal=ordinal,
                    code=code,
                    modifiers=list(modifiers),
                    units=units,
                    minutes=minutes,
                    charge_cents=charges[ordinal - 1] if charges else units * rates[code],
                    method="ama_per_code",
                    explanation={},
                    status="open",
                )
            )
    return visit_id
