"""Reads one 837P transaction set the payer's own way, claims and syntax faults side by side."""

from collections.abc import Callable

from integrations.payer_simulator.amounts import read_cents, read_day
from integrations.payer_simulator.claim_syntax import KNOWN_SEGMENTS, Fault, element_faults
from integrations.payer_simulator.submitted_claims import Party, SubmittedClaim, SubmittedLine, named
from integrations.x12.interchanges import Transaction

Row = list[str]
_LEVELS = {"20": "2010AA", "22": "2010BA", "23": "2010CA"}
_SECTIONS = ("2300", "2320", "2400")


class ClaimReading:
    """The claims of one 837P, the faults that reject it, and who sent it; read by `read_claims`."""

    def __init__(self, transaction: Transaction) -> None:
        self.transaction = transaction
        self.batch = ""
        self.submitter = Party()
        self.claims: list[SubmittedClaim] = []
        self.faults: list[Fault] = []
        self._separator = transaction.delimiters.component
        self._loop, self._position = "1000A", 0
        self._party: Party | None = None
        self._billing, self._subscriber, self._payer = Party(), Party(), Party()
        self._patient: Party | None = None
        self._subscription = Row()
        self._property_claim_number = ""
        self._claim: SubmittedClaim | None = None
        self._line: SubmittedLine | None = None

    def take(self, raw: str, position: int) -> None:
        """Read one segment; its position counts from ST as 1."""
        row = raw.split(self.transaction.delimiters.element)
        self._position = position
        if row[0] not in KNOWN_SEGMENTS:
            self._fault(row[0][:3], "1")
            return
        handler = _HANDLERS.get(row[0])
        self.faults.extend(element_faults(row, position, self._loop, self._separator))
        if handler is not None:
            row.extend([""] * (17 - len(row)))
            handler(self, row)

    def finish(self) -> None:
        """Close the last claim and name the segments that never came."""
        self._close_claim()
        for missing, segment, loop in (
            (not self.batch, "BHT", ""),
            (not self.submitter.id, "NM1", "1000A"),
            (not self.claims, "CLM", "2300"),
        ):
            if missing:
                self._fault(segment, "3", loop)

    def _fault(self, segment: str, code: str, loop: str | None = None) -> None:
        where = self._loop if loop is None else loop
        self.faults.append(Fault(segment=segment, position=self._position, loop=where, code=code))

    def _on_bht(self, row: Row) -> None:
        self.batch = row[3]

    def _on_hl(self, row: Row) -> None:
        self._close_claim()
        self._loop = _LEVELS.get(row[3], "2000A")
        self._party = None
        if row[3] == "20":
            self._billing = Party()
        if row[3] in {"20", "22"}:
            self._subscriber, self._payer, self._patient = Party(), Party(), None
            self._subscription, self._property_claim_number = Row(), ""
        if row[3] == "23":
            self._patient = Party()

    def _on_nm1(self, row: Row) -> None:
        self._party = None
        owner, attribute = _PARTIES.get((self._loop, row[1]), ("", ""))
        held = {"reading": self, "claim": self._claim, "line": self._line}.get(owner)
        if held is not None:
            self._party = named(row, self._position)
            setattr(held, attribute, self._party)

    def _on_n3(self, row: Row) -> None:
        if self._party is not None:
            self._party.street = row[1]

    def _on_n4(self, row: Row) -> None:
        if self._party is not None:
            self._party.city, self._party.state, self._party.zip = row[1:4]

    def _on_sbr(self, row: Row) -> None:
        if self._loop in _SECTIONS:
            self._loop, self._party = "2320", None
        else:
            self._subscription = row

    def _on_ref(self, row: Row) -> None:
        if self._loop == "2400" and self._line is not None:
            if row[1] == "6R":
                self._line.control_number = row[2]
            elif row[1] == "G1":
                self._line.authorization = row[2].upper()
        elif self._loop == "2300" and self._claim is not None:
            self._claim.take_reference(row[1], row[2])
        elif row[1] in {"EI", "SY"} and self._party is self._billing:
            self._billing.tax_id = row[2]
        elif row[1] == "Y4" and self._loop in {"2010BA", "2010CA"}:
            self._property_claim_number = row[2]

    def _on_clm(self, row: Row) -> None:
        self._close_claim()
        self._check_parties()
        place, _, frequency = [*row[5].split(self._separator), "", "", ""][:3]
        held = self._subscription or [""] * 17
        self._loop, self._party = "2300", None
        self._claim = SubmittedClaim(
            number=row[1],
            charge_cents=read_cents(row[2]),
            place=place,
            frequency=frequency,
            order=held[1],
            group_number=held[3],
            filing_indicator=held[9],
            billing=self._billing,
            subscriber=self._subscriber,
            patient=self._patient or self._subscriber,
            payer=self._payer,
            property_claim_number=self._property_claim_number,
            position=self._position,
        )

    def _check_parties(self) -> None:
        for party, loop in (
            (self._billing, "2010AA"),
            (self._subscriber, "2010BA"),
            (self._payer, "2010BB"),
            (self._patient, "2010CA"),
        ):
            if party is not None and not party.position:
                self._fault("NM1", "3", loop)
        if not self._subscription:
            self._fault("SBR", "3", "2000B")

    def _on_dtp(self, row: Row) -> None:
        if row[1] == "472" and self._line is not None and self._loop == "2400":
            first, _, last = row[3].partition("-")
            self._line.from_on, self._line.to_on = read_day(first), read_day(last or first)
        elif row[1] == "439" and self._claim is not None and self._loop == "2300":
            self._claim.accident_on = read_day(row[3])

    def _on_hi(self, row: Row) -> None:
        if self._claim is not None:
            self._claim.diagnoses += sum(1 for one in row[1:13] if one)

    def _on_amt(self, row: Row) -> None:
        if self._loop == "2320" and row[1] == "D" and self._claim is not None:
            self._claim.prior_paid_cents += read_cents(row[2])

    def _on_lx(self, row: Row) -> None:
        self._close_line()
        self._loop, self._party = "2400", None
        self._line = SubmittedLine(number=row[1], position=self._position)
        if self._claim is not None:
            self._claim.lines.append(self._line)

    def _on_sv1(self, row: Row) -> None:
        if self._line is None:
            self._fault("LX", "3", "2400")
            return
        held = (row[1].split(self._separator) + [""] * 6)[:6]
        self._line.code = held[1]
        self._line.modifiers = tuple(one for one in held[2:] if one)
        self._line.charge_cents = read_cents(row[2])
        self._line.unit, self._line.units = row[3], row[4]
        self._line.pointers = tuple(one for one in row[7].split(self._separator) if one)

    def _on_svd(self, row: Row) -> None:
        if self._line is not None:
            self._line.prior_paid_cents += read_cents(row[2])
            self._line.has_prior = True

    def _on_cas(self, row: Row) -> None:
        if self._line is not None and self._line.has_prior and row[1] == "PR":
            self._line.prior_patient_cents += sum(read_cents(one) for one in row[3::3])

    def _close_line(self) -> None:
        line, self._line = self._line, None
        if line is not None and not line.code:
            self._fault("SV1", "3", "2400")
        if line is not None and line.from_on is None and not any(one.segment == "DTP" for one in self.faults):
            self._fault("DTP", "3", "2400")

    def _close_claim(self) -> None:
        self._close_line()
        claim, self._claim = self._claim, None
        if claim is None:
            return
        if not claim.diagnoses:
            self._fault("HI", "3", "2300")
        if not claim.lines:
            self._fault("LX", "3", "2400")
        self.claims.append(claim)


# Where NM1 puts somebody: the loop and NM101, then the attribute of the reading, its claim or its line.
_PARTIES = {
    ("1000A", "41"): ("reading", "submitter"),
    ("2010AA", "85"): ("reading", "_billing"),
    ("2010BA", "IL"): ("reading", "_subscriber"),
    ("2010BA", "PR"): ("reading", "_payer"),
    ("2010CA", "QC"): ("reading", "_patient"),
    ("2300", "82"): ("claim", "rendering"),
    ("2400", "82"): ("line", "rendering"),
}

_HANDLERS: dict[str, Callable[[ClaimReading, Row], None]] = {
    "BHT": ClaimReading._on_bht,
    "HL": ClaimReading._on_hl,
    "NM1": ClaimReading._on_nm1,
    "N3": ClaimReading._on_n3,
    "N4": ClaimReading._on_n4,
    "SBR": ClaimReading._on_sbr,
    "REF": ClaimReading._on_ref,
    "CLM": ClaimReading._on_clm,
    "DTP": ClaimReading._on_dtp,
    "HI": ClaimReading._on_hi,
    "AMT": ClaimReading._on_amt,
    "LX": ClaimReading._on_lx,
    "SV1": ClaimReading._on_sv1,
    "SVD": ClaimReading._on_svd,
    "CAS": ClaimReading._on_cas,
}


def read_claims(transaction: Transaction) -> ClaimReading:
    """Read the whole transaction set; faults are collected, never raised."""
    reading = ClaimReading(transaction)
    for position, raw in enumerate(transaction.raw_segments(), 1):
        if raw:
            reading.take(raw, position)
    reading.finish()
    return reading
