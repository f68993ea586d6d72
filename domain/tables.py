"""Every mapped class of the product, so that migrations and catalog tests see the whole schema.

A capability keeps its tables in `models.py`, and in `..._models.py` beside it where they are many.
"""

from importlib import import_module
from pkgutil import iter_modules

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
import_module("tenants.models")
for _capability in CAPABILITIES:
    _folder = import_module(f"domain.{_capability}")
    for _module in iter_modules(_folder.__path__):
        if _module.name == "models" or _module.name.endswith("_models"):
            import_module(f"domain.{_capability}.{_module.name}")
ALL = Base.metadata.sorted_tables
