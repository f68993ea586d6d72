"""What a payer refused of late, so that a claim can be compared with it."""

from datetime import date

from msgspec import Struct


class RefusalFacts(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line that the payer rejected or denied; `claim` is the number of that claim of ours.

    `reason_code` is the payer's own, such as `CO-16` of a remittance or `A7:500` of an acknowledgement.
    """

    claim: str
    refused_on: date
    code: str
    modifiers: tuple[str, ...]
    place_of_service: str | None
    diagnosis: str | None
    reason_code: str
