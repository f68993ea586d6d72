"""What a practice consists of, as lists: providers, locations, payers, identifiers, rules and charges."""

from datetime import date
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.money import Cents
from domain.practices.models import (
    ChargeRate,
    Identifier,
    Location,
    Payer,
    PayerRule,
    Provider,
)
from domain.views import read_views


class LocationView(Struct, frozen=True, kw_only=True):
    """A place of treatment."""

    id: UUID
    name: str
    npi: str | None
    place_of_service: str
    street: str
    city: str
    state: str
    zip_code: str


class ProviderView(Struct, frozen=True, kw_only=True):
    """A clinician or technician."""

    id: UUID
    given_name: str
    family_name: str
    credential: str
    disciplines: list[str]
    npi: str | None
    taxonomy: str | None
    supervisor_id: UUID | None
    member_id: UUID | None
    status: str


class PayerView(Struct, frozen=True, kw_only=True):
    """Who pays, with its key in the rule book."""

    id: UUID
    name: str
    kind: str
    electronic_id: str
    rule_key: str
    filing_indicator: str
    street: str | None
    city: str | None
    state: str | None
    zip_code: str | None


class IdentifierView(Struct, frozen=True, kw_only=True):
    """One row of provider identity."""

    id: UUID
    role: str
    provider_id: UUID | None
    location_id: UUID | None
    payer_id: UUID | None
    npi: str
    taxonomy: str | None
    legacy_id: str | None
    starts_on: date
    ends_on: date | None


class PayerRuleView(Struct, frozen=True, kw_only=True):
    """One dated rule of the practice."""

    id: UUID
    rule: str
    payer_id: UUID | None
    plan: str | None
    state: str | None
    value: Any
    starts_on: date
    ends_on: date | None
    source: str
    reason: str
    author_id: UUID


class ChargeRateView(Struct, frozen=True, kw_only=True):
    """One price of the chargemaster, per unit."""

    id: UUID
    code: str
    modifiers: list[str]
    location_id: UUID | None
    charge_cents: Cents
    starts_on: date
    ends_on: date | None


async def locations(session: AsyncSession, practice_id: UUID) -> list[LocationView]:
    """The places where the practice treats, by name."""
    mine = Location.practice_id == practice_id
    return await read_views(session, LocationView, Location, mine, order=[Location.name, Location.id])


async def providers(session: AsyncSession, practice_id: UUID) -> list[ProviderView]:
    """Who treats, by name."""
    order = [Provider.family_name, Provider.given_name, Provider.id]
    return await read_views(session, ProviderView, Provider, Provider.practice_id == practice_id, order=order)


async def payers(session: AsyncSession, practice_id: UUID) -> list[PayerView]:
    """Who pays, by name."""
    mine = Payer.practice_id == practice_id
    return await read_views(session, PayerView, Payer, mine, order=[Payer.name, Payer.id])


async def identifiers(session: AsyncSession, practice_id: UUID) -> list[IdentifierView]:
    """Every row of provider identity, by role and date."""
    mine = Identifier.practice_id == practice_id
    order = [Identifier.role, Identifier.starts_on, Identifier.id]
    return await read_views(session, IdentifierView, Identifier, mine, order=order)


async def payer_rules_of(session: AsyncSession, practice_id: UUID) -> list[PayerRuleView]:
    """The practice's own rules that were not withdrawn, by rule and date."""
    own = (PayerRule.level == "practice", PayerRule.withdrawn_at.is_(None))
    order = [PayerRule.rule, PayerRule.starts_on, PayerRule.id]
    mine = PayerRule.practice_id == practice_id
    return await read_views(session, PayerRuleView, PayerRule, mine, *own, order=order)


async def charge_rates(session: AsyncSession, practice_id: UUID) -> list[ChargeRateView]:
    """The chargemaster, by code and date."""
    mine = ChargeRate.practice_id == practice_id
    order = [ChargeRate.code, ChargeRate.starts_on]
    return await read_views(session, ChargeRateView, ChargeRate, mine, order=order)
