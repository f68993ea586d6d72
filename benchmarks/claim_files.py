"""Made-up claims as the 837P that says the same, and pyx12 to validate it."""

import io
import warnings
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal

from benchmarks.x12_samples import interchange
from billing_rules.therapy.claim_facts import ClaimFacts, LineFacts
from billing_rules.therapy.facts.parties import AddressFacts
from integrations.x12.professional_claims import (
    BillingProvider,
    Claim,
    ClaimBatch,
    Line,
    PartyName,
    PayerName,
    PostalAddress,
    ReceiverInfo,
    ReferringProvider,
    RenderingProvider,
    SubmitterInfo,
    Subscriber,
    write_837p,
)


def as_837p(claims: Sequence[ClaimFacts]) -> str:
    """The claims as one interchange, written by our writer; each must have its parties."""
    batch = ClaimBatch(
        submitter=SubmitterInfo(
            name="EXAMPLE BILLING", id="BILLER01", contact_name="DESK", telephone="8005550100"
        ),
        receiver=ReceiverInfo(name="EXAMPLE CLEARINGHOUSE", id="CLEAR01"),
        reference="BATCH1",
        created_at=datetime(2026, 3, 2, 8, tzinfo=UTC),
        claims=tuple(_claim(facts) for facts in claims),
    )
    return write_837p(batch, interchange())


def pyx12_validator() -> Callable[[str], bool]:
    """What pyx12 makes of an interchange: whether it is valid, and nothing written of it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pyx12.params  # noqa: PLC0415 - it warns on import of what is its own affair
        import pyx12.x12n_document  # noqa: PLC0415
    params = pyx12.params.params()
    params.set("charset", "E")

    def validate(text: str) -> bool:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return bool(
                pyx12.x12n_document.x12n_document(
                    param=params, src_file=io.StringIO(text), fd_997=None, fd_html=None, map_path=None
                )
            )

    return validate


def _claim(facts: ClaimFacts) -> Claim:
    parties = facts.parties
    assert parties is not None, "a claim to be written names its parties"
    return Claim(
        control_number=parties.control_number or "",
        billing=BillingProvider(
            name=PartyName(last_or_organization=facts.billing_name or "", is_person=False),
            npi="1234567893",  # the writer refuses the wrong check digit that a fault has
            taxonomy=facts.billing_taxonomy or "",
            tax_id=facts.billing_tax_id or "",
            address=_address(parties.billing, facts.billing_zip),
        ),
        subscriber=Subscriber(
            name=PartyName(
                last_or_organization=facts.patient_last_name or "", first=facts.patient_first_name or ""
            ),
            member_id=facts.member_id or "",
            filing_code=parties.filing_indicator or "",
            birth_on=facts.patient_born_on,
            gender=facts.patient_sex or "",
            address=_address(parties.patient, facts.patient_zip),
        ),
        payer=PayerName(name=parties.payer_name or "", id=facts.payer_id or ""),
        place_of_service=facts.lines[0].place_of_service or "",
        charge_cents=sum(line.charge_cents for line in facts.lines),
        diagnosis_codes=facts.diagnoses,
        lines=tuple(_line(facts, at, line) for at, line in enumerate(facts.lines)),
        rendering=RenderingProvider(
            name=PartyName(last_or_organization=parties.rendering_last_name or "", first="Sam"),
            npi=facts.rendering_npi or "",
            taxonomy=facts.rendering_taxonomy or "",
        ),
        referring=ReferringProvider(
            name=PartyName(last_or_organization=parties.referring_name or "", first="Lee"),
            npi=parties.referring_npi or "",
        ),
        authorization_number=facts.authorizations[0].number if facts.authorizations else "",
    )


def _address(address: AddressFacts, zip_code: str | None) -> PostalAddress:
    return PostalAddress(
        line_1=address.street or "",
        city=address.city or "",
        state=address.state or "",
        postal_code=zip_code or "",
    )


def _line(facts: ClaimFacts, at: int, line: LineFacts) -> Line:
    assert facts.parties is not None, "a claim to be written names its parties"
    assert line.served_on is not None, "a line to be written has its day"
    elsewhere = line.place_of_service != facts.lines[0].place_of_service
    return Line(
        control_number=facts.parties.line_controls[at],
        code=line.code,
        modifiers=line.modifiers,
        charge_cents=line.charge_cents,
        units=Decimal(line.units),
        pointers=line.pointers,
        service_from_on=line.served_on,
        service_to_on=line.served_on,
        place_of_service=(line.place_of_service or "") if elsewhere else "",
    )
