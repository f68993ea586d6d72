"""Spreadsheets that somebody uploads: CSV and XLSX, read as text, nothing in them executed."""

from integrations.spreadsheets.reader import Spreadsheets

__all__ = ["Spreadsheets"]
