-- Every row returned is a hole in the isolation of practices or companies; a sound schema returns none.
with recursive
runtime as (select unnest(array['visitledger', 'app_practice', 'app_practices', 'app_organization', 'app_lookup', 'app_relay']) r),
scope as (select r from runtime where r <> 'visitledger'),
has as (select a.attrelid, a.attname, a.attnum, a.attnotnull, a.atttypid from pg_attribute a where a.attnum > 0 and not a.attisdropped),
t as (
  select c.oid, n.nspname, c.relname, c.relrowsecurity rls, c.relforcerowsecurity forced,
    case when n.nspname = 'directory' then 'directory'
         when exists (select 1 from has where attrelid = c.oid and attname = 'practice_id') then 'practice'
         when exists (select 1 from has where attrelid = c.oid and attname = 'organization_id') then 'organization'
    end kind
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p') and n.nspname in ('public', 'directory') and c.relname <> 'alembic_version'),
owner_column(kind, col) as (values ('practice', 'practice_id'), ('organization', 'organization_id')),
expressions(name, expr) as (values
  ('practice', $$(practice_id = (NULLIF(current_setting('app.practice_id'::text, true), ''::text))::uuid)$$),
  ('practices', $$(practice_id = ANY (app_practices()))$$),
  ('organization', $$(organization_id = (NULLIF(current_setting('app.organization_id'::text, true), ''::text))::uuid)$$),
  ('lookup', $$(key_sha256 = NULLIF(current_setting('app.lookup_key'::text, true), ''::text))$$),
  ('relay', $$(done_at IS NULL)$$)),
allowed(nspname, relname, role, name) as (
  select t.nspname, t.relname, x.role, x.name from t join (values
      ('practice', 'app_practice', 'practice'), ('practice', 'app_practices', 'practices'),
      ('organization', 'app_organization', 'organization')) x(kind, role, name) on x.kind = t.kind
  union all values
    ('public', 'outbox', 'app_relay', 'relay'),
    ('directory', 'entries', 'app_practice', 'practice'),
    ('directory', 'entries', 'app_organization', 'organization'),
    ('directory', 'entries', 'app_lookup', 'lookup'),
    ('directory', 'throttles', 'app_lookup', 'lookup')),
privileged as (
  select t.*, r role, has_any_column_privilege(r, t.oid, 'SELECT') reads,
    has_any_column_privilege(r, t.oid, 'INSERT') or has_any_column_privilege(r, t.oid, 'UPDATE') or has_table_privilege(r, t.oid, 'DELETE') writes
  from t, runtime)
select distinct k, what from (
select 'Q0 schema' k, n.nspname::text what from pg_namespace n where n.nspname not in ('public', 'directory', 'information_schema') and n.nspname !~ '^pg_'
union all select 'Q1 rls_off', relname from t where not (rls and forced)
union all select 'Q2 unclassified', relname from t where kind is null
union all select 'Q2 directory', relname from t where kind = 'directory' and relname not in ('entries', 'throttles')
union all select 'Q3 policy', p.tablename || '.' || p.policyname from pg_policies p where p.schemaname in ('public', 'directory')
  and not (p.permissive = 'PERMISSIVE' and cardinality(p.roles) = 1 and exists (
    select 1 from allowed a join expressions e using (name) where a.nspname = p.schemaname and a.relname = p.tablename
      and a.role = p.roles[1] and coalesce(p.qual, e.expr) = e.expr and coalesce(p.with_check, e.expr) = e.expr
      and (p.qual is not null or p.cmd = 'INSERT')))
union all select 'Q3 missing', a.relname || ' ' || a.role from allowed a join privileged v on v.nspname = a.nspname and v.relname = a.relname and v.role = a.role
  where v.reads and not exists (select 1 from pg_policies p where p.schemaname = a.nspname and p.tablename = a.relname and p.roles = array[a.role]::name[])
union all select 'Q3 list_function', p.proname::text from pg_proc p where p.proname = 'app_practices'
  and not (p.pronamespace = 'public'::regnamespace and p.provolatile = 's' and not p.prosecdef and p.pronargs = 0
    and regexp_replace(p.prosrc, '\s+', ' ', 'g') = $$ begin return string_to_array(nullif(current_setting('app.practice_ids', true), ''), ',')::uuid[]; end $$)
union all select 'Q4 role', rolname::text from pg_roles, runtime where rolname = r and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication or (rolcanlogin and r <> 'visitledger'))
union all select 'Q4 inherits', m.roleid::regrole || ' -> ' || m.member::regrole from pg_auth_members m where m.member = 'visitledger'::regrole and pg_has_role('visitledger', m.roleid, 'USAGE')
union all select 'Q4 scope_member', m.roleid::regrole || ' -> ' || m.member::regrole from pg_auth_members m join scope on m.member::regrole::text = r
union all select 'Q4 owner_member', r from runtime, (select relowner o from pg_class where relnamespace in ('public'::regnamespace, 'directory'::regnamespace)
    union select datdba from pg_database where datname = current_database() union select nspowner from pg_namespace where nspname in ('public', 'directory')) x
  where x.o <> 'pg_database_owner'::regrole and pg_has_role(r, x.o, 'MEMBER')
union all select 'Q4 login_sees', relname from privileged where role = 'visitledger' and (reads or writes)
union all select 'Q4 foreign_privilege', v.relname || ' ' || v.role from privileged v where v.role <> 'visitledger' and (v.reads or v.writes)
  and not exists (select 1 from allowed a where a.nspname = v.nspname and a.relname = v.relname and a.role = v.role)
union all select 'Q4 truncate', relname || ' ' || r from t, runtime where has_table_privilege(r, t.oid, 'TRUNCATE, TRIGGER, REFERENCES')
union all select 'Q4 snapshot_writes', relname from privileged where role = 'app_practices' and writes and not (relname = 'audit_events'
    and not has_any_column_privilege('app_practices', oid, 'UPDATE') and not has_table_privilege('app_practices', oid, 'DELETE'))
union all select 'Q4 relay_columns', h.attname::text from has h where h.attrelid = 'outbox'::regclass and has_column_privilege('app_relay', h.attrelid, h.attnum, 'SELECT')
  and h.attname not in ('practice_id', 'id', 'available_at', 'done_at')
union all select 'Q4 writes', relname || ' ' || role from privileged where writes and (role = 'app_relay' or role = 'app_lookup' and relname <> 'throttles')
union all select 'Q4 immutable', relname from t where relname in ('transfers', 'journals', 'audit_events', 'organization_audit_events', 'idempotency_records', 'organization_idempotency_records')
  and exists (select 1 from scope where has_any_column_privilege(r, t.oid, 'UPDATE') or has_table_privilege(r, t.oid, 'DELETE'))
union all select 'Q4 balances', h.attname::text from has h, scope where h.attrelid = 'accounts'::regclass and has_column_privilege(r, h.attrelid, h.attnum, 'UPDATE') and h.attname not in ('debits', 'credits')
union all select 'Q4 default_privilege', d.defaclrole::regrole::text from pg_default_acl d, aclexplode(d.defaclacl) x where x.grantee = 0 or x.grantee::regrole::text in (select r from runtime)
union all select 'Q4 creates', n.nspname || ' ' || r from pg_namespace n, runtime where n.nspname in ('public', 'directory') and has_schema_privilege(r, n.oid, 'CREATE')
union all select 'Q5 view', c.relname::text from pg_class c, runtime where c.relkind = 'v' and c.relnamespace in ('public'::regnamespace, 'directory'::regnamespace)
  and has_any_column_privilege(r, c.oid, 'SELECT') and not coalesce(array_to_string(c.reloptions, ',') ~ 'security_invoker=(true|on|1)', false)
union all select 'Q5 matview', c.relname::text from pg_class c, runtime where c.relkind in ('m', 'f') and has_any_column_privilege(r, c.oid, 'SELECT')
union all select 'Q6 secdef', p.proname::text from pg_proc p, runtime where p.pronamespace in ('public'::regnamespace, 'directory'::regnamespace) and p.prosecdef and has_function_privilege(r, p.oid, 'EXECUTE')
union all select 'Q7 fk', con.conname::text from pg_constraint con join t on t.oid = con.confrelid join owner_column o on o.kind = t.kind
  where con.contype = 'f' and not exists (select 1 from unnest(con.confkey, con.conkey) k(f, l)
    join has a on a.attrelid = con.confrelid and a.attnum = k.f and a.attname = o.col join has b on b.attrelid = con.conrelid and b.attnum = k.l and b.attname = o.col)
  -- the roots: a practice's own row is named by its id alone, which is unique everywhere
  and not (t.relname = 'practices' and cardinality(con.conkey) = 1
    and exists (select 1 from has b where b.attrelid = con.conrelid and b.attnum = con.conkey[1] and b.attname = 'practice_id'))
union all select 'Q7 set_null', con.conname::text from pg_constraint con join t on t.oid = con.conrelid where con.contype = 'f' and con.confdeltype in ('n', 'd')
union all select 'Q8 unique', i.indexrelid::regclass::text from pg_index i join t on t.oid = i.indrelid join owner_column o on o.kind = t.kind
  join has a on a.attrelid = i.indrelid and a.attname = o.col
  where i.indisunique and i.indkey[0] <> a.attnum and i.indexrelid::regclass::text not in ('uq_organizations_slug', 'uq_practices_id')
union all select 'Q8 pk', relname from t where not exists (select 1 from pg_index i where i.indrelid = t.oid and i.indisprimary)
union all select 'Q8 shape', relname from t where kind = 'practice' and not exists (select 1 from pg_index i where i.indrelid = t.oid and i.indisprimary and i.indnkeyatts = 2
    and (select array_agg(h.attname::text order by array_position(i.indkey::int2[], h.attnum)) from has h where h.attrelid = t.oid and h.attnum = any (i.indkey::int2[])) = array['practice_id', 'id'])
union all select 'Q9 nullable', t.relname from t join owner_column o on o.kind = t.kind join has a on a.attrelid = t.oid and a.attname = o.col where not a.attnotnull
union all select 'Q10 trigger', g.tgname::text from pg_trigger g join t on t.oid = g.tgrelid where not g.tgisinternal
union all select 'Q10 rule', w.rulename::text from pg_rewrite w join t on t.oid = w.ev_class
union all select 'Q11 enum_or_numeric', t.relname || '.' || a.attname from t join has a on a.attrelid = t.oid join pg_type y on y.oid = a.atttypid where kind is not null and (y.typtype = 'e' or y.typname in ('numeric', 'float4', 'float8', 'money'))
) holes order by 1, 2
