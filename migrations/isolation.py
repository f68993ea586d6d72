"""What each migration says about who may see a table: forced row-level security, policies, grants.

The expressions are compared literally with the catalog by the gate in `tests/architecture`.
"""

from alembic import op

PRACTICE = "practice_id = nullif(current_setting('app.practice_id', true), '')::uuid"
PRACTICES = "practice_id = any (app_practices())"
ORGANIZATION = "organization_id = nullif(current_setting('app.organization_id', true), '')::uuid"
LOOKUP = "key_sha256 = nullif(current_setting('app.lookup_key', true), '')"


def force_row_security(table: str) -> None:
    """Switch row-level security on, for the owner too."""
    op.execute(f"alter table {table} enable row level security")
    op.execute(f"alter table {table} force row level security")


def policy(table: str, role: str, expression: str, command: str = "all") -> None:
    """One permissive policy of one scope role."""
    name = f"{table.rpartition('.')[2]}_{role}"
    check = f" with check ({expression})" if command in ("all", "insert") else ""
    using = "" if command == "insert" else f" using ({expression})"
    op.execute(f"create policy {name} on {table} for {command} to {role}{using}{check}")


def practice_owned(table: str, grants: str) -> None:
    """A table of one practice: its own door reads and writes, the snapshot reads."""
    force_row_security(table)
    policy(table, "app_practice", PRACTICE)
    policy(table, "app_practices", PRACTICES)
    op.execute(f"grant {grants} on {table} to app_practice")
    op.execute(f"grant select on {table} to app_practices")


def organization_owned(table: str, grants: str) -> None:
    """A table of one billing company."""
    force_row_security(table)
    policy(table, "app_organization", ORGANIZATION)
    op.execute(f"grant {grants} on {table} to app_organization")
