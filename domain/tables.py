"""Every mapped class of the product, so that migrations and catalog tests see the whole schema."""

from importlib import import_module

from tenants.columns import Base

CAPABILITIES = (
    "ledger",
    "work",
    "practices",
    "patients",
    "allowances",
    "scheduling",
    "visits",
    "claims",
    "remittances",
    "patient_billing",
)
MORE = ("claims.check_models", "claims.suggestion_models")
import_module("tenants.models")
for _capability in CAPABILITIES:
    import_module(f"domain.{_capability}.models")
for _module in MORE:
    import_module(f"domain.{_module}")
ALL = Base.metadata.sorted_tables
