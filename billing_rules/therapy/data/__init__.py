"""The dated tables, each with its source, version, terms and date of checking; NOTICE.md names the terms."""
