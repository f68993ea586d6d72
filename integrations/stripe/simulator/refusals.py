"""The ways in which Stripe says no, as its HTTP interface words them."""

from typing import Any


class StripeRefusal(Exception):
    """An answer of 400 to 499 in Stripe's error shape; nothing was changed."""

    def __init__(self, message: str, *, code: str | None = None, param: str | None = None) -> None:
        super().__init__(message)
        self.status = 400
        self.kind = "invalid_request_error"
        self.message = message
        self.code = code
        self.param = param

    def body(self) -> dict[str, Any]:
        """The JSON document that the SDK reads."""
        known = {"type": self.kind, "message": self.message, "code": self.code, "param": self.param}
        return {"error": {name: value for name, value in known.items() if value is not None}}


class KeyRefused(StripeRefusal):
    """The bearer key is not the simulator's."""

    def __init__(self) -> None:
        super().__init__("Invalid API Key provided.")
        self.status = 401


class AccountRefused(StripeRefusal):
    """The key may not act for this connected account, or there is none."""

    def __init__(self) -> None:
        super().__init__(
            "The provided key does not have access to this account (or it does not exist).",
            code="account_invalid",
        )
        self.status = 403


class ResourceMissing(StripeRefusal):
    """The id names nothing in this account; another account's id answers the same."""

    def __init__(self, kind: str, param: str) -> None:
        super().__init__(f"No such {kind}.", code="resource_missing", param=param)
        self.status = 404


class KeyReused(StripeRefusal):
    """One idempotency key came with two different requests."""

    def __init__(self) -> None:
        super().__init__("Keys for idempotent requests can only be used with the same parameters.")
        self.kind = "idempotency_error"


class KeyInUse(StripeRefusal):
    """A request with this idempotency key is still running."""

    def __init__(self) -> None:
        super().__init__(
            "There is currently another in-progress request using this key.", code="idempotency_key_in_use"
        )
        self.status = 409
        self.kind = "idempotency_error"
