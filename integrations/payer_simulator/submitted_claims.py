"""What an 837P says, as far as this payer cares; filled segment by segment by the reader."""

from datetime import date

from msgspec import Struct, field


class Party(Struct, kw_only=True):
    """Anybody named by an NM1; `id` is NM109, `tax_id` REF*EI or REF*SY; empty when not sent."""

    name: str = ""
    first: str = ""
    middle: str = ""
    is_person: bool = False
    id: str = ""
    tax_id: str = ""
    street: str = ""
    city: str = ""
    state: str = ""
    zip: str = ""
    position: int = 0


class SubmittedLine(Struct, kw_only=True):
    """One service line; `units` as sent; what an earlier payer paid and adjusted is from loop 2430."""

    number: str = ""
    code: str = ""
    modifiers: tuple[str, ...] = ()
    charge_cents: int = 0
    unit: str = ""
    units: str = ""
    pointers: tuple[str, ...] = ()
    from_on: date | None = None
    to_on: date | None = None
    control_number: str = ""
    authorization: str = ""
    rendering: Party | None = None
    prior_paid_cents: int = 0
    prior_patient_cents: int = 0
    has_prior: bool = False
    position: int = 0


class SubmittedClaim(Struct, kw_only=True):
    """One claim (CLM); `order` is SBR01, `frequency` CLM05-3, `payer_control_number` REF*F8."""

    number: str
    charge_cents: int
    place: str
    frequency: str
    order: str
    group_number: str
    filing_indicator: str
    billing: Party
    subscriber: Party
    patient: Party
    payer: Party
    property_claim_number: str
    position: int
    rendering: Party | None = None
    payer_control_number: str = ""
    authorization: str = ""
    clearinghouse_number: str = ""
    accident_on: date | None = None
    diagnoses: int = 0
    prior_paid_cents: int = 0
    lines: list[SubmittedLine] = field(default_factory=list)

    @property
    def member_id(self) -> str:
        """The subscriber's id with this payer."""
        return self.subscriber.id

    @property
    def person(self) -> str:
        """Whose deductible and copay it is: dependents share the subscriber's id, not these."""
        return person_key(self.payer.id, self.member_id, self.patient)

    def take_reference(self, qualifier: str, value: str) -> None:
        """Keep a REF of loop 2300 that this payer cares about."""
        if qualifier == "F8":
            self.payer_control_number = value
        elif qualifier == "G1":
            self.authorization = value.upper()
        elif qualifier == "D9":
            self.clearinghouse_number = value

    def rendering_npi(self, line: SubmittedLine) -> str:
        """Who rendered the line: its own provider, the claim's, or the billing provider."""
        return (line.rendering or self.rendering or self.billing).id

    def from_on(self) -> date | None:
        """The first date of service."""
        return min((one.from_on for one in self.lines if one.from_on), default=None)

    def to_on(self) -> date | None:
        """The last date of service."""
        return max((one.to_on for one in self.lines if one.to_on), default=None)

    def content(self) -> str:
        """What makes two submissions the same services, whatever their numbers are."""
        lines = sorted(f"{one.from_on}{one.code}{one.modifiers}{one.units}" for one in self.lines)
        return "|".join([self.payer.id, self.member_id, self.patient.first, str(self.charge_cents), *lines])


def person_key(payer_id: str, member_id: str, patient: Party) -> str:
    """One person with one payer."""
    return f"{payer_id}|{member_id}|{patient.first.upper()}"


def named(row: list[str], position: int) -> Party:
    """Whom an NM1 names; the row has every element up to NM109."""
    return Party(
        name=row[3],
        first=row[4],
        middle=row[5],
        is_person=row[2] == "1",
        id=row[9].upper(),
        position=position,
    )
