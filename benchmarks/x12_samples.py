"""Made-up remittances and claims of any size for the measurements."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from integrations.x12.envelope import InterchangeWriter, TradingPartner, Written
from integrations.x12.numbers import amount_text
from integrations.x12.professional_claims import (
    BillingProvider,
    Claim,
    ClaimBatch,
    Line,
    PartyName,
    PayerName,
    PostalAddress,
    ReceiverInfo,
    RenderingProvider,
    SubmitterInfo,
    Subscriber,
)

_CODES = ("97110", "97140", "97530", "97112", "97161", "92507", "90837", "90834", "97153", "97155")
_FIRST_ON = date(2026, 1, 5)
_AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
_NPI = "1234567893"
_ADDRESS = PostalAddress(line_1="1 Main Street", city="Springfield", state="MA", postal_code="011010001")
_BILLING = BillingProvider(
    name=PartyName(last_or_organization="Example Therapy", is_person=False),
    npi=_NPI,
    taxonomy="261QP2000X",
    tax_id="123456789",
    address=_ADDRESS,
)
_RENDERING = RenderingProvider(
    name=PartyName(last_or_organization="Therapist", first="Sam"), npi=_NPI, taxonomy="225100000X"
)


def remittance_text(claims: int, *, seed: int = 7) -> str:
    """One 835 that adds up, with two or three lines for every claim."""
    chance = random.Random(seed)
    paid_cents, body = 0, list[Written]()
    for number in range(claims):
        claim_paid_cents, segments = _claim(number, chance)
        paid_cents += claim_paid_cents
        body.extend(segments)
    return _written([*_opening(paid_cents), *body])


def claim_batch(claims: int, *, seed: int = 7) -> ClaimBatch:
    """Claims of as many different patients, with two or three lines each."""
    chance = random.Random(seed)
    return ClaimBatch(
        submitter=SubmitterInfo(
            name="EXAMPLE BILLING", id="BILLER01", contact_name="DESK", telephone="8005550100"
        ),
        receiver=ReceiverInfo(name="EXAMPLE CLEARINGHOUSE", id="CLEAR01"),
        reference="BATCH1",
        created_at=_AT,
        claims=tuple([_professional(number, chance) for number in range(claims)]),
    )


def interchange() -> InterchangeWriter:
    """An empty interchange to write into."""
    return InterchangeWriter(
        sender=TradingPartner(id="SENDER01"),
        receiver=TradingPartner(id="RECEIVER01"),
        control_number=1,
        at=_AT,
        usage="T",
    )


def _professional(number: int, chance: random.Random) -> Claim:
    on = _FIRST_ON + timedelta(days=chance.randrange(50))
    lines = tuple([_professional_line(number, at, on, chance) for at in range(chance.choice((2, 2, 3)))])
    patient = PartyName(last_or_organization=f"Patient{number % 977}", first="Alex")
    return Claim(
        control_number=f"VL{number:010d}",
        billing=_BILLING,
        subscriber=Subscriber(
            name=patient,
            member_id=f"W{number:09d}",
            filing_code="CI",
            birth_on=date(1980, 1, 1) + timedelta(days=number % 9_999),
            gender="F",
            address=_ADDRESS,
        ),
        payer=PayerName(name="EXAMPLE HEALTH PLAN", id="12345"),
        place_of_service="11",
        charge_cents=sum(line.charge_cents for line in lines),
        diagnosis_codes=("M54.50", "M25.511"),
        lines=lines,
        rendering=_RENDERING,
        authorization_number=f"AUTH{number % 4_001}",
    )


def _professional_line(number: int, at: int, on: date, chance: random.Random) -> Line:
    units, code = chance.randint(1, 4), chance.choice(_CODES)
    return Line(
        control_number=f"L{number:08d}{at}",
        code=code,
        modifiers=("GP",),
        charge_cents=units * (4_500 + 250 * _CODES.index(code)),
        units=Decimal(units),
        pointers=(1, 2),
        service_from_on=on,
        service_to_on=on,
    )


def _written(body: list[Written]) -> str:
    writer = interchange()
    writer.begin_group("HP", "005010X221A1")
    writer.add_transaction("835", "", body)
    return writer.text()


def _opening(paid_cents: int) -> Iterator[Written]:
    bank = ("01", "999999992", "DA", "123456", "1512345678", "", "01", "999988880", "DA", "98765")
    yield ("BPR", "I", amount_text(paid_cents), "C", "ACH", "CCP", *bank, "20260302")
    yield ("TRN", "1", "EFT0000001", "1512345678")
    yield ("DTM", "405", "20260301")
    yield ("N1", "PR", "EXAMPLE HEALTH PLAN")
    yield ("N3", "1 MAIN STREET")
    yield ("N4", "SPRINGFIELD", "MA", "011010001")
    yield ("PER", "BL", "EDI DESK", "TE", "8005550100")
    yield ("N1", "PE", "EXAMPLE THERAPY", "XX", "1234567893")
    yield ("REF", "TJ", "123456789")
    yield ("LX", "1")


def _claim(number: int, chance: random.Random) -> tuple[int, list[Written]]:
    on = _FIRST_ON + timedelta(days=chance.randrange(50))
    charge_cents = paid_cents = owed_cents = 0
    lines = list[Written]()
    for at in range(chance.choice((2, 2, 3))):
        charged, paid, owed, segments = _line(number, at, on, chance)
        charge_cents, paid_cents, owed_cents = charge_cents + charged, paid_cents + paid, owed_cents + owed
        lines.extend(segments)
    money = [amount_text(one) for one in (charge_cents, paid_cents, owed_cents)]
    opening: list[Written] = [
        ("CLP", f"VL{number:010d}", "1", *money, "12", f"2026{number:09d}", "11", "1"),
        ("NM1", "QC", "1", f"PATIENT{number % 977}", "ALEX", "", "", "", "MI", f"W{number:09d}"),
        ("NM1", "82", "1", "THERAPIST", "SAM", "", "", "", "XX", "1234567893"),
        ("REF", "EA", f"MR{number:07d}"),
        ("DTM", "232", f"{on:%Y%m%d}"),
        ("DTM", "233", f"{on:%Y%m%d}"),
        ("DTM", "050", "20260220"),
        ("AMT", "AU", amount_text(paid_cents + owed_cents)),
    ]
    return paid_cents, opening + lines


def _line(number: int, at: int, on: date, chance: random.Random) -> tuple[int, int, int, list[Written]]:
    units, code = chance.randint(1, 4), chance.choice(_CODES)
    charge_cents = units * (4_500 + 250 * _CODES.index(code))
    allowed_cents = charge_cents * chance.choice((52, 61, 64, 70)) // 100
    owed_cents = chance.choice((0, 2_000, allowed_cents // 5))
    owed_cents = min(owed_cents, allowed_cents)
    paid_cents = allowed_cents - owed_cents
    segments: list[Written] = [
        ("SVC", ("HC", code, "GP"), amount_text(charge_cents), amount_text(paid_cents), "", str(units)),
        ("DTM", "472", f"{on:%Y%m%d}"),
        ("CAS", "CO", "45", amount_text(charge_cents - allowed_cents)),
        ("REF", "6R", f"L{number:08d}{at}"),
        ("AMT", "B6", amount_text(allowed_cents)),
    ]
    if owed_cents:
        segments.insert(3, ("CAS", "PR", "3", amount_text(owed_cents)))
    return charge_cents, paid_cents, owed_cents, segments
