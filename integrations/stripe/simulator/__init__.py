"""Stripe's HTTP interface in this repository, so that the real SDK runs where no Stripe can be reached."""

from integrations.stripe.simulator.server import StripeSimulator

__all__ = ["StripeSimulator"]
