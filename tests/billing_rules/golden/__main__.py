"""Writes the closed claims anew."""

import msgspec

from tests.billing_rules.golden import FILE, close

FILE.write_bytes(msgspec.json.format(msgspec.json.encode(close(), order="deterministic"), indent=1) + b"\n")
