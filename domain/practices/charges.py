"""The chargemaster: what the practice charges for one unit, by code, modifiers, place and date of service."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct
from msgspec.structs import asdict
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.money import Cents
from billing_rules.therapy.code_table import find_code
from domain.practices.models import ChargeRate, Location
from domain.views import require_reference
from tenants.errors import Conflict, Invalid
from tenants.ids import new_id

Modifier = Annotated[str, Meta(pattern="^[0-9A-Z]{2}$")]


class NoChargeRate(Conflict):
    """The chargemaster has no price for the code on the date of service."""

    code = "no_charge_rate"


class NewChargeRate(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A price per unit from one date of service on, both dates inclusive.

    With modifiers it is for lines that carry all of them, with a location for what is rendered there.
    """

    code: str
    modifiers: Annotated[list[Modifier], Meta(max_length=4)] = []
    location_id: UUID | None = None
    charge_cents: Annotated[int, Meta(gt=0)]
    starts_on: date
    ends_on: date | None = None


class Priced(Struct, frozen=True, kw_only=True):
    """What is to be priced: a code with the modifiers that its line carries."""

    code: str
    modifiers: tuple[str, ...] = ()


async def set_charge_rate(session: AsyncSession, practice_id: UUID, given: NewChargeRate) -> UUID:
    """Set a price; the one that was open ends the day before. Raises Invalid for days already priced."""
    if find_code(given.code) is None:
        raise Invalid("the procedure code is not known", pointer="/code")
    if given.charge_cents <= 0:
        raise Invalid("a charge is more than nothing", pointer="/charge_cents")
    if given.ends_on is not None and given.ends_on < given.starts_on:
        raise Invalid("it ends before it starts", pointer="/ends_on")
    if len(set(given.modifiers)) < len(given.modifiers):
        raise Invalid("a modifier is named twice", pointer="/modifiers")
    await require_reference(session, Location, practice_id, given.location_id, "/location_id")
    await _make_room(session, practice_id, given)
    values = asdict(given) | {"modifiers": sorted(given.modifiers)}
    rate = ChargeRate(practice_id=practice_id, id=new_id(), **values)
    session.add(rate)
    await session.flush()
    return rate.id


async def _make_room(session: AsyncSession, practice_id: UUID, given: NewChargeRate) -> None:
    same = (
        ChargeRate.practice_id == practice_id,
        ChargeRate.code == given.code,
        ChargeRate.location_id.is_not_distinct_from(given.location_id),
    )
    later = or_(ChargeRate.ends_on.is_(None), ChargeRate.ends_on >= given.starts_on)
    until = () if given.ends_on is None else (ChargeRate.starts_on <= given.ends_on,)
    standing = select(ChargeRate).where(*same, later, *until).order_by(ChargeRate.starts_on)
    for rate in (await session.execute(standing)).scalars():
        if rate.modifiers != sorted(given.modifiers):
            continue
        if rate.ends_on is not None or rate.starts_on >= given.starts_on:
            raise Invalid("the code is priced on these days already", pointer="/starts_on")
        rate.ends_on = date.fromordinal(given.starts_on.toordinal() - 1)


async def charges_for(
    session: AsyncSession,
    practice_id: UUID,
    codes: Iterable[str],
    on: date,
    *,
    modifiers: Sequence[str] = (),
    location_id: UUID | None = None,
) -> dict[str, Cents]:
    """The prices of several codes that carry the same modifiers; raises NoChargeRate."""
    wanted = [Priced(code=code, modifiers=tuple(modifiers)) for code in sorted(set(codes))]
    found = await prices_for(session, practice_id, wanted, on, location_id=location_id)
    return {priced.code: cents for priced, cents in found.items()}


async def prices_for(
    session: AsyncSession,
    practice_id: UUID,
    wanted: Sequence[Priced],
    on: date,
    *,
    location_id: UUID | None = None,
) -> dict[Priced, Cents]:
    """The price of each code with its modifiers at a place on a date; raises NoChargeRate.

    The most specific row wins: the one that names most of the line's modifiers, among those the one whose
    modifiers stand first on the line, then the one of the place.
    """
    in_force = (ChargeRate.starts_on <= on, or_(ChargeRate.ends_on.is_(None), ChargeRate.ends_on >= on))
    here = or_(ChargeRate.location_id.is_(None), ChargeRate.location_id == location_id)
    codes = {priced.code for priced in wanted}
    rates = select(ChargeRate).where(
        ChargeRate.practice_id == practice_id, ChargeRate.code.in_(codes), here, *in_force
    )
    rows = list((await session.execute(rates.order_by(ChargeRate.id))).scalars())
    return {priced: _price(priced, rows, on) for priced in wanted}


def _price(priced: Priced, rows: Sequence[ChargeRate], on: date) -> Cents:
    carried = set(priced.modifiers)
    speaking = [row for row in rows if row.code == priced.code and set(row.modifiers) <= carried]
    if not speaking:
        raise NoChargeRate(f"code {priced.code} has no charge on {on}", pointer="/charge_rates")
    return max(speaking, key=lambda row: _specificity(row, priced.modifiers)).charge_cents


def _specificity(row: ChargeRate, modifiers: Sequence[str]) -> tuple[int, list[int], bool]:
    places = sorted((-modifiers.index(modifier) for modifier in row.modifiers), reverse=True)
    return (len(row.modifiers), places, row.location_id is not None)
