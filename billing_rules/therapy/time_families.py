"""Codes with another time base: a first block, then an add-on code for each further one."""

from msgspec import Struct

from billing_rules.therapy.minutes import Threshold, accept_minutes, blocks_earned


class FamilyUnits(Struct, frozen=True, kw_only=True):
    """Units of the base code and of its add-on, and the sentence that explains them."""

    base_units: int
    addon_units: int
    explanation: str


def base_plus_addon_units(
    minutes: int | None, *, base_minutes: int, addon_minutes: int, threshold: Threshold = "midpoint"
) -> FamilyUnits:
    """Units of a base code and its add-on; the add-on counts after the full base. Raises MinutesRefused.

    Past the midpoint of each block by the CPT time rule; full blocks only where the code asks for them, as
    remote monitoring does, or where the payer does.
    """
    spent = accept_minutes(minutes, "/minutes")
    base = min(1, blocks_earned(spent, base_minutes, threshold))
    addon = blocks_earned(max(0, spent - base_minutes), addon_minutes, threshold)
    rule = "past the midpoint" if threshold == "midpoint" else "full blocks only"
    return FamilyUnits(
        base_units=base,
        addon_units=addon,
        explanation=f"{spent} min: {base} × {base_minutes}, then {addon} × {addon_minutes} ({rule}).",
    )
