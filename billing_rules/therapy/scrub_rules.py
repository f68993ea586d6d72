"""What the scrub asks of payers besides coding: numbers, policies, repeated refusals, acknowledgement."""

from typing import Any

from msgspec import Struct

from billing_rules.therapy.id_formats import read_format

PAYER_IDS = "payer_ids"
MEMBER_ID_FORMAT = "member_id_format"
TAXONOMY_REQUIRED = "taxonomy_required"
REFERRING_REQUIRED = "referring_provider_required"
MEDICAL_POLICY = "medical_policy"
PATTERN_THRESHOLDS = "pattern_thresholds"
PATTERN_WARNING = "pattern_warning"
WARNING_ACKNOWLEDGEMENT = "warning_acknowledgement"
SERVICE_TARGETS = "service_targets"


class PayerIds(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The electronic ids under which a payer takes claims (rule payer_ids); none means not known."""

    ids: tuple[str, ...]


class MemberIdFormat(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a payer's member ids look (rule member_id_format); an empty pattern takes any.

    The pattern knows literals, [classes], {n} and {n,m}, ? and |: never slower than the id is long.
    """

    pattern: str
    example: str

    def __post_init__(self) -> None:
        """Raises ValueError for a pattern that cannot be read, or that refuses its own example."""
        if self.pattern and not read_format(self.pattern).takes(self.example):
            raise ValueError("the example is not of the pattern's own form")

    def takes(self, member_id: str) -> bool:
        """Whether an id has the payer's form."""
        return not self.pattern or read_format(self.pattern).takes(member_id)


class TaxonomyRequired(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of whom a payer wants a taxonomy code (rule taxonomy_required); the billing provider always has one."""

    rendering: bool


class ReferringRequired(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For which disciplines the claim names who refers or certifies (rule referring_provider_required)."""

    disciplines: tuple[str, ...]


class MedicalPolicy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A payer's policy about which diagnoses support a procedure; a diagnosis may end in * for its family.

    With `allowed` one of the line's diagnoses must be among them; its first may never be among `excluded`.
    """

    policy: str
    source: str
    codes: tuple[str, ...]
    allowed: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()


class MedicalPolicies(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All policies of a payer about diagnoses and procedures (rule medical_policy)."""

    policies: tuple[MedicalPolicy, ...]


class PatternThresholds(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From how many alike within how many days on something is a pattern (rule pattern_thresholds)."""

    refusals: int
    refusal_days: int
    repeats: int
    repeat_days: int


class PatternWarning(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a payer was seen to refuse, approved by a member as a rule of its own (rule pattern_warning)."""

    patterns: tuple["RefusedPattern", ...]


class RefusedPattern(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A procedure with these modifiers at this place that the payer refused for this reason; null is any."""

    code: str
    modifiers: tuple[str, ...]
    place_of_service: str | None
    reason_code: str


class WarningAcknowledgement(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether warnings wait for a person before a claim is sent (rule warning_acknowledgement)."""

    required: bool
    exempt_rules: tuple[str, ...]


class ServiceTargets(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the agreement with a practice promises of its claims (rule service_targets)."""

    submission_lag_days: int
    clean_claim_percent: int


SCRUB_SHAPES: dict[str, Any] = {
    PAYER_IDS: PayerIds,
    MEMBER_ID_FORMAT: MemberIdFormat,
    TAXONOMY_REQUIRED: TaxonomyRequired,
    REFERRING_REQUIRED: ReferringRequired,
    MEDICAL_POLICY: MedicalPolicies,
    PATTERN_THRESHOLDS: PatternThresholds,
    PATTERN_WARNING: PatternWarning,
    WARNING_ACKNOWLEDGEMENT: WarningAcknowledgement,
    SERVICE_TARGETS: ServiceTargets,
}
"""The type of each rule's value, by its name."""
