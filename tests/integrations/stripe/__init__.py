"""Card payments over Stripe's HTTP."""
