"""Medicare's physician fee schedule: what one unit of a code is allowed, by place of service and locality.

Allowed = (work × GPCI + practice expense × GPCI + malpractice × GPCI) × conversion factor, rounded to cents
(42 CFR 414.22-414.26). Every figure comes from the pack in force on the date of service.
"""

from collections.abc import Iterable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from msgspec import Struct
from msgspec.structs import replace

from billing_rules.money import BASIS_POINTS, Cents
from billing_rules.packs import Manifest, Shelf
from billing_rules.packs.rows import RelativeValue
from billing_rules.therapy.payment_trace import AmountUnknown

SCOPE = "medicare"
PAID = frozenset({"A", "R", "T"})
CARRIER_PRICED = "C"
REDUCED = "5"
NATIONAL = "national"
ONE = Decimal(1)


class Locality(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the service is paid for: Medicare's carrier and its locality; `national` has every index 1."""

    carrier: str
    locality: str

    def __str__(self) -> str:
        """Name it as Medicare does: carrier, then locality."""
        return NATIONAL if self.carrier == NATIONAL else f"{self.carrier}-{self.locality}"


NATIONWIDE = Locality(carrier=NATIONAL, locality=NATIONAL)


class Indices(Struct, frozen=True, kw_only=True):
    """The geographic practice cost indices of a locality."""

    work: Decimal = ONE
    pe: Decimal = ONE
    mp: Decimal = ONE


class Parts(Struct, frozen=True, kw_only=True):
    """The relative values of one unit, practice expense already that of the place of service."""

    work: Decimal
    pe: Decimal
    mp: Decimal


class Fee(Struct, frozen=True, kw_only=True):
    """What one unit is allowed; without the practice expense apart `parts` is null and nothing can reduce it.

    `reducible` says whether the multiple procedure reduction takes the code (indicator 5); null: not known.
    """

    code: str
    full_cents: Cents
    parts: Parts | None
    indices: Indices
    conversion_factor: Decimal
    work: Decimal | None
    reducible: bool | None
    status: str
    formula: str
    source: str

    def reduced_cents(self, practice_expense_basis_points: int) -> Cents:
        """The unit with part of its practice expense; raises AmountUnknown where that is not apart."""
        if self.parts is None:
            raise AmountUnknown(
                f"the reduced practice expense of {self.code} cannot be computed: {self.source} holds totals "
                "only",
                at_least_cents=self._least(practice_expense_basis_points),
                at_most_cents=self.full_cents,
            )
        return unit_cents(self.parts, self.indices, self.conversion_factor, practice_expense_basis_points)

    def _least(self, practice_expense_basis_points: int) -> Cents | None:
        """Whatever is not work taken for practice expense: the reduction can go no further."""
        if self.work is None:
            return None
        floor = (self.work * self.indices.work * self.conversion_factor).scaleb(2)
        work_cents = min(self.full_cents, int(floor))
        kept = (self.full_cents - work_cents) * practice_expense_basis_points // BASIS_POINTS
        return work_cents + kept


def unit_cents(
    parts: Parts, indices: Indices, conversion_factor: Decimal, practice_expense_basis_points: int = 10_000
) -> Cents:
    """The allowed amount of one unit; a half cent goes up."""
    kept = Decimal(practice_expense_basis_points) / BASIS_POINTS
    values = parts.work * indices.work + parts.pe * indices.pe * kept + parts.mp * indices.mp
    return int((values * conversion_factor * 100).quantize(ONE, rounding=ROUND_HALF_UP))


def formula(parts: Parts, indices: Indices, conversion_factor: Decimal, kept: str = "") -> str:
    """The arithmetic of a unit in one line; `kept` is the part of the practice expense that stays."""
    expense = f"{parts.pe} × {indices.pe}{f' × {kept}' if kept else ''}"
    return f"({parts.work} × {indices.work} + {expense} + {parts.mp} × {indices.mp}) × {conversion_factor}"


def fee_of(
    shelf: Shelf,
    code: str,
    modifiers: Iterable[str],
    *,
    on: date,
    place: str,
    locality: Locality | None,
) -> Fee:
    """What the schedule in force on a date allows for a unit; raises AmountUnknown with the reason."""
    manifest = shelf.in_force("fee_schedule", on=on, scope=SCOPE)
    if manifest is None:
        raise AmountUnknown(f"no fee schedule is loaded for {on}")
    row = _row(shelf, code, modifiers, on)
    if row is None:
        raise AmountUnknown(f"the fee schedule of {on} ({manifest.version}) has no row for {code}")
    if row.status == CARRIER_PRICED:
        raise AmountUnknown(f"{code} has no national fee (status C): Medicare's contractor prices it")
    if row.status not in PAID:
        return _unpaid(row, manifest)
    indices = _indices(shelf, locality, on)
    told = _fee(row, manifest, indices, locality, in_facility=is_facility(shelf, place, on))
    return replace(told, reducible=is_reducible(shelf, code, on))


def is_reducible(shelf: Shelf, code: str, on: date) -> bool | None:
    """Whether the multiple procedure reduction takes the code on a date; None where no pack can tell.

    A schedule that names no indicators leaves it to the list of therapy codes of the day.
    """
    if shelf.in_force("fee_schedule", on=on, scope=SCOPE) is None:
        return None
    row = _row(shelf, code, (), on)
    if row is not None and row.multiple_procedure is not None:
        return row.multiple_procedure == REDUCED
    if shelf.in_force("always_therapy", on=on) is None:
        return False if row is None else None
    listed = shelf.find("always_therapy", code, on=on)
    return bool(listed and listed[0].reduced_when_multiple)


def is_facility(shelf: Shelf, place: str, on: date) -> bool:
    """Whether a place of service is paid as a facility; raises AmountUnknown for a place that no pack has."""
    found = shelf.find("places_of_service", place, on=on)
    if not found:
        raise AmountUnknown(f"place of service {place} is not known on {on}")
    return bool(found[0].facility)


def _row(shelf: Shelf, code: str, modifiers: Iterable[str], on: date) -> RelativeValue | None:
    """The row of the code with one of the modifiers, else of the code alone."""
    for key in (*(f"{code}:{modifier}" for modifier in modifiers), code):
        found = shelf.find("fee_schedule", key, on=on, scope=SCOPE)
        if found:
            row: RelativeValue = found[0]
            return row
    return None


def _indices(shelf: Shelf, locality: Locality | None, on: date) -> Indices:
    if locality is None:
        raise AmountUnknown("the practice's Medicare locality is not set")
    if locality == NATIONWIDE:
        return Indices()
    found = shelf.find("gpci", f"{locality.carrier}|{locality.locality}", on=on, scope=SCOPE)
    if not found:
        raise AmountUnknown(f"no geographic indices of locality {locality} are loaded for {on}")
    return Indices(work=found[0].work, pe=found[0].pe, mp=found[0].mp)


def _fee(
    row: RelativeValue,
    manifest: Manifest,
    indices: Indices,
    locality: Locality | None,
    *,
    in_facility: bool,
) -> Fee:
    source = f"Medicare fee schedule {manifest.version}, locality {locality}"
    parts = _parts(row, in_facility=in_facility)
    if parts is not None:
        cents = unit_cents(parts, indices, row.conversion_factor)
        told = formula(parts, indices, row.conversion_factor)
    else:
        cents = _national_price(row, locality, source, in_facility=in_facility)
        told = f"published price {'in a facility' if in_facility else 'outside a facility'}"
    return Fee(
        code=row.code,
        full_cents=cents,
        parts=parts,
        indices=indices,
        conversion_factor=row.conversion_factor,
        work=row.work,
        reducible=None,
        status=row.status,
        formula=told,
        source=source,
    )


def _parts(row: RelativeValue, *, in_facility: bool) -> Parts | None:
    """The three values apart, or none where the source holds totals."""
    expense = row.pe_facility if in_facility else row.pe_nonfacility
    if row.work is None or expense is None or row.mp is None:
        return None
    return Parts(work=row.work, pe=expense, mp=row.mp)


def _unpaid(row: RelativeValue, manifest: Manifest) -> Fee:
    """A code that Medicare pays nothing for: bundled, not covered, not valid."""
    return Fee(
        code=row.code,
        full_cents=0,
        parts=None,
        indices=Indices(),
        conversion_factor=row.conversion_factor,
        work=None,
        reducible=False,
        status=row.status,
        formula=f"nothing: status {row.status}",
        source=f"Medicare fee schedule {manifest.version}",
    )


def _national_price(
    row: RelativeValue, locality: Locality | None, source: str, *, in_facility: bool
) -> Cents:
    price = row.facility_price if in_facility else row.nonfacility_price
    if price is None:
        raise AmountUnknown(f"{source} has neither relative values nor a price for {row.code}")
    if locality != NATIONWIDE:
        raise AmountUnknown(
            f"{source} holds national prices only: {row.code} cannot be priced for locality {locality}"
        )
    return price
