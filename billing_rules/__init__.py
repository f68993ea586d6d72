"""What the trade and the payers ask for: pure rules over facts and a dated rule book."""
