"""What parties owe: balances in plain words, statements, payment links, payments, and who takes them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct
from sqlalchemy.ext.asyncio import AsyncSession

from api.services import Services
from api.v1.routers import practice_routes
from domain.patient_billing import links, merchants, queries, statements
from domain.patient_billing.account import PartyAccount, explain
from domain.patient_billing.links import LinkView
from domain.patient_billing.queries import PaymentView
from domain.patient_billing.settlement import time_zone
from domain.patient_billing.statements import StatementRow, StatementView
from domain.patients.queries import party
from tenants.access import Actor, Permission
from tenants.clock import Clock, local_date

READ = {"permission": Permission.BILLING_READ}
WRITE = {"permission": Permission.BILLING_WRITE}
MANAGE = {"permission": Permission.PRACTICE_MANAGE}


class NewPaymentLink(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A link to a statement for at most 30 days; the party's earlier links die."""

    statement_id: UUID
    days: Annotated[int, Meta(ge=1, le=30)] = 30


class PaymentLinkMade(Struct, frozen=True, kw_only=True):
    """A fresh link; its address is shown this once."""

    id: UUID
    statement_id: UUID
    url: str
    expires_at: datetime


class MerchantAccount(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The account at the card processor that takes the practice's payments."""

    merchant_account: Annotated[str, Meta(max_length=80)]


@get("/parties/{party_id:uuid}/balance", opt=READ)
async def read_balance(
    session: NamedDependency[AsyncSession], practice_id: FromPath[UUID], party_id: FromPath[UUID]
) -> PartyAccount:
    """What the party owes now, one sentence per line, and what is not due yet."""
    await party(session, practice_id, party_id)
    return await explain(session, practice_id, party_id)


@post("/parties/{party_id:uuid}/statements", opt=WRITE)
async def issue_statement(
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    party_id: FromPath[UUID],
) -> StatementView:
    """Freeze what the party owes today; refused when it owes nothing."""
    now = clock.now()
    today = local_date(now, await time_zone(session, practice_id))
    return await statements.issue_statement(session, actor, practice_id, party_id, today=today, now=now)


@get("/parties/{party_id:uuid}/statements", opt=READ)
async def list_statements(
    session: NamedDependency[AsyncSession], practice_id: FromPath[UUID], party_id: FromPath[UUID]
) -> list[StatementRow]:
    """The party's statements, the latest first."""
    return await statements.statements_of(session, practice_id, party_id)


@get("/statements/{statement_id:uuid}", opt=READ)
async def read_statement(
    session: NamedDependency[AsyncSession], practice_id: FromPath[UUID], statement_id: FromPath[UUID]
) -> StatementView:
    """One statement as it was issued."""
    return await statements.statement(session, practice_id, statement_id)


@post("/payment-links", opt=WRITE)
async def create_payment_link(
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    services: NamedDependency[Services],
    practice_id: FromPath[UUID],
    data: JSONBody[NewPaymentLink],
) -> PaymentLinkMade:
    """Make a link to a statement; whoever opens it must know a birth date and a ZIP code."""
    made = await links.create_link(
        session,
        services.database,
        actor,
        practice_id,
        data.statement_id,
        now=services.now(),
        days=data.days,
    )
    return PaymentLinkMade(
        id=made.id,
        statement_id=made.statement_id,
        url=f"{services.settings.public_url}/pay/{made.token}",
        expires_at=made.expires_at,
    )


@post("/payment-links/{link_id:uuid}/revoke", opt=WRITE, status_code=200)
async def revoke_payment_link(
    session: NamedDependency[AsyncSession],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    link_id: FromPath[UUID],
) -> LinkView:
    """Close a link for good."""
    return await links.revoke_link(session, practice_id, link_id, clock.now())


@get("/parties/{party_id:uuid}/payment-links", opt=READ)
async def list_payment_links(
    session: NamedDependency[AsyncSession], practice_id: FromPath[UUID], party_id: FromPath[UUID]
) -> list[LinkView]:
    """The party's links, the latest first; their addresses are kept nowhere."""
    return await links.links_of(session, practice_id, party_id)


@get("/parties/{party_id:uuid}/payments", opt=READ)
async def list_payments(
    session: NamedDependency[AsyncSession], practice_id: FromPath[UUID], party_id: FromPath[UUID]
) -> list[PaymentView]:
    """The party's payments, the latest first."""
    return await queries.payments_of(session, practice_id, party_id)


@put("/merchant-account", opt=MANAGE, status_code=204)
async def connect_merchant(
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    services: NamedDependency[Services],
    practice_id: FromPath[UUID],
    data: JSONBody[MerchantAccount],
) -> None:
    """Take the practice's card payments with this account from now on."""
    await merchants.connect_merchant(session, services.database, actor, practice_id, data.merchant_account)


ROUTER = practice_routes(
    "",
    read_balance,
    issue_statement,
    list_statements,
    read_statement,
    create_payment_link,
    revoke_payment_link,
    list_payment_links,
    list_payments,
    connect_merchant,
)
