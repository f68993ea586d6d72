"""Who and where a professional claim names, besides what its first facts held: all that a file needs."""

from msgspec import Struct


class AddressFacts(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A postal address without its ZIP, which has a field of its own."""

    street: str | None
    city: str | None
    state: str | None


class NamedProvider(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A provider whom the claim names because the payer's rule wants it; null where not known."""

    last_name: str | None
    npi: str | None


class PartyFacts(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Names, addresses and numbers of the loops of an 837P; null where the practice does not know.

    `facility` is null where the service took place at the billing address. `rendering_is_billing` tells that
    one NPI stands for both, so that the claim names no clinician of its own. `supervising` and `ordering`
    are each one once, whether the claim or a line names them (2310D and 2420D, 2420E).
    """

    control_number: str | None
    place_of_service: str | None
    payer_name: str | None
    filing_indicator: str | None
    billing: AddressFacts
    rendering_last_name: str | None
    rendering_is_billing: bool
    relationship: str | None
    subscriber_last_name: str | None
    subscriber_first_name: str | None
    patient: AddressFacts
    facility_name: str | None
    facility: AddressFacts | None
    referring_name: str | None
    referring_npi: str | None
    accident_kind: str | None
    accident_state: str | None
    line_controls: tuple[str, ...]
    supervising: tuple[NamedProvider, ...] = ()
    ordering: tuple[NamedProvider, ...] = ()


class ProviderFacts(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the practice's own files say of the claim's numbers.

    `persons` and `organizations` are NPIs it holds as of type 1 and 2. `enrolled` is whether the clinician's
    identifiers for this payer cover the first date of service; null where none is recorded for the payer.
    """

    persons: tuple[str, ...]
    organizations: tuple[str, ...]
    enrolled: bool | None
