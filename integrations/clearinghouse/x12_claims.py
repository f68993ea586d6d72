"""Our claim content as the codec's 837P values."""

from decimal import Decimal
from typing import Literal, cast

from domain.claims.content import (
    Address,
    ClaimContent,
    ClinicianContent,
    LineContent,
    OrderingContent,
    PersonContent,
)
from integrations.x12 import professional_claims as x12

RESPONSIBILITY: dict[int, Literal["P", "S", "T"]] = {1: "P", 2: "S", 3: "T"}
RELATIONSHIP = {"spouse": "01", "child": "19", "employee": "20", "other": "G8"}
CAUSE = {"employment": "EM", "auto": "AA", "other": "OA"}


def x12_claim(content: ClaimContent) -> x12.Claim:
    """The 837P values of a claim; the patient has a loop of its own unless it is the subscriber."""
    authorization = _one_authorization(content)
    return x12.Claim(
        control_number=content.control_number,
        billing=_billing(content),
        subscriber=_subscriber(content),
        payer=_payer(content),
        place_of_service=content.facility.place_of_service,
        charge_cents=content.billed_cents,
        diagnosis_codes=content.diagnoses,
        lines=tuple(_line(line, authorization) for line in content.lines),
        patient=_patient(content),
        frequency=cast(Literal["1", "7", "8"], content.frequency),
        original_reference=content.payer_control_number or "",
        rendering=_rendering(content.rendering, content.billing.npi),
        referring=_referring(content),
        supervising=_supervising(content.supervising),
        facility=_facility(content),
        authorization_number=authorization or "",
        property_casualty_number=(content.accident.claim_number or "") if content.accident else "",
        accident=_accident(content),
    )


def _one_authorization(content: ClaimContent) -> str | None:
    """The number for the claim level, when all lines that have one have the same."""
    numbers = {line.authorization_number for line in content.lines if line.authorization_number}
    return numbers.pop() if len(numbers) == 1 else None


def _person(person: PersonContent) -> x12.PartyName:
    return x12.PartyName(last_or_organization=person.family_name, first=person.given_name)


def _address(address: Address | None) -> x12.PostalAddress | None:
    if address is None:
        return None
    return x12.PostalAddress(
        line_1=address.street, city=address.city, state=address.state, postal_code=_digits(address.zip_code)
    )


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit())


def _billing(content: ClaimContent) -> x12.BillingProvider:
    billing = content.billing
    address = _address(billing.address)
    assert address is not None
    return x12.BillingProvider(
        name=x12.PartyName(last_or_organization=billing.name, is_person=False),
        npi=billing.npi,
        taxonomy=billing.taxonomy,
        tax_id=_digits(billing.tax_id),
        address=address,
    )


def _subscriber(content: ClaimContent) -> x12.Subscriber:
    held = content.subscriber
    own = held.relationship == "self"
    return x12.Subscriber(
        name=_person(held.person),
        member_id=held.member_number,
        filing_code=content.payer.filing_indicator,
        responsibility=RESPONSIBILITY[content.payer_ordinal],
        group_number=held.group_number or "",
        birth_on=held.person.birth_on,
        gender=held.person.sex or "",
        address=_address(content.patient.address if own else held.person.address),
    )


def _payer(content: ClaimContent) -> x12.PayerName:
    payer = content.payer
    return x12.PayerName(name=payer.name, id=payer.electronic_id, address=_address(payer.address))


def _patient(content: ClaimContent) -> x12.Patient | None:
    relationship = RELATIONSHIP.get(content.subscriber.relationship)
    address = _address(content.patient.address)
    if relationship is None or address is None or content.patient.birth_on is None:
        return None
    return x12.Patient(
        name=_person(content.patient),
        relationship=relationship,
        birth_on=content.patient.birth_on,
        gender=content.patient.sex or "U",
        address=address,
    )


def _rendering(clinician: ClinicianContent, billing_npi: str) -> x12.RenderingProvider | None:
    """The rendering provider, unless it is the billing provider itself."""
    if clinician.npi is None or clinician.npi == billing_npi:
        return None
    name = x12.PartyName(last_or_organization=clinician.family_name, first=clinician.given_name)
    return x12.RenderingProvider(name=name, npi=clinician.npi, taxonomy=clinician.taxonomy or "")


def _referring(content: ClaimContent) -> x12.ReferringProvider | None:
    referring = content.referring
    if referring is None:
        return None
    return x12.ReferringProvider(name=_outside(referring.name), npi=referring.npi)


def _supervising(clinician: ClinicianContent | None) -> x12.SupervisingProvider | None:
    """The supervisor; without an NPI nobody is named, and the checks have held the claim."""
    if clinician is None or clinician.npi is None:
        return None
    name = x12.PartyName(last_or_organization=clinician.family_name, first=clinician.given_name)
    return x12.SupervisingProvider(name=name, npi=clinician.npi)


def _ordering(ordering: OrderingContent | None) -> x12.OrderingProvider | None:
    return x12.OrderingProvider(name=_outside(ordering.name), npi=ordering.npi) if ordering else None


def _outside(name: str) -> x12.PartyName:
    """Somebody outside the practice, of whom we know one name: its last word is the family name."""
    first, _, last = name.rpartition(" ")
    return x12.PartyName(last_or_organization=last, first=first)


def _facility(content: ClaimContent) -> x12.ServiceFacility | None:
    """The service facility, where it is not the billing address itself."""
    facility = content.facility
    address = _address(facility.address)
    if address is None or facility.address == content.billing.address:
        return None
    npi = facility.npi if facility.npi != content.billing.npi else None
    return x12.ServiceFacility(name=facility.name, address=address, npi=npi or "")


def _accident(content: ClaimContent) -> x12.AccidentInfo | None:
    accident = content.accident
    if accident is None:
        return None
    cause = CAUSE[accident.kind]
    state = (accident.state or "") if cause == "AA" else ""
    return x12.AccidentInfo(causes=(cause,), occurred_on=accident.on, state=state)


def _line(line: LineContent, claim_authorization: str | None) -> x12.Line:
    own = line.authorization_number if line.authorization_number != claim_authorization else None
    return x12.Line(
        control_number=line.line_control,
        code=line.code,
        charge_cents=line.charge_cents,
        units=Decimal(line.units),
        pointers=line.pointers,
        service_from_on=line.served_on,
        service_to_on=line.served_on,
        modifiers=line.modifiers,
        place_of_service=line.place_of_service,
        authorization_number=own or "",
        supervising=_supervising(line.supervising),
        ordering=_ordering(line.ordering),
    )
