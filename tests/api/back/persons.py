"""Members of the office who sign in: what only a person may do, they do."""

import httpx
from msgspec.structs import replace

from api.app import create_app
from tenants import provisioning
from tenants.access import Role
from tenants.models import DirectoryEntry
from tests.api.back.conftest import Office
from tests.api.conftest import PASSWORD, connect


async def as_member(office: Office, name: str, role: Role = Role.OWNER) -> Office:
    """The same office with a member of this name signed in instead of the program."""
    services, tenant = office.services, office.world.tenant
    email, slug = f"{name.lower()}@office.test", f"org-{tenant.organization_id.hex}"
    known = await services.database.directory_lookup("slug", slug)
    async with services.database.organization_transaction(tenant.actor) as session:
        member_id = await provisioning.create_member(
            session,
            tenant.organization_id,
            email=email,
            name=name,
            password_hash=await services.passwords.hash(PASSWORD),
            now=services.now(),
        )
        await provisioning.grant(
            session, tenant.actor, holder_id=member_id, role=role, practice_id=None, now=services.now()
        )
        if known is None:
            session.add(
                DirectoryEntry(
                    kind="slug",
                    key_sha256=services.database.key("slug", slug),
                    organization_id=tenant.organization_id,
                    subject_id=tenant.organization_id,
                )
            )
    caller = connect(create_app(services))
    answer = await caller.post(f"/o/{slug}/sign-in/token", json={"email": email, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    caller.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
    return replace(office, caller=caller)


async def close(*offices: Office) -> None:
    """Let go of the members' callers."""
    for office in offices:
        caller: httpx.AsyncClient = office.caller
        await caller.aclose()
