"""Reads an 837P back into the values that the writer takes; what other payers said (2320) is passed over."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

from integrations.x12.interchanges import Transaction
from integrations.x12.numbers import NumberUnreadable, cents_or_zero, day
from integrations.x12.problems import X12Refused
from integrations.x12.professional_lines import read_line
from integrations.x12.professional_loops import ClaimLoops, Loop, claim_loops, empty_loop
from integrations.x12.professional_parties import address, party, rendering, supervising
from integrations.x12.professional_values import (
    AccidentInfo,
    BillingProvider,
    Claim,
    ClaimBatch,
    Patient,
    PayerName,
    ReceiverInfo,
    ReferringProvider,
    ServiceFacility,
    SubmitterInfo,
    Subscriber,
)
from integrations.x12.segments import Delimiters, Segment
from integrations.x12.tokenizer import read_interchanges


def read_837p(source: str | bytes) -> Iterator[ClaimBatch]:
    """Every 837P of a text, one batch for each ST; raises X12Refused with the segment and its position."""
    for interchange in read_interchanges(source):
        interchange.refuse_if_broken()
        for transaction in interchange.transactions:
            yield read_batch(transaction)


def read_batch(transaction: Transaction) -> ClaimBatch:
    """One 837P; raises X12Refused when it is another transaction or a needed segment is missing."""
    require_professional(transaction)
    claims, header = list[Claim](), empty_loop("header")
    for loops in claim_loops(transaction):
        header = loops.header
        claims.append(read_claim(loops, transaction.delimiters))
    if not claims:
        raise X12Refused("segment_missing", "CLM", transaction.position, "the transaction holds no claim")
    return _batch(header, claims)


def require_professional(transaction: Transaction) -> None:
    """Raises X12Refused for any other transaction and for one whose trailer is wrong."""
    if transaction.set_id != "837" or "X222" not in transaction.implementation:
        detail = f"{transaction.set_id} {transaction.implementation} is no professional claim of version 5010"
        raise X12Refused("unsupported_transaction", "ST", transaction.position, detail)
    if transaction.problems:
        raise X12Refused.because_of(transaction.problems[0])


def _batch(header: Loop, claims: list[Claim]) -> ClaimBatch:
    opening, contact = header.find("BHT"), _inner(header, "41").find("PER")
    channels = {contact.element(at): contact.element(at + 1) for at in (3, 5, 7)}
    submitter, receiver = (_inner(header, role).find("NM1") for role in ("41", "40"))
    return ClaimBatch(
        submitter=SubmitterInfo(
            name=submitter.element(3),
            id=submitter.element(9),
            contact_name=contact.element(2),
            telephone=channels.get("TE", ""),
            email=channels.get("EM", ""),
        ),
        receiver=ReceiverInfo(name=receiver.element(3), id=receiver.element(9)),
        reference=opening.element(3),
        created_at=_instant(opening),
        claims=tuple(claims),
    )


def _instant(opening: Segment) -> datetime:
    text = opening.element(4) + opening.element(5)[:4]
    try:
        return datetime.strptime(text, "%Y%m%d%H%M").replace(tzinfo=UTC)
    except ValueError as error:
        raise X12Refused("date_unreadable", "BHT", opening.position, "BHT04 or BHT05 is no time") from error


def _inner(loop: Loop, role: str) -> Loop:
    return loop.inner.get(role) or empty_loop(role)


def read_claim(loops: ClaimLoops, delimiters: Delimiters) -> Claim:
    """One claim with everybody in it; raises X12Refused with the segment and its position."""
    opening = loops.claim.find("CLM")
    try:
        return _claim_values(loops, opening, delimiters)
    except NumberUnreadable as error:
        raise X12Refused("number_unreadable", "CLM", opening.position, str(error)) from error


def _claim_values(loops: ClaimLoops, opening: Segment, delimiters: Delimiters) -> Claim:
    held, place = loops.claim, [*opening.components(5, delimiters), "", "", ""]
    holder = loops.patient or loops.subscriber
    role = "QC" if loops.patient else "IL"
    return Claim(
        control_number=opening.element(1),
        billing=_billing(loops.billing, opening),
        subscriber=_subscriber(loops.subscriber, opening),
        payer=_payer(_inner(loops.subscriber, "PR")),
        patient=_patient(loops.patient) if loops.patient else None,
        place_of_service=place[0],
        frequency=_one_of(place[2], "178", opening),
        charge_cents=cents_or_zero(opening.element(2)),
        provider_accepts_assignment=_one_of(opening.element(7) or "A", "ABC", opening),
        benefits_assigned=_one_of(opening.element(8) or "Y", "YNW", opening),
        release_of_information=_one_of(opening.element(9) or "Y", "YI", opening),
        diagnosis_codes=_diagnoses(held, delimiters),
        lines=tuple([read_line(line, delimiters) for line in held.lines]),
        property_casualty_number=_inner(holder, role).value("REF", "Y4"),
        accident=_accident(held, delimiters),
        **_claim_details(held),
    )


def _claim_details(held: Loop) -> dict[str, Any]:
    return {
        "referral_number": held.value("REF", "9F"),
        "authorization_number": held.value("REF", "G1"),
        "original_reference": held.value("REF", "F8"),
        "clearinghouse_number": held.value("REF", "D9"),
        "medical_record_number": held.value("REF", "EA"),
        "patient_paid_cents": cents_or_zero(held.value("AMT", "F5")),
        "onset_on": _dated(held, "431"),
        "initial_treatment_on": _dated(held, "454"),
        "note": held.value("NTE", "ADD"),
        "rendering": rendering(held.inner.get("82")),
        "referring": _referring(held),
        "supervising": supervising(held.inner.get("DQ")),
        "facility": _facility(held.inner.get("77")),
    }


def _one_of(value: str, allowed: str, segment: Segment) -> Any:
    if len(value) != 1 or value not in allowed:
        detail = f"{value!r} is none of {', '.join(allowed)}"
        raise X12Refused("code_unknown", segment.id, segment.position, detail)
    return value


def _dated(loop: Loop, qualifier: str) -> date | None:
    return day(loop.find("DTP", qualifier).element(3))


def _diagnoses(held: Loop, delimiters: Delimiters) -> tuple[str, ...]:
    found = [segment for segment in held.segments if segment.id == "HI"]
    codes = []
    for segment in found:
        for at in range(1, len(segment.elements)):
            qualifier, _, code = segment.element(at).partition(delimiters.component)
            if qualifier in {"ABK", "ABF", "BK", "BF"}:
                codes.append(code)
    return tuple(codes)


def _accident(held: Loop, delimiters: Delimiters) -> AccidentInfo | None:
    parts = held.find("CLM").components(11, delimiters)
    causes = tuple([one for one in parts[:3] if one])
    if not causes:
        return None
    state = parts[3] if len(parts) > 3 else ""
    return AccidentInfo(causes=causes, occurred_on=_dated(held, "439"), state=state)


def _billing(loop: Loop, opening: Segment) -> BillingProvider:
    held = loop.inner.get("85")
    if held is None:
        raise X12Refused("segment_missing", "NM1", opening.position, "no billing provider stands before CLM")
    kind: Any = "SY" if held.find("REF", "SY").id and not held.find("REF", "EI").id else "EI"
    elsewhere = loop.inner.get("87")
    return BillingProvider(
        name=party(held),
        npi=held.find("NM1").element(9),
        taxonomy=loop.find("PRV").element(3),
        tax_id=held.value("REF", kind),
        tax_id_kind=kind,
        address=address(held),
        pay_to_address=address(elsewhere) if elsewhere else None,
    )


def _subscriber(loop: Loop, opening: Segment) -> Subscriber:
    held, insured = loop.inner.get("IL"), loop.find("SBR")
    if held is None or not insured.id:
        raise X12Refused("segment_missing", "SBR", opening.position, "no subscriber stands before CLM")
    born = held.find("DMG")
    return Subscriber(
        name=party(held),
        member_id=held.find("NM1").element(9),
        filing_code=insured.element(9),
        responsibility=_one_of(insured.element(1), "PSTU", insured),
        group_number=insured.element(3),
        group_name=insured.element(4),
        birth_on=day(born.element(2)),
        gender=born.element(3),
        address=address(held) if held.find("N3").id else None,
    )


def _payer(loop: Loop) -> PayerName:
    named = loop.find("NM1")
    where = address(loop) if loop.find("N3").id else None
    return PayerName(name=named.element(3), id=named.element(9), address=where)


def _patient(loop: Loop) -> Patient:
    held, opening = _inner(loop, "QC"), loop.find("HL")
    born = held.find("DMG")
    birth_on = day(born.element(2))
    if birth_on is None:
        raise X12Refused("date_unreadable", "DMG", born.position or opening.position, "DMG02 is no date")
    return Patient(
        name=party(held),
        relationship=loop.find("PAT").element(1),
        birth_on=birth_on,
        gender=born.element(3),
        address=address(held),
    )


def _referring(held: Loop) -> ReferringProvider | None:
    loop = held.inner.get("DN") or held.inner.get("P3")
    if loop is None:
        return None
    qualifier: Any = loop.name
    return ReferringProvider(name=party(loop), npi=loop.find("NM1").element(9), qualifier=qualifier)


def _facility(loop: Loop | None) -> ServiceFacility | None:
    if loop is None:
        return None
    named = loop.find("NM1")
    return ServiceFacility(name=named.element(3), npi=named.element(9), address=address(loop))
