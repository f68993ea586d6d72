"""Files and stored answers at rest: AES-256-GCM, each bound to the place where it is kept."""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12
VERSION = b"\x01"


class CiphertextRefused(ValueError):
    """The bytes were changed, cut, or belong to another place or key."""


class FileCipher:
    """Seals bytes under one key of 32 bytes; `place` names practice, table and row, and is authenticated."""

    def __init__(self, key: bytes) -> None:
        if len(key) != 32:
            raise ValueError("a file key has 32 bytes")
        self._cipher = AESGCM(key)

    def seal(self, text: bytes, place: str) -> bytes:
        """Encrypt; the same text gives different bytes each time."""
        nonce = os.urandom(NONCE_BYTES)
        return VERSION + nonce + self._cipher.encrypt(nonce, text, place.encode())

    def open(self, sealed: bytes, place: str) -> bytes:
        """Decrypt; raises CiphertextRefused unless `place` is where it was sealed for."""
        nonce, body = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
        try:
            if sealed[:1] != VERSION:
                raise CiphertextRefused("unknown version")
            return self._cipher.decrypt(nonce, body, place.encode())
        except (InvalidTag, ValueError) as fault:
            raise CiphertextRefused("not sealed for this place by this key") from fault
