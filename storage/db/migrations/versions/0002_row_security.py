"""Row security, functions and the application role's rights (ADR 0005).

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"

APP_ROLE = "jianzai_app"

# Visible exactly when their beneficiary is: one truth that follows a move of house.
PERSON_BOUND = (
    "attempt_decisions",
    "attempt_parts",
    "attempts",
    "beneficiary_changes",
    "certifications",
    "consents",
    "data_keys",
    "entitlement_states",
    "entitlements",
    "evidence",
    "leads",
    "reference_photos",
    "review_claims",
    "review_decisions",
    "reviews",
    "sessions",
    "validities",
    "visit_decisions",
    "visit_parts",
    "visit_requests",
    "visits",
)

# Scope: a division path, or '*' for a named part of the system. Never silently "everything": the
# setting reads '' on a pooled connection after a scoped transaction, and that must be refused.
# A path's subtree is the range [path, path || ':'), as ':' follows '9' in the C collation; a range,
# unlike a prefix test, can use the index although the scope is only known when the query runs.
# A subject (a pensioner) has an empty range: sees the own rows by identity, and nothing by place.
FUNCTIONS = """
create function jianzai_scope() returns text language plpgsql stable as $$
declare s text := current_setting('jianzai.scope', true);
begin
  if s is null or s = '' then
    raise exception 'no scope set' using errcode = '42501';
  end if;
  if s <> '*' and s !~ '^[1-9]([0-9]|[0-9]{3}|[0-9]{5}|[0-9]{8}|[0-9]{11})$' then
    raise exception 'not a scope' using errcode = '42501';
  end if;
  return s;
end $$;
create function jianzai_subject() returns uuid language sql stable as $$
  select nullif(current_setting('jianzai.subject', true), '')::uuid
$$;
create function jianzai_sees_all() returns boolean language sql stable as $$
  select jianzai_scope() = '*' and jianzai_subject() is null
$$;
create function jianzai_from() returns text language sql stable as $$
  select case when jianzai_scope() = '*' or jianzai_subject() is not null then ''
    else jianzai_scope() end
$$;
create function jianzai_to() returns text language sql stable as $$
  select case when jianzai_subject() is not null then ''
    when jianzai_scope() = '*' then ':' else jianzai_scope() || ':' end
$$;
create function jianzai_keeps_chain(chain text) returns boolean language sql stable as $$
  select jianzai_sees_all() or chain = left(jianzai_scope(), 6)
    or jianzai_subject() is null and starts_with(chain, jianzai_scope())
$$;
create function audit_head(wanted text, out seq bigint, out digest bytea)
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if not jianzai_keeps_chain(wanted) then
    raise exception 'not a chain of this scope' using errcode = '42501';
  end if;
  perform pg_advisory_xact_lock(hashtextextended('audit:' || wanted, 0));
  select e.seq, e.digest into seq, digest from audit_events e
  where e.chain = wanted order by e.seq desc limit 1;
end $$;
"""

FUNCTION_NAMES = (
    "audit_head(text)",
    "jianzai_keeps_chain(text)",
    "jianzai_to()",
    "jianzai_from()",
    "jianzai_sees_all()",
    "jianzai_subject()",
    "jianzai_scope()",
)


def within(column: str) -> str:
    """SQL: the path in `column` lies in the scope."""
    return (
        f"({column} collate \"C\" >= (select jianzai_from())"
        f" and {column} collate \"C\" < (select jianzai_to()))"
    )


BENEFICIARIES = (
    f"{within('household_path')} or {within('residence_path')} or id = (select jianzai_subject())"
)
STAFF = within("division_path")
AUDIT_READ = f"(select jianzai_sees_all()) or {within('chain')}"
AUDIT_WRITE = "jianzai_keeps_chain(chain)"


def protect(table: str, using: str, check: str | None = None) -> list[str]:
    """SQL that puts `table` behind the wall, for its owner as well."""
    return [
        f"alter table {table} enable row level security",
        f"alter table {table} force row level security",
        f"create policy {table}_read on {table} for select using ({using})",
        f"create policy {table}_add on {table} for insert with check ({check or using})",
        f"create policy {table}_change on {table} for update using ({using})"
        f" with check ({check or using})",
        f"create policy {table}_remove on {table} for delete using ({using})",
    ]


def wall() -> list[str]:
    """Every policy of the schema, in order."""
    statements = protect("beneficiaries", BENEFICIARIES) + protect("staff", STAFF)
    statements += protect(
        "staff_sessions", "exists (select 1 from staff s where s.id = staff_sessions.staff_id)"
    )
    statements += protect("audit_events", AUDIT_READ, AUDIT_WRITE)
    # `audit_head` runs as the owner and must see the head of a chain its caller may only extend.
    statements += [
        "create policy audit_events_head on audit_events for select to current_user using (true)"
    ]
    for table in PERSON_BOUND:
        person = f"select 1 from beneficiaries b where b.id = {table}.beneficiary_id"
        statements += protect(table, f"(select jianzai_sees_all()) or exists ({person})")
    return statements


# The application adds rows and reads rows; it changes only the columns named here.
CHANGEABLE = {
    "beneficiaries": "phone_sealed, phone_index, residence_path, household_path, key_groups",
    "consents": "withdrawn_at",
    "data_keys": "wrapped, kek_version, destroyed_at",
    "leads": "closed_at",
    "reference_photos": "removed_at",
    "review_claims": "released_at, expires_at",
    "staff": "password_hash, disabled_at",
    "staff_sessions": "revoked_at, expires_at",
    "validities": "valid_until, certification_id, projected_at",
}

TABLES = (*PERSON_BOUND, "beneficiaries", "staff", "staff_sessions", "login_failures",
          "video_digests", "audit_events")


def rights() -> list[str]:
    statements = [f"grant usage on schema public to {APP_ROLE}"]
    statements += [f"grant select, insert on {table} to {APP_ROLE}" for table in TABLES]
    statements += [f"grant select, insert, update on divisions to {APP_ROLE}"]
    statements += [
        f"grant update ({columns}) on {table} to {APP_ROLE}"
        for table, columns in CHANGEABLE.items()
    ]
    statements += [
        "revoke execute on function audit_head(text) from public",
        f"grant execute on function audit_head(text) to {APP_ROLE}",
    ]
    return statements


def upgrade() -> None:
    for statement in (FUNCTIONS, *wall(), *rights()):
        op.execute(statement)


def downgrade() -> None:
    for table in (*PERSON_BOUND, "beneficiaries", "staff", "staff_sessions", "audit_events"):
        for action in ("read", "add", "change", "remove"):
            op.execute(f"drop policy {table}_{action} on {table}")
        op.execute(f"alter table {table} no force row level security")
        op.execute(f"alter table {table} disable row level security")
    for table in (*TABLES, "divisions"):
        op.execute(f"revoke all on {table} from {APP_ROLE}")
    op.execute("drop policy audit_events_head on audit_events")
    for function in FUNCTION_NAMES:
        op.execute(f"drop function {function}")
