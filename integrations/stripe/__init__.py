"""Stripe as the card processor: the adapter of `domain.patient_billing.ports` and its simulator."""

from integrations.stripe.processor import StripeProcessor

__all__ = ["StripeProcessor"]
