"""Remittances: what payers answered, posted line by line."""
