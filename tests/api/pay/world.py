"""A practice with people who owe: made by the operations, billed and adjudicated by the real posting code."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import select

from api.services import Services
from domain.claims.models import Claim, ClaimLine
from domain.ledger.entries import AccountRef, Entry, JournalEntry, Stamp
from domain.ledger.posting import post
from domain.patient_billing.merchants import connect_merchant
from domain.patients.cases import NewCase, open_case
from domain.patients.coverages import NewCoverage, add_coverage
from domain.patients.models import Guarantee
from domain.patients.parties import NewParty, NewShares, Share, add_party, set_shares
from domain.patients.registration import NewPatient, register_patient
from domain.practices.roster import NewLocation, NewPayer, NewProvider, add_location, add_payer, add_provider
from domain.practices.settings import PracticeSettings, set_profile
from domain.remittances.effects import UNTOUCHED, Adjusted, LineFacts, effect_of
from domain.remittances.effects import Share as DueShare
from domain.remittances.models import Remittance, RemittanceClaim, RemittanceLine
from domain.remittances.patient_parts import patient_parts
from tenants.access import Actor, system_actor
from tenants.ids import new_id

NPI = "1234567893"
BILLING_NAME = "Quiet Harbor Billing"
PHONE = "6175550142"
ZIP = "02139"
ADDRESS = {"street": "12 Canary Lane", "city": "Cambridge", "state": "MA", "zip_code": ZIP}


class Person(Struct, frozen=True, kw_only=True):
    """A patient with a case, and the party that answers alone until shares are set."""

    patient_id: UUID
    party_id: UUID
    case_id: UUID
    coverage_id: UUID
    birth_on: date


class World:
    """One practice in the hands of a test; each call is one transaction through its door."""

    def __init__(self, services: Services, organization_id: UUID, practice_id: UUID) -> None:
        self.services = services
        self.organization_id = organization_id
        self.practice_id = practice_id
        self.merchant = f"acct_{new_id().hex}"
        self.payer_id = self.location_id = self.provider_id = practice_id

    @property
    def actor(self) -> Actor:
        """The product at work for the test."""
        return system_actor(self.organization_id, "test", practice_ids=frozenset({self.practice_id}))

    @property
    def now(self) -> datetime:
        """The product's present."""
        return self.services.now()

    def door(self) -> Any:
        """The practice door."""
        return self.services.database.practice_transaction(self.actor, self.practice_id)

    async def furnish(self) -> "World":
        """Settings, a merchant account, a place, a clinician and a plan."""
        async with self.door() as session:
            await set_profile(session, self.practice_id, _settings())
            await connect_merchant(
                session, self.services.database, self.actor, self.practice_id, self.merchant
            )
            place = NewLocation(name="Main", npi=NPI, place_of_service="11", **ADDRESS)
            self.location_id = await add_location(session, self.practice_id, place)
            therapist = NewProvider(
                given_name="Thea", family_name="Rapist", credential="PT", disciplines=["PT"], npi=NPI
            )
            self.provider_id = await add_provider(session, self.practice_id, therapist)
            plan = NewPayer(
                name="Canary Health Plan", kind="commercial", electronic_id="CNRY1", filing_indicator="CI"
            )
            self.payer_id = await add_payer(session, self.practice_id, plan)
        return self

    async def person(self, given_name: str = "Wrenna", birth_on: date = date(1984, 5, 17)) -> Person:
        """A patient who owes alone, with one plan."""
        async with self.door() as session:
            new = NewPatient(
                given_name=given_name,
                family_name="Canaryfield",
                birth_on=birth_on,
                sex="F",
                source_system="test",
                source_id=new_id().hex,
                **ADDRESS,
            )
            patient_id = await register_patient(
                session, self.practice_id, new, now=self.now, today=self.now.date()
            )
            party = select(Guarantee.party_id).where(Guarantee.patient_id == patient_id)
            party_id = (await session.execute(party)).scalar_one()
            case_id = await open_case(session, self.practice_id, _case(patient_id))
            coverage = _coverage(case_id, self.payer_id)
            coverage_id = await add_coverage(
                session, self.practice_id, coverage, by=self.actor.id, now=self.now
            )
        return Person(
            patient_id=patient_id,
            party_id=party_id,
            case_id=case_id,
            coverage_id=coverage_id,
            birth_on=birth_on,
        )

    async def party(self, name: str, birth_on: date | None, zip_code: str, kind: Any = "person") -> UUID:
        """Somebody else who can owe."""
        given = NewParty(kind=kind, name=name, birth_on=birth_on, **(ADDRESS | {"zip_code": zip_code}))
        async with self.door() as session:
            return await add_party(session, self.practice_id, given)

    async def share(self, person: Person, parts: dict[UUID, int], *, apart: bool) -> None:
        """From January on these parties answer for the patient."""
        shares = [
            Share(party_id=party_id, share_basis_points=part, apart=apart) for party_id, part in parts.items()
        ]
        async with self.door() as session:
            given = NewShares(starts_on=date(2026, 1, 1), shares=shares)
            await set_shares(session, self.practice_id, person.patient_id, given)

    async def bill(
        self, person: Person, on: date, charge_cents: int, *, code: str = "97110", status: str = "sent"
    ) -> UUID:
        """A claim of one line that its plan owes; returns the line's id."""
        claim_id, line_id = new_id(), new_id()
        async with self.door() as session:
            session.add(self._claim(claim_id, person, on, charge_cents, status))
            await session.flush()
            session.add(self._line(claim_id, line_id, on, charge_cents, code))
            await session.flush()
            owed = AccountRef("claim_line", line_id, "insurer_1")
            revenue = AccountRef("practice", self.practice_id, "revenue")
            entry = Entry(owed, revenue, charge_cents, "charge", on)
            await post(session, self._stamp(), [JournalEntry("charge", str(claim_id), [entry])])
        return line_id

    async def adjudicate(
        self,
        person: Person,
        line_id: UUID,
        paid_cents: int,
        on: date,
        *,
        last_payer: bool = True,
        **adjustments: int,
    ) -> None:
        """The plan answers; adjustments are named like PR_1=5000 (the patient's deductible)."""
        async with self.door() as session:
            mine = select(Guarantee).where(
                Guarantee.patient_id == person.patient_id, Guarantee.ends_on.is_(None)
            )
            shares = [
                DueShare(g.party_id, g.share_basis_points) for g in (await session.execute(mine)).scalars()
            ]
            facts = LineFacts(
                claim_line_id=line_id,
                payer_ordinal=1,
                paid_cents=paid_cents,
                adjustments=tuple(Adjusted(*name.split("_"), cents) for name, cents in adjustments.items()),
                last_payer=last_payer,
                shares=tuple(shares),
                effective_on=on,
            )
            await self._record(session, line_id, paid_cents, on)
            before = (await patient_parts(session, self.practice_id, [line_id])).get(line_id, UNTOUCHED)
            entries = effect_of(facts, self.practice_id, before).entries
            await post(session, self._stamp(), [JournalEntry("remittance_claim", str(new_id()), entries)])

    async def visit(self, person: Person, on: date, left_cents: int, *, code: str = "97110") -> UUID:
        """A visit of $150.00 that the plan answered: $40.00 off, the rest paid but for a deductible."""
        line_id = await self.bill(person, on, 15_000, code=code)
        left = {"PR_1": left_cents} if left_cents else {}
        await self.adjudicate(person, line_id, 11_000 - left_cents, on, CO_45=4_000, **left)
        return line_id

    async def _record(self, session: Any, line_id: UUID, paid_cents: int, on: date) -> None:
        """The remittance as it is kept beside its postings."""
        line = await session.get_one(ClaimLine, (self.practice_id, line_id))
        key = {"practice_id": self.practice_id}
        told = Remittance(
            **key, id=new_id(), received_file_id=new_id(), transaction_position=0, quarantine_key="",
            payer_id=self.payer_id, payer_name="Canary Health Plan", payer_identifier="CNRY1", payee_npi=NPI,
            trace_number=new_id().hex, payment_cents=paid_cents, payment_method="ACH", paid_on=on,
            status="posted", problems=[], recorded_at=self.now, posted_at=self.now,
        )  # fmt: skip
        session.add(told)
        await session.flush()
        claim = RemittanceClaim(
            **key, id=new_id(), remittance_id=told.id, ordinal=1, claim_control_number=line.claim_id.hex,
            claim_id=line.claim_id, status_code="1", charge_cents=line.charge_cents, paid_cents=paid_cents,
            patient_cents=0, outcome="posted", difference_cents=0, position=1, remarks=[],
        )  # fmt: skip
        session.add(claim)
        await session.flush()
        answered = RemittanceLine(
            **key, id=new_id(), remittance_claim_id=claim.id, ordinal=1, claim_line_id=line_id,
            code=line.code, modifiers=[], units="2", charge_cents=line.charge_cents, paid_cents=paid_cents,
            allowed_cents=paid_cents, allowed_how="stated by the payer", remarks=[], position=1,
        )  # fmt: skip
        session.add(answered)
        await session.flush()

    def _stamp(self) -> Stamp:
        return Stamp(self.practice_id, self.actor.id, self.now)

    def _claim(self, claim_id: UUID, person: Person, on: date, cents: int, status: str) -> Claim:
        return Claim(
            practice_id=self.practice_id,
            id=claim_id,
            case_id=person.case_id,
            patient_id=person.patient_id,
            coverage_id=person.coverage_id,
            payer_id=self.payer_id,
            rendering_provider_id=self.provider_id,
            location_id=self.location_id,
            assembly_key=claim_id.hex,
            control_number=claim_id.hex,
            frequency="1",
            status=status,
            discipline="PT",
            first_on=on,
            last_on=on,
            billed_cents=cents,
            version=1,
            created_at=self.now,
        )

    def _line(self, claim_id: UUID, line_id: UUID, on: date, cents: int, code: str) -> ClaimLine:
        return ClaimLine(
            practice_id=self.practice_id,
            id=line_id,
            claim_id=claim_id,
            number=1,
            line_control=line_id.hex,
            code=code,
            modifiers=["GP"],
            units=2,
            charge_cents=cents,
            date_of_service=on,
            place_of_service="11",
        )


def _settings() -> PracticeSettings:
    return PracticeSettings(
        legal_name="Canary Physical Therapy LLC",
        billing_name=BILLING_NAME,
        specialty="physical_therapy",
        npi=NPI,
        tax_id="123456789",
        taxonomy="261QP2000X",
        phone=PHONE,
        time_zone="America/New_York",
        schedule_mode="kept",
        **ADDRESS,
    )


def _case(patient_id: UUID) -> NewCase:
    return NewCase(
        patient_id=patient_id,
        kind="health_plan",
        title="Canary knee",
        opened_on=date(2026, 1, 1),
        diagnoses=["M25.561"],
    )


def _coverage(case_id: UUID, payer_id: UUID) -> NewCoverage:
    return NewCoverage(
        case_id=case_id,
        payer_id=payer_id,
        ordinal=1,
        member_number="CANARY123",
        relationship="self",
        subscriber_given_name="Wrenna",
        subscriber_family_name="Canaryfield",
        starts_on=date(2026, 1, 1),
    )
