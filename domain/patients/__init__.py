"""Patients, cases, coverages and the parties that owe."""
