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

FUNCTIONS = """
create function jianzai_scope() returns text language plpgsql stable as $$
declare s text := current_setting('jianzai.scope', true);
begin
  if s is null or s = '' then
    raise exception 'no scope set' using errcode = '42501';
  end if;
  return s;
end $$;
create function jianzai_subject() returns uuid language sql stable as $$
  select nullif(current_setting('jianzai.subject', true), '')::uuid
$$;
create function audit_head(wanted text, out seq bigint, out digest bytea)
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('audit:' || wanted, 0));
  select e.seq, e.digest into seq, digest from audit_events e
  where e.chain = wanted order by e.seq desc limit 1;
end $$;
"""

BENEFICIARIES = """
((select jianzai_scope()) = '*'
  or starts_with(household_path, (select jianzai_scope()))
  or starts_with(residence_path, (select jianzai_scope())))
and ((select jianzai_subject()) is null or id = (select jianzai_subject()))
"""

STAFF = "(select jianzai_scope()) = '*' or starts_with(division_path, (select jianzai_scope()))"

AUDIT_READ = "(select jianzai_scope()) = '*' or starts_with(chain, (select jianzai_scope()))"
AUDIT_WRITE = AUDIT_READ + " or starts_with((select jianzai_scope()), chain)"


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
    for table in PERSON_BOUND:
        person = f"select 1 from beneficiaries b where b.id = {table}.beneficiary_id"
        statements += protect(table, f"exists ({person})")
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
    op.execute("drop function audit_head(text)")
    op.execute("drop function jianzai_subject()")
    op.execute("drop function jianzai_scope()")
