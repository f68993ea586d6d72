"""What stands around every page for staff and therapists: company, person, practice, ways to go."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar.response import Redirect, Template
from msgspec import Struct

from api.pages.words import Words
from api.transactions import Incoming, actor_of, services_of
from tenants import organizations
from tenants.access import Actor, Permission
from tenants.errors import NotFound
from tenants.identity import Identity

HUES = 8
PRODUCT = "Visitledger"
Answer = Template | Redirect


class Way(Struct, frozen=True, kw_only=True):
    """A link of a menu; `current` marks where the reader is."""

    text: str
    href: str
    current: bool


class PracticeTag(Struct, frozen=True, kw_only=True):
    """A practice as pages name it: always by name, with a colour of its own beside it."""

    id: UUID
    name: str
    hue: int


class Shell(Struct, frozen=True, kw_only=True):
    """The frame of one page; `names` are members by id, and the product itself by its company's id."""

    company_name: str
    member_name: str
    csrf_token: str
    links: tuple[Way, ...]
    practice: PracticeTag | None
    practice_links: tuple[Way, ...]
    practices: Mapping[UUID, PracticeTag]
    names: Mapping[UUID, str]
    now: datetime


async def read_shell(request: Incoming, practice_id: UUID | None = None, *, here: str = "") -> Shell:
    """The frame for whoever asks; `here` names the menu entry of the page. Holds no door open.

    Raises NotFound for a practice outside the actor's grants.
    """
    services, actor = services_of(request), actor_of(request)
    identity: Identity = request.scope["auth"]
    async with services.database.organization_transaction(actor) as session:
        company = await organizations.company_name(session, actor.organization_id)
        listed = await organizations.practices(session, actor.organization_id)
        programs = await organizations.program_names(session, actor.organization_id)
        members = {m.id: m.name for m in await organizations.members(session, actor.organization_id)}
    tags = _tags(listed, actor)
    if practice_id is not None and practice_id not in tags:
        raise NotFound(f"no practice {practice_id}")
    return Shell(
        company_name=company,
        member_name=actor.name,
        csrf_token=identity.csrf_token,
        links=_links(actor, here),
        practice=tags[practice_id] if practice_id else None,
        practice_links=_practice_links(actor, practice_id, here) if practice_id else (),
        practices=tags,
        names=programs | members | {actor.organization_id: PRODUCT},
        now=services.now(),
    )


def _tags(listed: Sequence[organizations.PracticeView], actor: Actor) -> dict[UUID, PracticeTag]:
    """The actor's practices; the company's first eight each have a colour, in order of their making."""
    hues = {p.id: at % HUES for at, p in enumerate(sorted(listed, key=lambda p: p.id))}
    mine = [p for p in listed if p.id in actor.practice_ids]
    return {p.id: PracticeTag(id=p.id, name=p.name, hue=hues[p.id]) for p in mine}


def may(actor: Actor, permission: Permission, practice_id: UUID | None = None) -> bool:
    """Whether the actor holds the permission in the practice, or in any."""
    reach = actor.practice_ids if practice_id is None else (practice_id,)
    return any(permission in actor.permissions(p) for p in reach)


def _links(actor: Actor, here: str) -> tuple[Way, ...]:
    ways = [
        ("today", "Today", "/today", Permission.WORK_READ),
        ("practices", "Practices", "/practices", Permission.PRACTICE_READ),
        ("my-patients", "My patients", "/my-patients", Permission.CASELOAD_READ),
    ]
    return tuple(
        Way(text=text, href=href, current=name == here)
        for name, text, href, permission in ways
        if may(actor, permission)
    )


def _practice_links(actor: Actor, practice_id: UUID, here: str) -> tuple[Way, ...]:
    ways = [
        ("home", "Overview", "", Permission.PRACTICE_READ),
        ("sessions", "Sessions", "/visits", Permission.VISIT_READ),
        ("unsigned-notes", "Unsigned notes", "/unsigned-notes", Permission.VISIT_READ),
        ("queries", "Questions", "/queries", Permission.QUERY_READ),
        ("claims", "Claims", "/claims", Permission.CLAIM_READ),
        ("remittances", "Remittances", "/remittances", Permission.REMITTANCE_READ),
        ("patients", "Patients", "/patients", Permission.PATIENT_READ),
        ("rules", "Rules", "/rules", Permission.PRACTICE_READ),
    ]
    return tuple(
        Way(text=text, href=f"/practices/{practice_id}{path}", current=name == here)
        for name, text, path, permission in ways
        if may(actor, permission, practice_id)
    )


def page(
    template: str,
    shell: Shell,
    *,
    zone: str = "UTC",
    names: Mapping[UUID, str] | None = None,
    status: int = 200,
    **told: Any,
) -> Template:
    """A page in its frame; `names` are further people whom it mentions; a refusal has its `status`."""
    show = Words(zone, {**shell.names, **(names or {})})
    return Template(template, context={"shell": shell, "show": show, **told}, status_code=status)


def plain_page(
    template: str,
    *,
    told: Mapping[str, Any],
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> Template:
    """A page without anybody's frame: sign-in and refusals."""
    return Template(template, context={"show": Words(), **told}, status_code=status, headers=headers)


def go(path: str) -> Redirect:
    """Lead a browser on after a form, so that reloading repeats nothing."""
    return Redirect(path, status_code=303)


def local_path(path: str, otherwise: str) -> str:
    """The path if it is one of this site's own, so that a form cannot lead elsewhere."""
    own = path.startswith("/") and not path.startswith("//") and "\\" not in path and path.isprintable()
    return path if own else otherwise
