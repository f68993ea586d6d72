"""What a practice or payer makes of documentation and of codes that others proposed: shapes of rule rows."""

import hashlib
from typing import Annotated, Any, Literal, TypeAlias

from msgspec import Meta, Struct

from billing_rules.therapy.documentation.checklists import Checklists

DOCUMENTATION_CHECKLIST = "documentation_checklist"
DOCUMENTATION_POLICY = "documentation_policy"
CODING_REVIEW = "coding_review"

Consequence: TypeAlias = Literal["holds", "warns", "ignored"]
Percent = Annotated[int, Meta(ge=0, le=100)]


class DocumentationPolicy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What follows when no attestation came with a note, and when a note repeats the one before.

    Notes of fewer than `near_copy_least_words` shingles are not compared: short ones are alike by nature.
    """

    not_received: Consequence
    near_copy: Consequence
    near_copy_percent: Percent
    near_copy_least_words: Annotated[int, Meta(ge=1, le=2000)]


class CodingReview(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which proposed codes a coder looks at before they are charged; `codes` and `clinicians` always.

    `none` takes a signed note's codes as they are, `sample` draws so many of a hundred notes by source id.
    """

    review: Literal["none", "sample", "every"]
    sample_percent: Percent = 0
    codes: tuple[str, ...] = ()
    clinicians: tuple[str, ...] = ()

    def wants(self, *, source: str, clinician: str, codes: set[str]) -> bool:
        """Whether a coder must see this note; the same source id gives the same answer every time."""
        if self.review == "every" or clinician in self.clinicians or codes & set(self.codes):
            return True
        return self.review == "sample" and _drawn(source) < self.sample_percent


DOCUMENTATION_SHAPES: dict[str, Any] = {
    DOCUMENTATION_CHECKLIST: Checklists,
    DOCUMENTATION_POLICY: DocumentationPolicy,
    CODING_REVIEW: CodingReview,
}
"""The type of each rule's value, by its name."""


def _drawn(source: str) -> int:
    return int.from_bytes(hashlib.sha256(source.encode()).digest()[:4], "big") % 100
