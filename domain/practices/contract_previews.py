"""What a rate sheet would change, and when: the diff, what nobody maps, what it leaves unpriced."""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from msgspec import Struct
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.packs import Shelf
from billing_rules.therapy.code_table import find_code
from billing_rules.therapy.contracts import ANY_CODE, Contract, RateRow, contract_on
from domain.practices.contract_models import ContractVersion
from domain.practices.contracts import contract_of, contracts_of, rates_of
from domain.practices.models import ChargeRate
from domain.practices.rate_changes import RateChange, rate_changes
from tenants.errors import NotFound


class SheetPreview(Struct, frozen=True, kw_only=True):
    """What a sheet would change, and when; nothing is priced by it before it is confirmed.

    `unmapped_codes` are those of the sheet that no code table knows, `codes_without_rate` those of the
    chargemaster that neither a row nor a fallback would price.
    """

    version_id: UUID
    payer_id: UUID
    status: str
    name: str
    starts_on: date
    ends_on: date | None
    rows: int
    unchanged: int
    changes: list[RateChange]
    unmapped_codes: list[str]
    codes_without_rate: list[str]
    replaces: str | None
    replaced_until: date | None
    followed_by: str | None


async def preview_of(
    session: AsyncSession, practice_id: UUID, payer_id: UUID, version_id: UUID, shelf: Shelf
) -> SheetPreview:
    """What a version changes against the others that are active; raises NotFound."""
    version = await version_of(session, practice_id, payer_id, version_id)
    rows = (await rates_of(session, practice_id, [version.id])).get(version.id, [])
    old, later = await _beside(session, version)
    changes, same = rate_changes(old, rows, version.starts_on)
    return SheetPreview(
        version_id=version.id,
        payer_id=payer_id,
        status=version.status,
        name=version.name,
        starts_on=version.starts_on,
        ends_on=version.ends_on,
        rows=len(rows),
        unchanged=same,
        changes=changes,
        unmapped_codes=_unmapped(rows, shelf, version.starts_on),
        codes_without_rate=await _unpriced(session, practice_id, contract_of(version, rows)),
        replaces=str(old) if old else None,
        replaced_until=version.starts_on - timedelta(days=1) if old else None,
        followed_by=str(later) if later else None,
    )


async def _beside(session: AsyncSession, version: ContractVersion) -> tuple[Contract | None, Contract | None]:
    """The other version that answers on its first day, and the next one after it."""
    known = await contracts_of(session, version.practice_id, version.payer_id)
    others = [contract for contract in known if contract.id != str(version.id)]
    later = [contract for contract in others if contract.starts_on > version.starts_on]
    return contract_on(others, version.starts_on), min(later, key=_start, default=None)


def _start(contract: Contract) -> date:
    return contract.starts_on


def _unmapped(rows: Sequence[RateRow], shelf: Shelf, on: date) -> list[str]:
    codes = {row.code for row in rows if row.code != ANY_CODE and find_code(row.code) is None}
    return sorted(code for code in codes if not shelf.find("hcpcs", code, on=on))


async def _unpriced(session: AsyncSession, practice_id: UUID, contract: Contract) -> list[str]:
    """Codes of the chargemaster on the contract's first day that it would leave without an amount."""
    named = {row.code for row in contract.rows if not row.modifiers and row.credential is None}
    if ANY_CODE in named or contract.terms.fallback is not None:
        return []
    on = contract.starts_on
    in_force = (ChargeRate.starts_on <= on, or_(ChargeRate.ends_on.is_(None), ChargeRate.ends_on >= on))
    charged = select(ChargeRate.code).where(ChargeRate.practice_id == practice_id, *in_force)
    return sorted(set((await session.execute(charged)).scalars()) - named)


async def version_of(
    session: AsyncSession, practice_id: UUID, payer_id: UUID, version_id: UUID
) -> ContractVersion:
    """A version of the payer's contract; raises NotFound."""
    version = await session.get(ContractVersion, (practice_id, version_id))
    if version is None or version.payer_id != payer_id:
        raise NotFound(f"no contract version {version_id}")
    return version
