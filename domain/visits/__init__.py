"""Visits: documented sessions and the charges they become."""
