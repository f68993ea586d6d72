"""835 files as a payer would write them, for answers that no simulator gives."""

from collections.abc import Iterator, Sequence

from msgspec import Struct

BLANK = "*00*          "
OURS = "1234567893"


class Line(Struct, frozen=True, kw_only=True):
    """A service line; adjustments are (group, reason, cents)."""

    control: str
    code: str = "97110"
    units: int = 2
    charge: int
    paid: int
    adjusted: Sequence[tuple[str, str, int]] = ()
    remarks: Sequence[str] = ()


class Claim(Struct, frozen=True, kw_only=True):
    """A claim; its charge and payment are its lines' unless they are given."""

    number: str
    status: str = "1"
    lines: Sequence[Line] = ()
    charge: int | None = None
    paid: int | None = None
    adjusted: Sequence[tuple[str, str, int]] = ()
    icn: str = "ICN1"

    @property
    def paid_cents(self) -> int:
        """CLP04."""
        return sum(line.paid for line in self.lines) if self.paid is None else self.paid

    @property
    def charge_cents(self) -> int:
        """CLP03."""
        return sum(line.charge for line in self.lines) if self.charge is None else self.charge


class Payment(Struct, frozen=True, kw_only=True):
    """One 835; `paid` is what the claims and the provider adjustments come to unless it is given."""

    trace: str
    claims: Sequence[Claim]
    provider: Sequence[tuple[str, int]] = ()
    paid: int | None = None
    payee: str = OURS
    by: str = "C"

    @property
    def paid_cents(self) -> int:
        """BPR02."""
        came = sum(claim.paid_cents for claim in self.claims) - sum(cents for _, cents in self.provider)
        return came if self.paid is None else self.paid


def reversed_claim(claim: Claim) -> Claim:
    """The same claim with every amount turned round, CLP02 22."""
    lines = [
        Line(
            control=line.control,
            code=line.code,
            charge=-line.charge,
            paid=-line.paid,
            adjusted=[(group, reason, -cents) for group, reason, cents in line.adjusted],
        )
        for line in claim.lines
    ]
    return Claim(number=claim.number, status="22", lines=lines, icn=claim.icn)


def file_of(*payments: Payment, control: int = 901) -> bytes:
    """An interchange of them."""
    segments = [
        f"ISA{BLANK}{BLANK}*ZZ*SIMCLEAR       *ZZ*HARBORBILL     *260302*1400*^*00501*{control:09d}*0*T*:",
        f"GS*HP*SIMCLEAR*HARBORBILL*20260302*1400*{control}*X*005010X221A1",
    ]
    for at, payment in enumerate(payments, 1):
        body = list(_payment(payment))
        segments += [f"ST*835*{at:04d}", *body, f"SE*{len(body) + 2}*{at:04d}"]
    segments += [f"GE*{len(payments)}*{control}", f"IEA*1*{control:09d}"]
    return "".join(f"{segment}~" for segment in segments).encode()


def _payment(payment: Payment) -> Iterator[str]:
    paid = _dollars(payment.paid_cents)
    yield f"BPR*I*{paid}*{payment.by}*ACH*CCP*01*999999999*DA*1*1911111111**01*999999999*DA*2*20260302"
    yield f"TRN*1*{payment.trace}*1911111111"
    yield "DTM*405*20260302"
    yield from ("N1*PR*HARBOR HEALTH", "N3*1 WAY", "N4*SPRINGFIELD*MA*01103", "REF*2U*60054")
    yield "PER*BL*SERVICES*TE*8005550100"
    yield f"N1*PE*HARBOR THERAPY*XX*{payment.payee}"
    yield "LX*1"
    for claim in payment.claims:
        yield from _claim(claim)
    for reason, cents in payment.provider:
        yield f"PLB*{payment.payee}*20261231*{reason}:REF*{_dollars(cents)}"


def _claim(claim: Claim) -> Iterator[str]:
    adjusted = [*claim.adjusted, *(one for line in claim.lines for one in line.adjusted)]
    patient = sum(cents for group, _, cents in adjusted if group == "PR")
    charge, paid = _dollars(claim.charge_cents), _dollars(claim.paid_cents)
    left = _dollars(patient) if patient else ""
    yield f"CLP*{claim.number}*{claim.status}*{charge}*{paid}*{left}*12*{claim.icn}*11*1"
    yield from _adjustments(claim.adjusted)
    yield "NM1*QC*1*LOPEZ*MARIA****MI*W001"
    for line in claim.lines:
        yield f"SVC*HC:{line.code}:GP*{_dollars(line.charge)}*{_dollars(line.paid)}**{line.units}"
        yield "DTM*472*20260223"
        yield from _adjustments(line.adjusted)
        yield f"REF*6R*{line.control}"
        yield from (f"LQ*HE*{remark}" for remark in line.remarks)


def _adjustments(adjusted: Sequence[tuple[str, str, int]]) -> Iterator[str]:
    for group, reason, cents in adjusted:
        yield f"CAS*{group}*{reason}*{_dollars(cents)}"


def _dollars(cents: int) -> str:
    sign, rest = ("-" if cents < 0 else ""), abs(cents)
    return f"{sign}{rest // 100}.{rest % 100:02d}"
