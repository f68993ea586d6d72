"""Practices: who treats where, under which identifiers, payers, rules and charges."""
