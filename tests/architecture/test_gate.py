"""The catalog gate: nothing on the migrated schema, and a name for every hole that somebody might make."""

import asyncpg
import pytest

from tests.architecture.rows import Rows
from tests.conftest import Cluster

# Before PostgreSQL 16 inheriting is a property of the member, not of the membership.
INHERIT = """do $$ begin if current_setting('server_version_num')::int >= 160000 then
    execute 'grant app_practices to visitledger with inherit true';
    else alter role visitledger inherit; end if; end $$"""
HOLES = [
    ("alter table patients disable row level security", "Q1 rls_off", "patients"),
    ("alter table members no force row level security", "Q1 rls_off", "members"),
    ("create table notes (id uuid primary key)", "Q2 unclassified", "notes"),
    ("create table directory.more (kind text primary key)", "Q2 directory", "more"),
    ("create schema backdoor", "Q0 schema", "backdoor"),
    ("alter policy patients_app_practice on patients using (true)", "Q3 policy", "patients"),
    (
        "alter policy patients_app_practice on patients with check (true)",
        "Q3 policy",
        "patients.patients_app_practice",
    ),
    ("create policy more on patients to app_practice using (true)", "Q3 policy", "patients.more"),
    ("create policy all_of_us on patients using (true)", "Q3 policy", "patients.all_of_us"),
    (
        "create policy never on patients as restrictive to app_practice using (true)",
        "Q3 policy",
        "patients.never",
    ),
    ("alter policy members_app_organization on members using (true)", "Q3 policy", "members"),
    ("alter policy entries_app_lookup on directory.entries using (true)", "Q3 policy", "entries"),
    ("create policy more on directory.throttles to app_practice using (true)", "Q3 policy", "throttles"),
    ("drop policy patients_app_practice on patients", "Q3 missing", "patients app_practice"),
    (
        "create or replace function app_practices() returns uuid[] stable language plpgsql as "
        "$$ begin return array(select id from practices); end $$",
        "Q3 list_function",
        "app_practices",
    ),
    ("alter role visitledger bypassrls", "Q4 role", "visitledger"),
    ("alter role app_practice superuser", "Q4 role", "app_practice"),
    ("alter role app_practice login", "Q4 role", "app_practice"),
    (INHERIT, "Q4 inherits", "app_practices"),
    ("grant app_organization to app_practice", "Q4 scope_member", "app_organization"),
    ("grant visitledger_owner to visitledger", "Q4 owner_member", "visitledger"),
    ("alter table patients owner to app_practice", "Q4 owner_member", "app_practice"),
    ("grant select (id) on patients to visitledger", "Q4 login_sees", "patients"),
    ("grant select on patients to public", "Q4 login_sees", "patients"),
    ("grant select on patients to app_lookup", "Q4 foreign_privilege", "patients app_lookup"),
    ("grant select on members to app_practice", "Q4 foreign_privilege", "members app_practice"),
    ("grant truncate on patients to app_practice", "Q4 truncate", "patients app_practice"),
    ("grant update on patients to app_practices", "Q4 snapshot_writes", "patients"),
    ("grant update on audit_events to app_practices", "Q4 snapshot_writes", "audit_events"),
    ("grant select (body) on outbox to app_relay", "Q4 relay_columns", "body"),
    ("grant insert on directory.entries to app_lookup", "Q4 writes", "entries app_lookup"),
    ("grant update (amount) on transfers to app_practice", "Q4 immutable", "transfers"),
    ("grant delete on audit_events to app_practice", "Q4 immutable", "audit_events"),
    ("grant update (floor) on accounts to app_practice", "Q4 balances", "floor"),
    (
        "alter default privileges for role visitledger_owner grant select on tables to app_practice",
        "Q4 default_privilege",
        "visitledger_owner",
    ),
    ("grant create on schema public to app_practice", "Q4 creates", "public app_practice"),
    (
        "create view everybody as select * from patients; grant select on everybody to app_practice",
        "Q5 view",
        "everybody",
    ),
    (
        "create materialized view kept as select * from patients; grant select on kept to app_practices",
        "Q5 matview",
        "kept",
    ),
    (
        "create function all_patients() returns setof patients security definer language sql as "
        "$$ select * from patients $$",
        "Q6 secdef",
        "all_patients",
    ),
    (
        "alter table patients add constraint uq_patients_lone unique (id); "
        "create table loose (practice_id uuid not null, id uuid not null, patient_id uuid "
        "constraint fk_loose references patients (id), primary key (practice_id, id))",
        "Q7 fk",
        "fk_loose",
    ),
    (
        "create table loose (organization_id uuid, id uuid, member_id uuid, "
        "primary key (organization_id, id)); "
        "alter table members add constraint uq_members_lone unique (id); "
        "alter table loose add constraint fk_loose foreign key (member_id) references members (id)",
        "Q7 fk",
        "fk_loose",
    ),
    (
        "alter table sign_ins drop constraint fk_sign_ins_organization_id_member_id, "
        "add constraint fk_nulls foreign key (organization_id, member_id) "
        "references members (organization_id, id) on delete set null",
        "Q7 set_null",
        "fk_nulls",
    ),
    ("create unique index lone on patients (id)", "Q8 unique", "lone"),
    ("create unique index lone on members (email)", "Q8 unique", "lone"),
    (
        "create table loose (practice_id uuid not null, id uuid not null)",
        "Q8 pk",
        "loose",
    ),
    (
        "create table loose (practice_id uuid, id uuid, day date, primary key (practice_id, day))",
        "Q8 shape",
        "loose",
    ),
    ("create table loose (practice_id uuid, id uuid)", "Q9 nullable", "loose"),
    (
        "create function nothing() returns trigger language plpgsql as $$ begin return new; end $$; "
        "create trigger watcher before insert on patients execute function nothing()",
        "Q10 trigger",
        "watcher",
    ),
    ("create rule swallow as on insert to patients do instead nothing", "Q10 rule", "swallow"),
    ("alter table patients add column owed numeric", "Q11 enum_or_numeric", "patients.owed"),
    (
        "create type mood as enum ('good'); alter table patients add column mood mood",
        "Q11 enum_or_numeric",
        "patients.mood",
    ),
]


async def holes(connection: asyncpg.Connection, gate: str) -> set[tuple[str, str]]:
    """What the gate finds."""
    return {(row["k"], row["what"]) for row in await connection.fetch(gate)}


@pytest.mark.req("ISO-01")
async def test_the_migrated_schema_has_no_hole(superuser: asyncpg.Connection, gate: str) -> None:
    """Every policy, privilege, key and function is as it must be, literally."""
    assert await holes(superuser, gate) == set()


@pytest.mark.req("ISO-01")
@pytest.mark.parametrize(("plant", "kind", "name"), HOLES, ids=[f"{h[1]}: {h[0][:50]}" for h in HOLES])
async def test_a_planted_hole_is_named(
    superuser: asyncpg.Connection, gate: str, plant: str, kind: str, name: str
) -> None:
    """Each hole is found, by its kind and its name."""
    await superuser.execute(plant)
    found = await holes(superuser, gate)
    assert any(k == kind and name in what for k, what in found), found


@pytest.mark.req("CORE-01")
async def test_every_practice_table_carries_the_tenant_key(rows: Rows, cluster: Cluster) -> None:
    """`practice_id NOT NULL`, security enabled and forced, the key `(practice_id, id)`: on every table."""
    catalog = await rows.connection.fetch(
        "select c.relname, c.relrowsecurity and c.relforcerowsecurity as forced, a.attnotnull as needed, "
        "pg_get_indexdef(i.indexrelid) as key from pg_class c "
        "join pg_attribute a on a.attrelid = c.oid and a.attname = 'practice_id' "
        "left join pg_index i on i.indrelid = c.oid and i.indisprimary "
        "where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')"
    )
    assert len(catalog) >= 40
    for table in catalog:
        assert table["forced"], table["relname"]
        assert table["needed"], table["relname"]
        assert table["key"].endswith("(practice_id, id)"), table["relname"]
    known = set(rows.tables("practice_id")) | set(rows.tables("organization_id"))
    assert known | {"directory.entries", "directory.throttles"} == set(rows.columns)
