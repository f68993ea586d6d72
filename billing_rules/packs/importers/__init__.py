"""Importers of public files as a customer downloads them: each becomes a pack or is refused whole."""

from billing_rules.packs.importers.importing import KINDS, import_file

__all__ = ["KINDS", "import_file"]
