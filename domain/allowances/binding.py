"""The one answer for a case: which limit binds, why, when it runs out, and by when to ask for more."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from msgspec import Struct

from domain.allowances.forecast import earliest
from domain.allowances.plans_of_care import PlanView
from domain.allowances.remaining import CaseLimits, LimitLeft


class Binding(Struct, frozen=True, kw_only=True):
    """The limit that ends treatment first; `rule` says where the lead time comes from."""

    limit_kind: str
    limit_id: UUID
    sessions_left: int
    left: str
    reason: str
    source: str
    run_out_on: date | None
    last_safe_on: date
    rule: str


class CaseAllowances(Struct, frozen=True, kw_only=True):
    """What is left for a case, limit by limit, and the limit that binds; none when no limit is in force."""

    case_id: UUID
    on_day: date
    may_be_visited: bool
    binding: Binding | None
    limits: tuple[LimitLeft, ...]
    plans_of_care: tuple[PlanView, ...]


def answer(case: CaseLimits) -> CaseAllowances:
    """Compare the limits in force; those of one payer, kind and scope add up before they are compared."""
    binding = binding_limit(case.limits, case.on_day)
    return CaseAllowances(
        case_id=case.case_id,
        on_day=case.on_day,
        may_be_visited=binding is None or binding.sessions_left > 0,
        binding=binding,
        limits=case.limits,
        plans_of_care=case.plans_of_care,
    )


def binding_limit(limits: Iterable[LimitLeft], on: date) -> Binding | None:
    """The pool of limits that allows the fewest sessions, then the one that ends first."""
    in_force = [limit for limit in limits if limit.hard and limit.starts_on <= on <= limit.ends_on]
    pools: dict[tuple[object, ...], list[LimitLeft]] = defaultdict(list)
    for limit in in_force:
        pools[_pool(limit)].append(limit)
    if not pools:
        return None
    return _binding(min(pools.values(), key=_order), len(pools))


def _pool(limit: LimitLeft) -> tuple[object, ...]:
    scope = (tuple(limit.codes or ()), tuple(limit.disciplines or ()), limit.provider_id, limit.location_id)
    return (limit.limit_kind, limit.coverage_id, limit.shown_as, *scope)


def _order(pool: Sequence[LimitLeft]) -> tuple[int, date, str]:
    last = max(pool, key=lambda limit: limit.ends_on)
    return sum(limit.sessions_left for limit in pool), last.ends_on, str(last.limit_id)


def _binding(pool: Sequence[LimitLeft], pools: int) -> Binding:
    sessions = sum(limit.sessions_left for limit in pool)
    speaking = max(pool, key=lambda limit: (limit.sessions_left > 0, limit.ends_on))
    what = "authorization" if speaking.limit_kind == "authorization_block" else "benefit limit"
    among = "the only limit in force" if pools == 1 else f"the fewest of {pools} limits in force"
    return Binding(
        limit_kind=speaking.limit_kind,
        limit_id=speaking.limit_id,
        sessions_left=sessions,
        left=speaking.in_words,
        reason=f"the {what} of {speaking.payer_name} allows {sessions} more sessions, {among}",
        source=speaking.source,
        run_out_on=earliest([speaking.run_out_on]),
        last_safe_on=speaking.last_safe_on,
        rule=speaking.lead_rule,
    )
