"""X12 5010 codec: text in, values out and back; knows no database, no practice and no payer."""
