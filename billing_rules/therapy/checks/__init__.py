"""The single claim checks, by what they look at; claim_checks.py puts them in order."""
