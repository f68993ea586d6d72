"""The JSON interface, capability by capability."""
