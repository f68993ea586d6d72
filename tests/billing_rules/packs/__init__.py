"""Rule packs: importers, the compiled form, the shelf and the store."""
