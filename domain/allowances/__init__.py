"""Allowances: what is left, and what binds."""
