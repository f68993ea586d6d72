"""What a person decides of a claim's content: suggested codes, and corrections that wait for a reviewer."""

from typing import Annotated, Any, Literal
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
from domain.claims.corrections import review_correction
from domain.claims.suggestions import Acceptance, accept_suggestion, reject_suggestion
from tenants.access import Actor, Permission
from tenants.errors import Invalid

WRITE = {"permission": Permission.CLAIM_WRITE}
RELEASE = {"permission": Permission.CLAIM_RELEASE}
NO_WORDS = "Not accepted: say in at least ten characters what the record says."
NO_LINK = "Not accepted: name the session, or the document, in which you read it."


class Taking(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A suggestion with the four ticks, which all are absent unless set, and what was read for it."""

    suggestion_id: UUID
    note_supports: bool = False
    payer_allows: bool = False
    modifier_justified: bool = False
    diagnosis_connects: bool = False
    visit_id: str = ""
    document: str = ""
    words: str = ""


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
    """The form as the operation takes it; evidence of which nothing was written stays out."""
    told: dict[str, Any] = {name: getattr(data, name) for name in CONFIRMATIONS}
    seen = {"visit_id": data.visit_id, "document": data.document.strip(), "words": data.words.strip()}
    written = {name: value for name, value in seen.items() if value}
    if "words" in written:
        told["evidence"] = written
    try:
        return msgspec.convert(told, Acceptance)
    except msgspec.ValidationError as unreadable:
        raise Invalid("the evidence cannot be read", pointer="/evidence") from unreadable


def _in_words(invalid: Invalid) -> str:
    """The refusal as the page says it: which tick is missing, or what of the evidence."""
    name = invalid.pointer.strip("/")
    if name in CONFIRMATIONS:
        return f"Not accepted: “{CONFIRMATIONS[name]}” is not confirmed."
    if name == "evidence":
        return NO_WORDS
    if name == "evidence/visit_id":
        return NO_LINK
    return f"Not accepted: {invalid.detail}."


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


HANDLERS: list[HTTPRouteHandler] = [accept, dismiss, review]
