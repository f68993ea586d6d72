"""What only a member may do: a program's key and the product itself are no persons."""

from tenants.access import Actor
from tenants.errors import Forbidden


class OnlyAPerson(Forbidden):
    """A decision that a person must make was tried by a program."""

    code = "only_a_person"


def require_person(actor: Actor) -> None:
    """Raise OnlyAPerson unless a signed-in member acts."""
    if actor.kind != "member":
        raise OnlyAPerson("a member who signs in decides this, not a program")
