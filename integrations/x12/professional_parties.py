"""Reads names and addresses out of the loops of an 837P."""

from integrations.x12.professional_loops import Loop
from integrations.x12.professional_values import (
    OrderingProvider,
    PartyName,
    PostalAddress,
    RenderingProvider,
    SupervisingProvider,
)


def party(loop: Loop) -> PartyName:
    """The name in NM1."""
    named = loop.find("NM1")
    return PartyName(
        last_or_organization=named.element(3),
        first=named.element(4),
        middle=named.element(5),
        suffix=named.element(7),
        is_person=named.element(2) == "1",
    )


def address(loop: Loop) -> PostalAddress:
    """N3 and N4; what was not sent is empty."""
    street, place = loop.find("N3"), loop.find("N4")
    return PostalAddress(
        line_1=street.element(1),
        line_2=street.element(2),
        city=place.element(1),
        state=place.element(2),
        postal_code=place.element(3),
    )


def rendering(loop: Loop | None) -> RenderingProvider | None:
    """Loop 2310B or 2420A, when it was sent."""
    if loop is None:
        return None
    npi, taxonomy = loop.find("NM1").element(9), loop.find("PRV").element(3)
    return RenderingProvider(name=party(loop), npi=npi, taxonomy=taxonomy)


def supervising(loop: Loop | None) -> SupervisingProvider | None:
    """Loop 2310D or 2420D, when it was sent."""
    return SupervisingProvider(name=party(loop), npi=loop.find("NM1").element(9)) if loop else None


def ordering(loop: Loop | None) -> OrderingProvider | None:
    """Loop 2420E, when it was sent."""
    return OrderingProvider(name=party(loop), npi=loop.find("NM1").element(9)) if loop else None
