"""Whole journeys through the public surface."""
