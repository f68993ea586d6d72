"""The demonstration: one billing company, three practices and eight weeks, played through the product."""
