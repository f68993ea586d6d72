"""What a note must say before its charges are billed, and whether it was copied from the one before."""
