"""Rule packs: dated tables with source, checksum and vectors, and the shelf that answers from them."""

from billing_rules.packs.manifest import Manifest, PackRefused
from billing_rules.packs.shelf import Shelf
from billing_rules.packs.shipped import shipped_shelf

__all__ = ["Manifest", "PackRefused", "Shelf", "shipped_shelf"]
