"""A server without the fixes of row-level security is refused (SEC-12's patch floors)."""

import pytest

from integrations.embedded_postgres import UnpatchedServer, refuse_unpatched


@pytest.mark.parametrize("number", [150_018, 150_020, 160_014, 170_010, 180_004, 180_006, 190_000])
def test_patched_servers_are_let_through(number: int) -> None:
    refuse_unpatched(number)


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (140_023, "PostgreSQL 14.23 is too old"),
        (150_017, "update to 15.18 or newer"),
        (160_013, "update to 16.14 or newer"),
        (170_009, "update to 17.10 or newer"),
        (180_003, "update to 18.4 or newer"),
    ],
)
def test_unpatched_servers_are_refused_with_what_to_do(number: int, sentence: str) -> None:
    with pytest.raises(UnpatchedServer, match=sentence):
        refuse_unpatched(number)
