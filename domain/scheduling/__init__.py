"""Scheduling: appointments, and the reservations they hold."""
