"""The demonstration: one billing company, three practices and eight weeks, played through the product."""

from api.commands.demonstration.installing import install as ensure
from api.commands.demonstration.world import simulated_world

__all__ = ["ensure", "simulated_world"]
