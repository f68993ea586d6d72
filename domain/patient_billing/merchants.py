"""Which merchant account takes a practice's card payments, and how a notice from it finds the practice."""

import re
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from domain.practices.models import PracticeProfile
from tenants.access import Actor
from tenants.database import Database
from tenants.errors import Conflict, Invalid, NotFound
from tenants.models import DirectoryEntry

KIND = "stripe_account"
ACCOUNT = re.compile(r"acct_[A-Za-z0-9]{1,64}")


class MerchantTaken(Conflict):
    """Another practice takes its payments with this account."""

    code = "merchant_taken"


class NoMerchant(Conflict):
    """The practice has no merchant account, so nobody can pay it by card."""

    code = "no_merchant"


async def connect_merchant(
    session: AsyncSession, database: Database, actor: Actor, practice_id: UUID, account: str
) -> None:
    """Take the practice's payments with this account from now on; raises Invalid, NotFound, MerchantTaken.

    An earlier account keeps its way back to the practice, because its payments may still be told of.
    """
    if not ACCOUNT.fullmatch(account):
        raise Invalid("a merchant account begins with acct_", pointer="/merchant_account")
    profile = await session.get(PracticeProfile, (practice_id, practice_id), with_for_update=True)
    if profile is None:
        raise NotFound(f"practice {practice_id} has no settings yet")
    await _register(session, database.key(KIND, account), actor.organization_id, practice_id)
    profile.merchant_account = account
    await session.flush()


async def _register(session: AsyncSession, key: str, organization_id: UUID, practice_id: UUID) -> None:
    entry = {
        "kind": KIND,
        "key_sha256": key,
        "organization_id": organization_id,
        "practice_id": practice_id,
        "subject_id": practice_id,
    }
    await session.execute(insert(DirectoryEntry).values(entry).on_conflict_do_nothing())
    mine = select(DirectoryEntry.subject_id).where(
        DirectoryEntry.kind == KIND,
        DirectoryEntry.key_sha256 == key,
        DirectoryEntry.practice_id == practice_id,
    )
    if (await session.execute(mine)).scalar_one_or_none() is None:
        raise MerchantTaken("this merchant account belongs to somebody else")


async def merchant_of(session: AsyncSession, practice_id: UUID) -> str:
    """The account that takes the practice's payments; raises NoMerchant."""
    wanted = select(PracticeProfile.merchant_account).where(PracticeProfile.practice_id == practice_id)
    account = (await session.execute(wanted)).scalar_one_or_none()
    if not account:
        raise NoMerchant("the practice takes no card payments")
    return account
