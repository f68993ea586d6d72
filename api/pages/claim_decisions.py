"""What a person decides of a claim's content: suggested codes, and corrections that wait for a reviewer."""

from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar import post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect
from msgspec import Meta, Struct

from api.pages.claims import claim_page
from api.pages.frame import Answer, go
from api.pages.vocabulary import CONFIRMATIONS
from api.services import Services
from api.transactions import Incoming
from domain.claims.corrections import correct_on_evidence, review_correction
from domain.claims.evidence import Evidence
from domain.claims.line_changes import LineChange
from domain.claims.suggestions import Acceptance, accept_suggestion, reject_suggestion
from tenants.access import Actor, Permission
from tenants.errors import Invalid

WRITE = {"permission": Permission.CLAIM_WRITE}
RELEASE = {"permission": Permission.CLAIM_RELEASE}
NO_WORDS = "say in at least ten characters what the record says"
NO_LINK = "name the session, or the document, in which you read it"


class Read(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the record was read, and what it says there."""

    visit_id: str = ""
    document: str = ""
    words: str = ""

    def evidence(self) -> Evidence | None:
        """The evidence as the business takes it, None when no words are given; raises Invalid."""
        told = {"visit_id": self.visit_id, "document": self.document.strip(), "words": self.words.strip()}
        if not told["words"]:
            return None
        try:
            return msgspec.convert({name: value for name, value in told.items() if value}, Evidence)
        except msgspec.ValidationError as unreadable:
            raise Invalid(NO_WORDS, pointer="/evidence") from unreadable


class Taking(Read, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A suggestion with the four ticks, each absent unless set, and what was read for it."""

    suggestion_id: UUID
    note_supports: bool = False
    payer_allows: bool = False
    modifier_justified: bool = False
    diagnosis_connects: bool = False


class Proposal(Read, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A change of a line because of a finding, and what was read for it."""

    finding_id: UUID
    pointer: str
    becomes: Annotated[str, Meta(max_length=40)] = ""


class Dismissal(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a suggestion is put away."""

    suggestion_id: UUID
    reason: Annotated[str, Meta(min_length=1, max_length=500, pattern=r"\S")]


class Verdict(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a second person says of a proposed correction."""

    correction_id: UUID
    verdict: Literal["approve", "refuse"]


class Refused(Struct, frozen=True, kw_only=True):
    """An acceptance that was refused, in words, with the form as it was sent."""

    form: Taking
    words: str


@post("/practices/{practice_id:uuid}/claims/{claim_id:uuid}/accept-suggestion", opt=WRITE, status_code=200)
async def accept(
    request: Incoming,
    services: NamedDependency[Services],
    actor: NamedDependency[Actor],
    practice_id: FromPath[UUID],
    claim_id: FromPath[UUID],
    data: URLEncodedBody[Taking],
) -> Answer:
    """Take a suggestion over by name; what is missing is said on the claim's page, and nothing changes."""
    try:
        given = _acceptance(data)
        async with services.database.practice_transaction(actor, practice_id) as session:
            await accept_suggestion(
                session, actor, practice_id, claim_id, data.suggestion_id, given, services.now()
            )
    except Invalid as invalid:
        refused = Refused(form=data, words=_in_words(invalid))
        return await claim_page(request, services, actor, practice_id, claim_id, refused=refused)
    return _to(practice_id, claim_id)


def _acceptance(data: Taking) -> Acceptance:
    """The form as the operation takes it; raises Invalid for evidence that cannot be read."""
    return Acceptance(
        note_supports=data.note_supports,
        payer_allows=data.payer_allows,
        modifier_justified=data.modifier_justified,
        diagnosis_connects=data.diagnosis_connects,
        evidence=data.evidence(),
    )


def _in_words(invalid: Invalid) -> str:
    """The refusal as the page says it: which tick is missing, or what of the evidence."""
    name = invalid.pointer.strip("/")
    if name in CONFIRMATIONS:
        return f"Not accepted: “{CONFIRMATIONS[name]}” is not confirmed."
    said = {"evidence": NO_WORDS, "evidence/visit_id": NO_LINK}.get(name, invalid.detail)
    return f"Not accepted: {said}."


@post("/practices/{practice_id:uuid}/claims/{claim_id:uuid}/dismiss-suggestion", opt=WRITE, status_code=200)
async def dismiss(
    services: NamedDependency[Services],
    actor: NamedDependency[Actor],
    practice_id: FromPath[UUID],
    claim_id: FromPath[UUID],
    data: URLEncodedBody[Dismissal],
) -> Redirect:
    """Put a suggestion away with a reason."""
    async with services.database.practice_transaction(actor, practice_id) as session:
        await reject_suggestion(
            session, actor, practice_id, claim_id, data.suggestion_id, data.reason, services.now()
        )
    return _to(practice_id, claim_id)


@post(
    "/practices/{practice_id:uuid}/claims/{claim_id:uuid}/correct-on-evidence", opt=RELEASE, status_code=200
)
async def correct(
    services: NamedDependency[Services],
    actor: NamedDependency[Actor],
    practice_id: FromPath[UUID],
    claim_id: FromPath[UUID],
    data: URLEncodedBody[Proposal],
) -> Redirect:
    """Change a line because of a finding, on linked evidence; a distinct service waits for a reviewer."""
    evidence = data.evidence()
    change = LineChange(pointer=data.pointer, becomes=data.becomes.strip())
    async with services.database.practice_transaction(actor, practice_id) as session:
        await correct_on_evidence(
            session, actor, practice_id, claim_id, data.finding_id, change, evidence, services.now()
        )
    return _to(practice_id, claim_id)


@post("/practices/{practice_id:uuid}/claims/{claim_id:uuid}/review-correction", opt=RELEASE, status_code=200)
async def review(
    services: NamedDependency[Services],
    actor: NamedDependency[Actor],
    practice_id: FromPath[UUID],
    claim_id: FromPath[UUID],
    data: URLEncodedBody[Verdict],
) -> Redirect:
    """Approve or refuse a proposed correction, as somebody else than its maker."""
    async with services.database.practice_transaction(actor, practice_id) as session:
        await review_correction(
            session,
            actor,
            practice_id,
            claim_id,
            data.correction_id,
            approve=data.verdict == "approve",
            now=services.now(),
        )
    return _to(practice_id, claim_id)


def _to(practice_id: UUID, claim_id: UUID) -> Redirect:
    return go(f"/practices/{practice_id}/claims/{claim_id}")


HANDLERS: list[HTTPRouteHandler] = [accept, dismiss, correct, review]
