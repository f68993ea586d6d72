"""Made-up remittances of any size for the measurements: therapy lines, adjustments, our own line numbers."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from integrations.x12.envelope import InterchangeWriter, TradingPartner, Written
from integrations.x12.numbers import amount_text

_CODES = ("97110", "97140", "97530", "97112", "97161", "92507", "90837", "90834", "97153", "97155")
_FIRST_ON = date(2026, 1, 5)


def remittance_text(claims: int, *, seed: int = 7) -> str:
    """One 835 that adds up, with two or three lines for every claim."""
    chance = random.Random(seed)
    paid_cents, body = 0, list[Written]()
    for number in range(claims):
        claim_paid_cents, segments = _claim(number, chance)
        paid_cents += claim_paid_cents
        body.extend(segments)
    return _written([*_opening(paid_cents), *body])


def _written(body: list[Written]) -> str:
    writer = InterchangeWriter(
        sender=TradingPartner(id="PAYER01"),
        receiver=TradingPartner(id="BILLER01"),
        control_number=1,
        at=datetime(2026, 3, 2, 8, tzinfo=UTC),
        usage="T",
    )
    writer.begin_group("HP", "005010X221A1")
    writer.add_transaction("835", "005010X221A1", body)
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
