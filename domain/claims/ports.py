"""What claims need of the outside: who carries files, and who writes and reads them."""

from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from msgspec import Struct

from domain.claims.content import ClaimContent


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


class ClearinghouseDirectory(Protocol):
    """Finds the mailbox of a connection of an organization."""

    def mailbox(self, organization_id: UUID, connection_id: UUID) -> Clearinghouse:
        """The mailbox; raises ClearinghouseUnavailable for a connection that is not set up here."""
        ...


class ClaimsFile(Struct, frozen=True, kw_only=True):
    """The envelope of an outgoing file and the claims in it, in order."""

    sender_id: str
    sender_name: str
    receiver_id: str
    receiver_name: str
    contact_phone: str
    control_number: int
    usage: str
    written_at: datetime
    claims: tuple[ClaimContent, ...]


class WrittenFile(Struct, frozen=True, kw_only=True):
    """The text of a file, and in which transaction (ST02) each claim stands, by claim control number."""

    text: str
    transaction_of: dict[str, str]


class FileProblem(Struct, frozen=True, kw_only=True):
    """What is wrong with a file, and where: segment id and its ordinal in the file."""

    code: str
    segment: str
    position: int
    detail: str


class FileRefused(Exception):
    """A file, or a claim to be written, that cannot be used; nothing of it may be applied."""

    def __init__(self, problem: FileProblem) -> None:
        super().__init__(f"{problem.segment} at {problem.position}: {problem.detail}")
        self.problem = problem


class ClaimAnswer(Struct, frozen=True, kw_only=True):
    """What a 277CA says of one claim; `stage` is received, accepted or rejected."""

    claim_control_number: str
    stage: str
    codes: tuple[str, ...]
    message: str
    payer_control_number: str | None
    effective_on: date | None
    position: int


class TransactionAnswer(Struct, frozen=True, kw_only=True):
    """What a 999 says of one of our transactions (ST02)."""

    transaction_control: str
    accepted: bool
    problems: tuple[FileProblem, ...]


class Acknowledgement(Struct, frozen=True, kw_only=True):
    """A 999, or a TA1 (then without transactions), on one of our files."""

    control_number: int
    accepted: bool
    transactions: tuple[TransactionAnswer, ...]
    problems: tuple[FileProblem, ...]


class ClaimAnswers(Struct, frozen=True, kw_only=True):
    """One 277CA on one of our files; without claims it speaks of the file as a whole."""

    control_number: int
    accepted: bool
    message: str
    claims: tuple[ClaimAnswer, ...]


class ClaimFiles(Protocol):
    """Writes 837P."""

    def write(self, file: ClaimsFile) -> WrittenFile:
        """The text of an 837P; raises FileRefused for a claim that cannot be written."""
        ...
