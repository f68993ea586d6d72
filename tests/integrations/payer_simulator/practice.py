"""A practice that bills the simulated payers: its book, its claims as 837P, and how it reads the answers."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path

import msgspec

from integrations.payer_simulator import AuthorizedBlock, Fee, Member, Payer, PayerBook, PayerSimulator, Terms
from integrations.x12.acknowledgement_values import ClaimAcknowledgement, GroupAcknowledgement
from integrations.x12.acknowledgements import read_277ca, read_999
from integrations.x12.envelope import InterchangeWriter, TradingPartner
from integrations.x12.professional_claims import write_837p
from integrations.x12.professional_values import (
    AccidentInfo,
    BillingProvider,
    Claim,
    ClaimBatch,
    Line,
    PartyName,
    Patient,
    PayerName,
    PostalAddress,
    ReceiverInfo,
    RenderingProvider,
    SubmitterInfo,
    Subscriber,
)
from integrations.x12.remittances import ClaimPayment, Remittance, balance_problems, read_remittances

MONDAY = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
SERVICE_ON = date(2026, 2, 23)
YEAR = date(2026, 1, 1)
ADDRESS = PostalAddress(line_1="1 Main Street", city="Boston", state="MA", postal_code="021081234")
PRACTICE = BillingProvider(
    name=PartyName(last_or_organization="Harbor Therapy", is_person=False),
    npi="1234567893",
    taxonomy="261QP2000X",
    tax_id="123456789",
    address=ADDRESS,
)
OTHER_PRACTICE = msgspec.structs.replace(PRACTICE, npi="1245319599", tax_id="987654321")
THERAPIST = RenderingProvider(
    name=PartyName(last_or_organization="Stone", first="Ada"), npi="1679576722", taxonomy="225100000X"
)
FEES = tuple(
    Fee(code=code, allowed_cents=cents, from_on=YEAR)
    for code, cents in (("97110", 3_000), ("97140", 2_800), ("97530", 3_600), ("90837", 14_000))
)


def health_plan(**changed: object) -> Payer:
    """A plan with a copay of 20.00, no deductible, and an authorization for 97530."""
    fields: dict[str, object] = {
        "id": "60054",
        "name": "HARBOR HEALTH",
        "fees": FEES,
        "terms": (Terms(from_on=YEAR, copay_cents=2_000, authorization_codes=("97530",)),),
        "members": (Member(member_id="W001", from_on=YEAR), Member(member_id="W002", from_on=YEAR)),
        **changed,
    }
    return msgspec.convert(fields, Payer)


def compensation_fund() -> Payer:
    """A workers' compensation payer."""
    terms = (Terms(from_on=YEAR, copay_cents=9_900),)
    return Payer(
        id="WC001",
        name="STATE FUND",
        fees=FEES,
        terms=terms,
        filing_indicator="WC",
        unknown_members="cover",
        workers_compensation=True,
    )


def block(granted: int, counted_in: str, *codes: str, number: str = "AUTH1") -> AuthorizedBlock:
    """An authorization of member W001 for the year."""
    return msgspec.convert(
        {
            "number": number,
            "member_id": "W001",
            "granted": granted,
            "counted_in": counted_in,
            "codes": codes,
            "from_on": YEAR,
            "to_on": date(2026, 12, 31),
        },
        AuthorizedBlock,
    )


def line(code: str = "97110", charge_cents: int = 5_000, units: int = 1, **changed: object) -> Line:
    """One service on SERVICE_ON."""
    held = Line(
        control_number=f"L{next(_numbers)}",
        code=code,
        charge_cents=charge_cents,
        units=Decimal(units),
        pointers=(1,),
        service_from_on=SERVICE_ON,
        service_to_on=SERVICE_ON,
        modifiers=("GP",) if code.startswith("97") else (),
    )
    return msgspec.structs.replace(held, **changed)


def on(day: date, code: str = "97110", **changed: object) -> Line:
    """One service on a day."""
    return line(code, service_from_on=day, service_to_on=day, **changed)


def claim(*lines: Line, member_id: str = "W001", payer_id: str = "60054", **changed: object) -> Claim:
    """A claim of one member with one payer."""
    lines = lines or (line(),)
    held = Claim(
        control_number=f"C{next(_numbers)}",
        billing=PRACTICE,
        subscriber=Subscriber(
            name=PartyName(last_or_organization="Quill", first="Ann"),
            member_id=member_id,
            filing_code="CI",
            birth_on=date(1980, 5, 1),
            gender="F",
            address=ADDRESS,
        ),
        payer=PayerName(name="HARBOR HEALTH", id=payer_id),
        place_of_service="11",
        charge_cents=sum(one.charge_cents for one in lines),
        diagnosis_codes=("M25.511",),
        lines=lines,
        rendering=THERAPIST,
    )
    return msgspec.structs.replace(held, **changed)


def child(first: str) -> Patient:
    """A child on the subscriber's card."""
    name = PartyName(last_or_organization="Quill", first=first)
    born_on = date(2018, 7, 1)
    return Patient(name=name, relationship="19", birth_on=born_on, gender="M", address=ADDRESS)


def injury(**changed: object) -> Claim:
    """A workers' compensation claim: the employer subscribes, the patient is somebody else."""
    employee = Patient(
        name=PartyName(last_or_organization="Ford", first="Sam"),
        relationship="20",
        birth_on=date(1975, 1, 1),
        gender="M",
        address=ADDRESS,
    )
    held = claim(
        payer_id="WC001",
        member_id="EMP77",
        patient=employee,
        property_casualty_number="PC-55",
        accident=AccidentInfo(causes=("EM",), occurred_on=date(2026, 1, 15)),
    )
    return msgspec.structs.replace(held, **changed)


def file_text(*claims: Claim, sender: str = "HARBORBILL") -> str:
    """An 837P interchange with a control number of its own."""
    number = next(_numbers)
    envelope = InterchangeWriter(
        sender=TradingPartner(id=sender),
        receiver=TradingPartner(id="CLEARPAY"),
        control_number=number,
        at=MONDAY,
        usage="T",
    )
    batch = ClaimBatch(
        submitter=SubmitterInfo(
            name="Harbor Billing", id=sender, contact_name="Desk", telephone="6175550199"
        ),
        receiver=ReceiverInfo(name="Clearpay", id="CLEARPAY"),
        reference=f"B{number}",
        created_at=MONDAY,
        claims=claims,
    )
    return write_837p(batch, envelope)


class Desk:
    """Somebody who submits claims and keeps every answer that has come so far."""

    def __init__(self, *payers: Payer, state_path: Path | None = None) -> None:
        self.now = MONDAY
        self.book = PayerBook(payers=payers or (health_plan(), compensation_fund()))
        self.payer = PayerSimulator(self.book, state_path, lambda: self.now)
        self.files: list[tuple[str, str]] = []

    def submit(self, *claims: Claim) -> None:
        """Send claims in one file, now."""
        self.payer.submit(file_text(*claims))

    def wait(self, days: int = 20) -> None:
        """Let time pass, then take in what has come."""
        self.now += timedelta(days=days)
        self.take_in()

    def take_in(self) -> None:
        """Keep what is due and confirm it."""
        found = self.payer.answers()
        self.files += found
        self.payer.confirm([name for name, _ in found])

    def texts(self, kind: str) -> list[str]:
        """The texts of one kind of file, oldest first."""
        return [text for name, text in self.files if name.endswith(f".{kind}")]

    def syntax(self) -> list[GroupAcknowledgement]:
        """Every group acknowledged in a 999."""
        return [one for text in self.texts("999") for one in read_999(text)]

    def statuses(self) -> dict[str, tuple[str, str]]:
        """Category and status by claim number, from every 277CA."""
        codes = {number: one.statuses[0].codes[0] for number, one in self.acknowledged().items()}
        return {number: (code.category, code.status) for number, code in codes.items()}

    def acknowledged(self) -> dict[str, ClaimAcknowledgement]:
        """Claims by number from every 277CA."""
        reports = (report for text in self.texts("277ca") for report in read_277ca(text))
        return {one.patient_control_number: one for report in reports for one in report.claims}

    def remittances(self) -> list[Remittance]:
        """Every 835 that can be read, in the order of the files."""
        return [one for text in self.texts("835") for one in read_remittances(text)]

    def paid(self) -> list[ClaimPayment]:
        """Every claim of every 835; each payment adds up."""
        found = self.remittances()
        assert [balance_problems(one) for one in found] == [()] * len(found)
        return [one for remittance in found for one in remittance.claims]


def adjustments(payment: ClaimPayment) -> list[tuple[str, str, int]]:
    """Group, reason and cents over all lines."""
    return [(one.group, one.reason, one.amount_cents) for held in payment.lines for one in held.adjustments]


def _counted() -> Iterator[int]:
    yield from count(1001)


_numbers = _counted()
