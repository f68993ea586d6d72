"""Pure rules: published examples and properties, no database."""
