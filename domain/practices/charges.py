"""The chargemaster: what the practice charges for one unit of a code, by date of service."""

from collections.abc import Iterable
from datetime import date
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct
from msgspec.structs import asdict
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.money import Cents
from billing_rules.therapy.code_table import find_code
from domain.practices.models import ChargeRate
from tenants.errors import Conflict, Invalid
from tenants.ids import new_id


class NoChargeRate(Conflict):
    """The chargemaster has no price for the code on the date of service."""

    code = "no_charge_rate"


class NewChargeRate(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A price per unit from one date of service on, both dates inclusive."""

    code: str
    charge_cents: Annotated[int, Meta(gt=0)]
    starts_on: date
    ends_on: date | None = None


async def set_charge_rate(session: AsyncSession, practice_id: UUID, given: NewChargeRate) -> UUID:
    """Set a price; the one that was open ends the day before. Raises Invalid for days already priced."""
    if find_code(given.code) is None:
        raise Invalid("the procedure code is not known", pointer="/code")
    if given.charge_cents <= 0:
        raise Invalid("a charge is more than nothing", pointer="/charge_cents")
    if given.ends_on is not None and given.ends_on < given.starts_on:
        raise Invalid("it ends before it starts", pointer="/ends_on")
    await _make_room(session, practice_id, given)
    rate = ChargeRate(practice_id=practice_id, id=new_id(), **asdict(given))
    session.add(rate)
    await session.flush()
    return rate.id


async def _make_room(session: AsyncSession, practice_id: UUID, given: NewChargeRate) -> None:
    same = (ChargeRate.practice_id == practice_id, ChargeRate.code == given.code)
    later = or_(ChargeRate.ends_on.is_(None), ChargeRate.ends_on >= given.starts_on)
    until = () if given.ends_on is None else (ChargeRate.starts_on <= given.ends_on,)
    standing = select(ChargeRate).where(*same, later, *until).order_by(ChargeRate.starts_on)
    for rate in (await session.execute(standing)).scalars():
        if rate.ends_on is not None or rate.starts_on >= given.starts_on:
            raise Invalid("the code is priced on these days already", pointer="/starts_on")
        rate.ends_on = date.fromordinal(given.starts_on.toordinal() - 1)


async def charges_for(
    session: AsyncSession, practice_id: UUID, codes: Iterable[str], on: date
) -> dict[str, Cents]:
    """The prices of several codes at once; raises NoChargeRate for the first code without one."""
    wanted = sorted(set(codes))
    in_force = (ChargeRate.starts_on <= on, or_(ChargeRate.ends_on.is_(None), ChargeRate.ends_on >= on))
    priced = select(ChargeRate.code, ChargeRate.charge_cents).where(
        ChargeRate.practice_id == practice_id, ChargeRate.code.in_(wanted), *in_force
    )
    found = {row.code: row.charge_cents for row in await session.execute(priced)}
    for code in wanted:
        if code not in found:
            raise NoChargeRate(f"code {code} has no charge on {on}", pointer="/charge_rates")
    return found
