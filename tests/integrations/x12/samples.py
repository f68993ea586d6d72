"""Claims, remittances and files for the tests of the codec."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from integrations.x12.envelope import InterchangeWriter, TradingPartner, Written
from integrations.x12.professional_claims import (
    AccidentInfo,
    BillingProvider,
    Claim,
    ClaimBatch,
    Line,
    OrderingProvider,
    PartyName,
    Patient,
    PayerName,
    PostalAddress,
    ReceiverInfo,
    ReferringProvider,
    RenderingProvider,
    ServiceFacility,
    SubmitterInfo,
    Subscriber,
    SupervisingProvider,
)

DATA = Path(__file__).resolve().parents[2] / "data" / "x12"
AT = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)
NPI = "1234567893"
OTHER_NPI = "1000000004"
ADDRESS = PostalAddress(
    line_1="1 MAIN ST", line_2="SUITE 2", city="BOSTON", state="MA", postal_code="021101234"
)
THERAPIST = PartyName(last_or_organization="RIVERA", first="ANA", middle="Q", suffix="JR")


def public_files() -> list[Path]:
    """Every public sample."""
    return sorted(path for path in DATA.rglob("*") if path.is_file() and path.name != "INDEX.md")


def writer(control_number: int = 77, **options: Any) -> InterchangeWriter:
    """An interchange from us to a clearinghouse."""
    return InterchangeWriter(
        sender=TradingPartner(id="BILLER01"),
        receiver=TradingPartner(id="CLEAR01"),
        control_number=control_number,
        at=AT,
        usage="T",
        **options,
    )


def file_of(functional_id: str, set_id: str, version: str, body: Iterable[Written], **options: Any) -> str:
    """One interchange with one transaction."""
    envelope = writer(**options)
    envelope.begin_group(functional_id, version)
    envelope.add_transaction(set_id, version, body)
    return envelope.text()


def remittance(claims: Iterable[Written], paid: str = "100", adjustments: Iterable[Written] = ()) -> str:
    """An 835 with these claim segments under a header that pays `paid`."""
    body: list[Written] = [
        ("BPR", "I", paid, "C", "ACH", "CCP", "01", "011000015", "DA", "1", "1512345678", "",
         "01", "011000015", "DA", "2", "20260301"),
        ("TRN", "1", "EFT1", "1512345678"),
        ("DTM", "405", "20260301"),
        ("N1", "PR", "EXAMPLE HEALTH"),
        ("N3", "1 PAYER RD"),
        ("N4", "BOSTON", "MA", "02110"),
        ("PER", "BL", "EDI DESK", "TE", "8005550100"),
        ("N1", "PE", "EXAMPLE THERAPY", "XX", NPI),
        ("REF", "TJ", "123456789"),
        ("LX", "1"),
        *claims,
        *adjustments,
    ]  # fmt: skip
    envelope = writer()
    envelope.begin_group("HP", "005010X221A1")
    # The guide of the 835 does not use ST03.
    envelope.add_transaction("835", "", body)
    return envelope.text()


def line(number: int = 1, **changes: Any) -> Line:
    """A line of two units of therapeutic exercise."""
    made = Line(
        control_number=f"L{number}",
        code="97110",
        modifiers=("GP",),
        charge_cents=12_050,
        units=Decimal(2),
        pointers=(1,),
        service_from_on=date(2026, 2, 16),
        service_to_on=date(2026, 2, 16),
    )
    return replace(made, **changes)


def claim(number: int = 1, **changes: Any) -> Claim:
    """A claim of one line whose patient is the subscriber."""
    made = Claim(
        control_number=f"C{number}",
        billing=BillingProvider(
            name=PartyName(last_or_organization="EXAMPLE THERAPY", is_person=False),
            npi=NPI,
            taxonomy="261QP2000X",
            tax_id="123456789",
            address=ADDRESS,
        ),
        subscriber=Subscriber(
            name=PartyName(last_or_organization="DOE", first="JANE"),
            member_id="W123456789",
            filing_code="CI",
            birth_on=date(1980, 1, 2),
            gender="F",
            address=ADDRESS,
        ),
        payer=PayerName(name="EXAMPLE HEALTH", id="12345"),
        place_of_service="11",
        charge_cents=12_050,
        diagnosis_codes=("M5450", "S83511A"),
        lines=(line(),),
        rendering=RenderingProvider(name=THERAPIST, npi=OTHER_NPI, taxonomy="225100000X"),
    )
    return replace(made, **changes)


def full_claim(number: int = 2) -> Claim:
    """A claim of a dependent that uses every loop and number that we write."""
    person = RenderingProvider(name=THERAPIST, npi=OTHER_NPI, taxonomy="225100000X")
    plain = claim(number)
    return replace(
        plain,
        billing=replace(plain.billing, pay_to_address=replace(ADDRESS, line_1="PO BOX 1")),
        subscriber=replace(
            plain.subscriber,
            name=PartyName(last_or_organization="EXAMPLE MILLS", is_person=False),
            filing_code="WC",
            birth_on=None,
            gender="",
            group_number="G1",
            group_name="",
        ),
        patient=Patient(
            name=PartyName(last_or_organization="DOE", first="SAM"),
            relationship="20",
            birth_on=date(1985, 4, 5),
            gender="M",
            address=ADDRESS,
        ),
        payer=replace(plain.payer, address=ADDRESS),
        frequency="7",
        original_reference="ICN0001",
        referring=ReferringProvider(name=THERAPIST, npi=NPI),
        supervising=SupervisingProvider(name=THERAPIST, npi=NPI),
        facility=ServiceFacility(name="EXAMPLE CLINIC", address=ADDRESS, npi=NPI),
        authorization_number="AUTH1",
        referral_number="RFL1",
        property_casualty_number="WC0001",
        medical_record_number="MR1",
        clearinghouse_number="CH1",
        patient_paid_cents=2_000,
        accident=AccidentInfo(causes=("EM", "AA"), occurred_on=date(2025, 12, 1), state="MA"),
        onset_on=date(2025, 12, 1),
        initial_treatment_on=date(2025, 12, 3),
        note="SEEN TWICE",
        charge_cents=12_055,
        lines=(
            line(
                1,
                modifiers=("GP", "KX", "59", "CQ"),
                pointers=(1, 2),
                place_of_service="12",
                authorization_number="AUTH2",
                referral_number="RFL2",
                note="LEFT KNEE",
                rendering=person,
                supervising=SupervisingProvider(name=THERAPIST, npi=OTHER_NPI),
                ordering=OrderingProvider(name=THERAPIST, npi=NPI),
            ),
            line(
                2,
                code="97140",
                charge_cents=5,
                units=Decimal("1.5"),
                pointers=(2,),
                service_to_on=date(2026, 2, 17),
            ),
        ),
    )


def batch(*claims: Claim) -> ClaimBatch:
    """A batch of these claims."""
    return ClaimBatch(
        submitter=SubmitterInfo(
            name="EXAMPLE BILLING",
            id="BILLER01",
            contact_name="DESK",
            telephone="8005550100",
            email="EDI@EXAMPLE.COM",
        ),
        receiver=ReceiverInfo(name="EXAMPLE CLEARINGHOUSE", id="CLEAR01"),
        reference="BATCH1",
        created_at=AT,
        claims=claims,
    )
