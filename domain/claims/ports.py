"""What claims need of the outside: somebody who carries files."""

from typing import Protocol

from msgspec import Struct


class InboundFile(Struct, frozen=True, kw_only=True):
    """A file that waits for us at the clearinghouse, as it lies there."""

    name: str
    content: bytes


class ClearinghouseUnavailable(Exception):
    """The connection cannot be used now; trying again with the same file name is safe."""


class Clearinghouse(Protocol):
    """A mailbox of one connection: files go out, files come in."""

    async def send(self, name: str, text: str) -> None:
        """Hand over a file; repeating the same name and text changes nothing.

        Raises ClearinghouseUnavailable.
        """
        ...

    async def collect(self) -> list[InboundFile]:
        """What waits for us, oldest first; it goes on waiting until it is confirmed."""
        ...

    async def confirm(self, names: list[str]) -> None:
        """Say that these files are kept here; the clearinghouse need not offer them again."""
        ...
