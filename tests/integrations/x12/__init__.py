"""The X12 codec against public samples, an independent validator, and its own inverse."""
