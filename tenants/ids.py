"""Identifiers: UUIDv7 for rows, UUIDv5 for accounts of an owner, 256-bit tokens for secrets."""

import hashlib
import hmac
import secrets
from uuid import UUID, uuid5

from uuid_utils.compat import uuid7

ACCOUNTS = UUID("6f0d3c1e-5a52-5c8e-9a3c-0d2f0f6b7a11")


def new_id() -> UUID:
    """A UUIDv7 (RFC 9562): unique, and ordered by the moment of its making."""
    return uuid7()


def account_id(owner_kind: str, owner_id: UUID, kind: str, unit: str) -> UUID:
    """The one id that the account of this owner, kind and unit can have; unique within a practice."""
    return uuid5(ACCOUNTS, f"{owner_kind}:{owner_id}:{kind}:{unit}")


def new_token(prefix: str) -> str:
    """A 256-bit secret with a prefix that secret scanners recognise."""
    return f"{prefix}_{secrets.token_urlsafe(32)}"


def keyed_hash(pepper: bytes, kind: str, key: str) -> str:
    """HMAC-SHA-256 of a look-up key in hexadecimal: no guessing without the pepper."""
    return hmac.new(pepper, f"{kind}\x00{key}".encode(), hashlib.sha256).hexdigest()
