"""The shapes of the payers' rules about modifiers and bundling."""

from typing import Any, Literal, TypeAlias

from msgspec import Struct

from billing_rules.money import Cents

ASSISTANT_MODIFIERS = "assistant_modifiers"
THERAPY_THRESHOLD = "therapy_threshold"
MODIFIER_ORDER = "modifier_order"
CREDENTIAL_MODIFIERS = "credential_modifiers"
TELEHEALTH_MODIFIERS = "telehealth_modifiers"
NOTICE_MODIFIERS = "notice_modifiers"
BENEFIT_MODIFIERS = "benefit_modifiers"
DISTINCT_SERVICE_MODIFIERS = "distinct_service_modifiers"
NCCI_EDIT_SET = "ncci_edit_set"
PLACES_OF_CODES = "places_of_codes"
DISCIPLINE_CODES = "discipline_codes"
SIDES_OF_CODES = "sides_of_codes"

EditSet: TypeAlias = Literal[
    "medicare_practitioner", "medicare_outpatient_hospital", "medicaid_practitioner", "none"
]
"""Whose pair, unit and add-on edits a payer follows; none follows none."""


ModifierBy: TypeAlias = dict[str, str]
"""A modifier by discipline or benefit; what has none is not in it."""


class AssistantRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a payer wants of assistants' work (rule assistant_modifiers).

    `modifiers` are by discipline, none where the payer wants none. With the midpoint exception a last unit is
    the therapist's from eight minutes on; `share_percent` is what an assistant may work without a modifier.
    """

    modifiers: dict[str, str]
    midpoint_exception: bool
    share_percent: int


class ThresholdRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether a payer counts therapy against the yearly threshold (rule therapy_threshold).

    `review_cents` is the sum above which records may be asked for; null where there is none.
    """

    applies: bool
    review_cents: Cents | None


class ModifierOrder(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Modifiers in a payer's order (rule modifier_order); those it does not name come after, as they came."""

    first: tuple[str, ...]


class CredentialRow(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who furnishes which codes gets which modifier; no codes means any."""

    credential: str
    codes: tuple[str, ...]
    modifier: str


class CredentialModifiers(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A payer's table (rule credential_modifiers); a row that names the code beats one for any code."""

    rows: tuple[CredentialRow, ...]

    def wanted(self, credential: str, code: str) -> str | None:
        """The modifier of a credential for a code, or none."""
        if not self.rows:
            return None
        mine = [row for row in self.rows if row.credential.casefold() == credential.casefold()]
        named = [row.modifier for row in mine if code in row.codes]
        other = [row.modifier for row in mine if not row.codes]
        return next(iter(named + other), None)


class TelehealthModifiers(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a payer wants remote sessions marked (rule telehealth_modifiers); null: the place says it.

    `hands_on_codes` cannot be furnished at a distance, `video_only_codes` not by telephone, and `audio_codes`
    are for the telephone only.
    """

    audio_video: str | None
    audio_only: str | None
    hands_on_codes: tuple[str, ...]
    video_only_codes: tuple[str, ...]
    audio_codes: tuple[str, ...]

    def wanted(self, how: str) -> str | None:
        """The modifier of a session that was by video or by telephone only, or none."""
        return {"audio_video": self.audio_video, "audio_only": self.audio_only}.get(how)


class DistinctModifiers(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a payer takes for a distinct service (rule distinct_service_modifiers): 59, or the X that fits."""

    prefers: Literal["59", "X"]


class CodePlaces(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a code may not be furnished; `only` names the places it is for, none means any."""

    codes: tuple[str, ...]
    only: tuple[str, ...]
    never: tuple[str, ...]


class PlacesOfCodes(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which codes belong to which places of service (rule places_of_codes)."""

    rows: tuple[CodePlaces, ...]


class DisciplineCodes(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Codes that a payer takes from a discipline besides the code table's, or not (rule discipline_codes)."""

    also: dict[str, tuple[str, ...]]
    never: dict[str, tuple[str, ...]]


class SidesOfCodes(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which codes are of one side of the body and must say which (rule sides_of_codes)."""

    codes: tuple[str, ...]
    both_sides: Literal["50", "RT_LT"]


MODIFIER_SHAPES: dict[str, Any] = {
    ASSISTANT_MODIFIERS: AssistantRule,
    THERAPY_THRESHOLD: ThresholdRule,
    MODIFIER_ORDER: ModifierOrder,
    CREDENTIAL_MODIFIERS: CredentialModifiers,
    TELEHEALTH_MODIFIERS: TelehealthModifiers,
    NOTICE_MODIFIERS: dict[str, tuple[str, ...]],
    BENEFIT_MODIFIERS: ModifierBy,
    DISTINCT_SERVICE_MODIFIERS: DistinctModifiers,
    NCCI_EDIT_SET: EditSet,
    PLACES_OF_CODES: PlacesOfCodes,
    DISCIPLINE_CODES: DisciplineCodes,
    SIDES_OF_CODES: SidesOfCodes,
}
"""The type of each rule's value."""
