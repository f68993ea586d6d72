"""What patients owe, and how they pay: statements, payment links, payments."""
