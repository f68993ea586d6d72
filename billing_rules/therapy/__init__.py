"""The rules of therapy billing, one module per question."""
