"""Passwords at rest: Argon2id at 19 MiB, two passes, one lane, off the event loop, a few at a time."""

import asyncio
import os

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from tenants.errors import Invalid

SHORTEST = 15
LONGEST = 1024


class PasswordTooWeak(Invalid):
    """NIST 800-63B-4: a password that is the only factor has at least 15 characters."""

    code = "password_too_weak"


class Passwords:
    """Hashes and verifies; `checks` counts how many guesses reached the verifier."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
        self._turns = asyncio.Semaphore(max(1, (os.cpu_count() or 2) // 2))
        self._nobody = self._hasher.hash(os.urandom(24).hex())
        self.checks = 0

    async def hash(self, password: str) -> str:
        """The PHC string to keep; raises PasswordTooWeak."""
        if not SHORTEST <= len(password) <= LONGEST:
            raise PasswordTooWeak(f"a password has {SHORTEST} to {LONGEST} characters", pointer="/password")
        async with self._turns:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def matches(self, kept: str | None, password: str) -> bool:
        """Whether the password is the one behind `kept`; takes as long when there is none."""
        self.checks += 1
        async with self._turns:
            right = await asyncio.to_thread(self._verify, kept or self._nobody, password[: LONGEST + 1])
        return right and kept is not None

    def is_outdated(self, kept: str) -> bool:
        """Whether `kept` was made with other parameters and should be made again at this sign-in."""
        return self._hasher.check_needs_rehash(kept)

    def _verify(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return False
