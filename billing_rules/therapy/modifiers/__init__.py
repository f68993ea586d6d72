"""Which modifiers a line carries and why: each family in its own module, pure, by dated rows of the payer."""
