"""The one checker of the ledger: tests, crash tests, restore drills, a command and a task all run this."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from domain.ledger import invariant_statements as say
from domain.ledger.chart import CHART, LIMIT_KINDS, STAGES
from domain.ledger.statements import driver_of

PARTY = "party"
OWNERS: dict[str, str] = {}

_CHECKS: dict[str, tuple[str, tuple[Any, ...]]] = {
    "balance": (say.BALANCES, ()),
    "totals": (say.TOTALS, ()),
    "floor": (say.FLOORS, ()),
    "limit": (say.LIMITS, (sorted(LIMIT_KINDS),)),
    "limit_journal": (say.LIMIT_JOURNALS, (sorted(LIMIT_KINDS),)),
    "draws": (say.DRAWS, (sorted(LIMIT_KINDS), list(STAGES))),
    "claim_line": (say.CLAIM_LINES, ()),
    "responsible": (say.RESPONSIBLE, ()),
    "payment": (say.PAYMENTS, ()),
    "reversal": (say.REVERSALS, ()),
    "round": (say.ROUNDS, ()),
    "practice": (say.FOREIGN_SUMS, ()),
}


class Broken(Struct, frozen=True):
    """One thing that is not as it must be; ids and amounts only."""

    check: str
    subject: str
    detail: str


def register_owner(owner_kind: str, table: str) -> None:
    """Say in which table the owners of a kind stand; `PARTY` stands for whom `patient_due:` names."""
    OWNERS[owner_kind] = table


async def verify(
    session: AsyncSession, practice_id: UUID, *, owners: Mapping[str, str] | None = None
) -> list[Broken]:
    """Everything that is wrong with the practice's ledger: empty when it holds.

    Each check is one statement and so sees one instant; writers may go on meanwhile. `owners` replaces what
    the capabilities registered.
    """
    driver = await driver_of(session)
    broken = []
    for check, (statement, more) in _CHECKS.items():
        rows = await driver.fetch(statement, practice_id, *more)
        broken += [Broken(check, *row) for row in rows]
    broken += [_misshapen(row) for row in await driver.fetch(say.SHAPES, practice_id) if not _charted(row)]
    for owner_kind, table in (OWNERS if owners is None else owners).items():
        if owner_kind == PARTY:
            rows = await driver.fetch(say.PARTY_ORPHANS.format(table=table), practice_id)
        else:
            rows = await driver.fetch(say.ORPHANS.format(table=table), practice_id, owner_kind)
        broken += [Broken("orphan", *row) for row in rows]
    return broken


def _charted(row: Any) -> bool:
    rule = CHART.get(row["owner_kind"], {}).get(row["head"])
    found = row["kept"], row["floor"]
    return rule is not None and row["unit"] in rule.units and found == (rule.kept, rule.floor)


def _misshapen(row: Any) -> Broken:
    subject = f"{row['owner_kind']} {row['example']} {row['head']} {row['unit']}"
    return Broken("chart", subject, f"kept {row['kept']}, floor {row['floor']} is not what the chart says")
