"""What can go wrong in the business, as sentences; the outside decides how each kind is shown."""

from typing import ClassVar


class DomainError(Exception):
    """A refusal with a stable code; its message names ids and fields, never patient data.

    `pointer` is a JSON pointer to the field that is at fault, or empty; `choices` is what may stand there
    instead, for the one who asked and for no log.
    """

    code: ClassVar[str] = "domain_error"

    def __init__(
        self, detail: str, *, pointer: str = "", rule_id: str = "", choices: tuple[str, ...] = ()
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.pointer = pointer
        self.rule_id = rule_id
        self.choices = choices


class NotFound(DomainError):
    """The id names nothing in this practice; other practices' ids answer the same (API-09)."""

    code = "not_found"


class Invalid(DomainError):
    """A value that cannot be taken; `pointer` names the field."""

    code = "invalid"


class Conflict(DomainError):
    """The state of the record does not allow this move now."""

    code = "conflict"


class Forbidden(DomainError):
    """The actor's grants do not hold the permission in this scope."""

    code = "forbidden"


class Unauthenticated(DomainError):
    """Nobody is known behind this request."""

    code = "unauthenticated"


class Throttled(DomainError):
    """Too many tries; `retry_after_seconds` says when the next one counts."""

    code = "throttled"

    def __init__(self, detail: str, *, retry_after_seconds: int) -> None:
        super().__init__(detail)
        self.retry_after_seconds = retry_after_seconds


class Unavailable(DomainError):
    """An outside party or the database cannot answer now; trying again is safe."""

    code = "unavailable"


class IsolationBreach(Exception):
    """A row of a practice outside the actor's list reached the application: stop everything."""


class DoorBypassed(Exception):
    """Somebody tried to set role or scope outside the doors of `tenants.database`."""
