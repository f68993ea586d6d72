"""Plans of care: one discipline of a case, for a period that the date of service must lie in (CORE-09)."""

from collections.abc import Iterable
from datetime import date
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct
from msgspec.structs import asdict
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.therapy.code_table import Discipline
from billing_rules.therapy.identifiers import npi_is_valid
from domain.allowances.models import PlanOfCare
from domain.patients.models import Case
from domain.practices.models import Provider
from domain.views import lock_row, read_views, require_reference
from tenants.errors import Conflict, Invalid
from tenants.ids import new_id


class PlanAlreadyCertified(Conflict):
    """The plan of care was certified before."""

    code = "plan_already_certified"


class NewPlanOfCare(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A plan of one discipline; it may be certified later. Dates are inclusive.

    `order_signed_on` is the date on the referring clinician's signed order, `sent_to_orderer_on` when the
    plan was sent there: for some payers both together stand for a signature.
    """

    case_id: UUID
    discipline: Discipline
    provider_id: UUID
    starts_on: date
    ends_on: date
    certified_on: date | None = None
    certified_by: str | None = None
    certifier_npi: str | None = None
    order_signed_on: date | None = None
    sent_to_orderer_on: date | None = None


class OrderEvidence(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What stands for a certification: a signed order, the plan sent to whoever ordered, a verbal order."""

    order_signed_on: date | None = None
    sent_to_orderer_on: date | None = None
    verbal_order_on: date | None = None


class Certification(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who certified a plan, and when; a late certification gives the reason for its delay."""

    certified_on: date
    certified_by: Annotated[str, Meta(min_length=1)]
    certifier_npi: str | None = None
    delay_reason: Annotated[str, Meta(min_length=1, max_length=500)] | None = None


class PlanView(Struct, frozen=True, kw_only=True):
    """A plan of care."""

    id: UUID
    case_id: UUID
    discipline: str
    provider_id: UUID
    starts_on: date
    ends_on: date
    certified_on: date | None
    certified_by: str | None
    order_signed_on: date | None
    sent_to_orderer_on: date | None


async def record_plan_of_care(session: AsyncSession, practice_id: UUID, given: NewPlanOfCare) -> UUID:
    """Write a plan; raises Invalid for reversed dates, or when certified or sent before it starts."""
    await require_reference(session, Case, practice_id, given.case_id, "/case_id")
    await require_reference(session, Provider, practice_id, given.provider_id, "/provider_id")
    if given.ends_on < given.starts_on:
        raise Invalid("it ends before it starts", pointer="/ends_on")
    _refuse_early(given.certified_on, given.starts_on)
    _refuse_sent_early(given.sent_to_orderer_on, given.starts_on)
    _refuse_false_npi(given.certifier_npi)
    plan = PlanOfCare(practice_id=practice_id, id=new_id(), **asdict(given))
    session.add(plan)
    await session.flush()
    return plan.id


async def certify_plan(session: AsyncSession, practice_id: UUID, plan_id: UUID, given: Certification) -> None:
    """Note that a plan was certified; raises PlanAlreadyCertified, NotFound, Invalid for a date before it."""
    plan = await lock_row(session, PlanOfCare, practice_id, plan_id)
    if plan.certified_on is not None:
        raise PlanAlreadyCertified(f"plan of care {plan_id} was certified before")
    _refuse_early(given.certified_on, plan.starts_on)
    _refuse_false_npi(given.certifier_npi)
    plan.certified_on, plan.certified_by = given.certified_on, given.certified_by
    plan.certifier_npi = given.certifier_npi or plan.certifier_npi
    plan.delay_reason = given.delay_reason
    await session.flush()


async def record_order(session: AsyncSession, practice_id: UUID, plan_id: UUID, given: OrderEvidence) -> None:
    """Note the signed order behind a plan and when the plan was sent; raises NotFound, Invalid.

    What is left out stays as it was.
    """
    plan = await lock_row(session, PlanOfCare, practice_id, plan_id)
    _refuse_sent_early(given.sent_to_orderer_on, plan.starts_on)
    plan.order_signed_on = given.order_signed_on or plan.order_signed_on
    plan.sent_to_orderer_on = given.sent_to_orderer_on or plan.sent_to_orderer_on
    plan.verbal_order_on = given.verbal_order_on or plan.verbal_order_on
    await session.flush()


async def plan_covering(
    session: AsyncSession, practice_id: UUID, case_id: UUID, discipline: str, on: date
) -> PlanView | None:
    """The plan of the discipline whose period holds the date of service; the latest begun of several."""
    mine = (PlanOfCare.practice_id == practice_id, PlanOfCare.case_id == case_id)
    covering = (PlanOfCare.discipline == discipline, PlanOfCare.starts_on <= on, PlanOfCare.ends_on >= on)
    order = [PlanOfCare.starts_on.desc(), PlanOfCare.id.desc()]
    found = await read_views(session, PlanView, PlanOfCare, *mine, *covering, order=order, limit=1)
    return found[0] if found else None


def covering(plans: Iterable[PlanOfCare], discipline: str, on: date) -> PlanOfCare | None:
    """Of some plans the one that `plan_covering` would name."""
    holding = [p for p in plans if p.discipline == discipline and p.starts_on <= on <= p.ends_on]
    return max(holding, key=lambda plan: (plan.starts_on, plan.id), default=None)


async def plans_of_case(session: AsyncSession, practice_id: UUID, case_id: UUID) -> list[PlanView]:
    """The plans of a case, by discipline and date."""
    mine = (PlanOfCare.practice_id == practice_id, PlanOfCare.case_id == case_id)
    order = [PlanOfCare.discipline, PlanOfCare.starts_on, PlanOfCare.id]
    return await read_views(session, PlanView, PlanOfCare, *mine, order=order)


def _refuse_early(certified_on: date | None, starts_on: date) -> None:
    if certified_on is not None and certified_on < starts_on:
        raise Invalid("it is certified before it starts", pointer="/certified_on")


def _refuse_false_npi(npi: str | None) -> None:
    if npi is not None and not npi_is_valid(npi):
        raise Invalid("the NPI fails its check digit", pointer="/certifier_npi")


def _refuse_sent_early(sent_on: date | None, starts_on: date) -> None:
    if sent_on is not None and sent_on < starts_on:
        raise Invalid("it was sent before it starts", pointer="/sent_to_orderer_on")
