"""The township office: second factors, second persons, appeals, contacts, quality, overrides.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"

APP_ROLE = "jianzai_app"
MOMENT = sa.DateTime(timezone=True)
PLACE = sa.Text(collation="C")
OF_A_PERSON = ("proposals", "proposal_answers", "appeals", "appeal_answers", "contacts",
               "contact_states", "known_answers", "known_answer_ends", "reread_answers")
CHANGEABLE = {
    "staff_factors": "proven_at, last_step, removed_at",
    "staff_sessions": "revoked_at, expires_at, last_seen_at, factor_at, confirmed_at",
}


def of_person(table: str) -> str:
    return (
        "(select jianzai_sees_all()) or exists"
        f" (select 1 from beneficiaries b where b.id = {table}.beneficiary_id)"
    )


WALLS = {
    **{table: of_person(table) for table in OF_A_PERSON},
    "staff_factors": "exists (select 1 from staff s where s.id = staff_factors.staff_id)",
    "policy_overrides": (
        "(division_path collate \"C\" >= (select jianzai_from())"
        " and division_path collate \"C\" < (select jianzai_to()))"
    ),
    "policy_answers": (
        "exists (select 1 from policy_overrides o where o.id = policy_answers.override_id)"
    ),
}


def column(name: str, kind: object, *, null: bool = False) -> sa.Column:
    return sa.Column(name, kind, nullable=null)


def key(table: str, name: str = "id") -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(name, name=op.f(f"pk_{table}"))


def refers(table: str, name: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([name], [to], name=op.f(f"fk_{table}_{name}"))


def same_person(table: str, name: str, parent: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [name, "beneficiary_id"],
        [f"{parent}.id", f"{parent}.beneficiary_id"],
        name=op.f(f"fk_{table}_{name}_beneficiary_id"),
    )


def one_person(table: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint("id", "beneficiary_id", name=op.f(f"uq_{table}_id_beneficiary_id"))


def person_table(table: str, *parts: object) -> None:
    """Make a table whose rows are about one person each."""
    op.create_table(
        table,
        column("beneficiary_id", sa.Uuid()),
        refers(table, "beneficiary_id", "beneficiaries.id"),
        *parts,
    )
    op.create_index(op.f(f"ix_{table}_beneficiary_id"), table, ["beneficiary_id"])


def upgrade() -> None:
    # Rows of an installation in use are behind walls that bind the owner too.
    op.execute("select set_config('jianzai.scope', '*', true)")
    extend_sessions()
    extend_audit()
    make_chore_runs()
    extend_reviews()
    make_proposals()
    make_appeals()
    make_contacts()
    make_quality()
    make_overrides()
    op.add_column("review_decisions", column("confirmed_at", MOMENT, null=True))
    op.add_column("review_decisions", column("proposal_id", sa.Uuid(), null=True))
    op.create_foreign_key(
        op.f("fk_review_decisions_proposal_id_beneficiary_id"),
        "review_decisions",
        "proposals",
        ["proposal_id", "beneficiary_id"],
        ["id", "beneficiary_id"],
    )
    op.create_index(
        "ix_review_decisions_decided", "review_decisions", ["decided_by", "decided_at"]
    )
    for table, wall in WALLS.items():
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"alter table {table} force row level security")
        op.execute(f"create policy {table}_read on {table} for select using ({wall})")
        op.execute(f"create policy {table}_add on {table} for insert with check ({wall})")
        op.execute(f"grant select, insert on {table} to {APP_ROLE}")
    op.execute(
        f"create policy staff_factors_change on staff_factors for update"
        f" using ({WALLS['staff_factors']}) with check ({WALLS['staff_factors']})"
    )
    for table, columns in CHANGEABLE.items():
        op.execute(f"grant update ({columns}) on {table} to {APP_ROLE}")


def extend_sessions() -> None:
    for name in ("last_seen_at", "confirmed_at"):
        op.add_column("staff_sessions", column(name, MOMENT, null=True))
        op.execute(f"update staff_sessions set {name} = created_at")
        op.alter_column("staff_sessions", name, nullable=False)
    op.add_column("staff_sessions", column("factor_at", MOMENT, null=True))
    op.create_table(
        "staff_factors",
        column("id", sa.Uuid()),
        column("staff_id", sa.Uuid()),
        column("secret_sealed", sa.LargeBinary()),
        column("made_at", MOMENT),
        column("proven_at", MOMENT, null=True),
        column("last_step", sa.BigInteger()),
        column("removed_at", MOMENT, null=True),
        refers("staff_factors", "staff_id", "staff.id"),
        key("staff_factors"),
    )
    op.create_index(op.f("ix_staff_factors_staff_id"), "staff_factors", ["staff_id"])
    op.create_index(
        "uq_staff_factors_standing",
        "staff_factors",
        ["staff_id"],
        unique=True,
        postgresql_where=sa.text("removed_at is null"),
    )


def extend_audit() -> None:
    """Make the trail searchable; `actor` is checked against the body like every search column."""
    op.add_column("audit_events", column("actor", sa.Text(), null=True))
    op.execute(
        "update audit_events set actor = convert_from(body, 'UTF8')::jsonb ->> 'actor'"
    )
    op.alter_column("audit_events", "actor", nullable=False)
    op.add_column(
        "audit_events",
        sa.Column(
            "beneficiary", sa.Text(), sa.Computed("details ->> 'beneficiary'", persisted=True)
        ),
    )
    op.create_index("ix_audit_events_at", "audit_events", ["chain", "at"])
    op.create_index("ix_audit_events_actor", "audit_events", ["chain", "actor", "seq"])
    op.create_index(
        "ix_audit_events_beneficiary",
        "audit_events",
        ["chain", "beneficiary", "seq"],
        postgresql_where=sa.text("beneficiary is not null"),
    )


def make_chore_runs() -> None:
    op.create_table(
        "chore_runs",
        column("name", sa.Text()),
        column("ended_at", MOMENT),
        column("succeeded_at", MOMENT, null=True),
        column("failed_with", sa.Text(), null=True),
        key("chore_runs", "name"),
    )
    op.execute(f"grant select, insert, update on chore_runs to {APP_ROLE}")


def extend_reviews() -> None:
    op.add_column("reviews", column("reread_of", sa.Uuid(), null=True))
    op.add_column("reviews", column("expected", sa.Text(), null=True))
    op.create_foreign_key(
        op.f("fk_reviews_reread_of_beneficiary_id"),
        "reviews",
        "reviews",
        ["reread_of", "beneficiary_id"],
        ["id", "beneficiary_id"],
    )
    op.create_index(op.f("ix_reviews_reread_of"), "reviews", ["reread_of"])
    for name in ("attempt_id", "visit_id"):
        op.drop_constraint(f"uq_reviews_{name}", "reviews")
        op.create_index(
            f"uq_reviews_{name}",
            "reviews",
            [name],
            unique=True,
            postgresql_where=sa.text("reread_of is null"),
        )


def make_proposals() -> None:
    person_table(
        "proposals",
        column("id", sa.Uuid()),
        column("kind", sa.Text()),
        column("review_id", sa.Uuid(), null=True),
        column("certificate_number", sa.Text(), null=True),
        column("grounds", sa.Text()),
        column("facts", postgresql.JSONB()),
        column("proposed_at", MOMENT),
        column("proposed_by", sa.Uuid()),
        same_person("proposals", "review_id", "reviews"),
        refers("proposals", "proposed_by", "staff.id"),
        key("proposals"),
        one_person("proposals"),
    )
    op.create_index(op.f("ix_proposals_review_id"), "proposals", ["review_id"])
    person_table(
        "proposal_answers",
        column("proposal_id", sa.Uuid()),
        column("answer", sa.Text()),
        column("note", sa.Text()),
        column("answered_at", MOMENT),
        column("answered_by", sa.Uuid()),
        same_person("proposal_answers", "proposal_id", "proposals"),
        refers("proposal_answers", "answered_by", "staff.id"),
        key("proposal_answers", "proposal_id"),
    )


def make_appeals() -> None:
    person_table(
        "appeals",
        column("id", sa.Uuid()),
        column("attempt_id", sa.Uuid(), null=True),
        column("review_id", sa.Uuid(), null=True),
        column("channel", sa.Text()),
        column("statement", sa.Text()),
        column("raised_at", MOMENT),
        column("raised_by", sa.Text()),
        column("due_at", MOMENT),
        column("joins_id", sa.Uuid(), null=True),
        same_person("appeals", "attempt_id", "attempts"),
        same_person("appeals", "review_id", "reviews"),
        key("appeals"),
        one_person("appeals"),
        same_person("appeals", "joins_id", "appeals"),
    )
    op.create_index("ix_appeals_due", "appeals", ["due_at", "id"])
    person_table(
        "appeal_answers",
        column("appeal_id", sa.Uuid()),
        column("outcome", sa.Text()),
        column("method", sa.Text(), null=True),
        column("findings", sa.Text()),
        column("answered_at", MOMENT),
        column("answered_by", sa.Uuid()),
        same_person("appeal_answers", "appeal_id", "appeals"),
        refers("appeal_answers", "answered_by", "staff.id"),
        key("appeal_answers", "appeal_id"),
    )
    op.add_column("certifications", column("appeal_id", sa.Uuid(), null=True))
    op.create_foreign_key(
        op.f("fk_certifications_appeal_id_beneficiary_id"),
        "certifications",
        "appeals",
        ["appeal_id", "beneficiary_id"],
        ["id", "beneficiary_id"],
    )


def make_contacts() -> None:
    person_table(
        "contacts",
        column("id", sa.Uuid()),
        column("channel", sa.Text()),
        column("outcome", sa.Text()),
        column("note", sa.Text()),
        column("contacted_at", MOMENT),
        column("recorded_at", MOMENT),
        column("recorded_by", sa.Uuid()),
        refers("contacts", "recorded_by", "staff.id"),
        key("contacts"),
    )
    person_table(
        "contact_states",
        column("id", sa.Uuid()),
        column("state", sa.Text()),
        column("facts", postgresql.JSONB()),
        column("set_at", MOMENT),
        column("set_by", sa.Uuid()),
        refers("contact_states", "set_by", "staff.id"),
        key("contact_states"),
    )


def make_quality() -> None:
    person_table(
        "known_answers",
        column("review_id", sa.Uuid()),
        column("expected", sa.Text()),
        column("facts", postgresql.JSONB()),
        column("reason", sa.Text()),
        column("added_at", MOMENT),
        column("added_by", sa.Uuid()),
        same_person("known_answers", "review_id", "reviews"),
        refers("known_answers", "added_by", "staff.id"),
        key("known_answers", "review_id"),
    )
    person_table(
        "known_answer_ends",
        column("review_id", sa.Uuid()),
        column("reason", sa.Text()),
        column("ended_at", MOMENT),
        column("ended_by", sa.Uuid()),
        same_person("known_answer_ends", "review_id", "reviews"),
        refers("known_answer_ends", "ended_by", "staff.id"),
        key("known_answer_ends", "review_id"),
    )
    person_table(
        "reread_answers",
        column("review_id", sa.Uuid()),
        column("outcome", sa.Text()),
        column("note", sa.Text()),
        column("answered_at", MOMENT),
        column("answered_by", sa.Uuid()),
        same_person("reread_answers", "review_id", "reviews"),
        refers("reread_answers", "answered_by", "staff.id"),
        key("reread_answers", "review_id"),
    )


def make_overrides() -> None:
    op.create_table(
        "policy_overrides",
        column("id", sa.Uuid()),
        column("division_path", PLACE),
        column("key", sa.Text()),
        column("value", postgresql.JSONB()),
        column("schemes", postgresql.ARRAY(sa.Text())),
        column("effective_from", sa.Date()),
        column("effective_to", sa.Date(), null=True),
        column("basis", sa.Text()),
        column("report_digest", sa.Text(), null=True),
        column("proposed_at", MOMENT),
        column("proposed_by", sa.Uuid()),
        refers("policy_overrides", "division_path", "divisions.path"),
        refers("policy_overrides", "proposed_by", "staff.id"),
        key("policy_overrides"),
    )
    op.create_index(
        op.f("ix_policy_overrides_division_path"), "policy_overrides", ["division_path"]
    )
    op.create_table(
        "policy_answers",
        column("override_id", sa.Uuid()),
        column("answer", sa.Text()),
        column("note", sa.Text()),
        column("answered_at", MOMENT),
        column("answered_by", sa.Uuid()),
        refers("policy_answers", "override_id", "policy_overrides.id"),
        refers("policy_answers", "answered_by", "staff.id"),
        key("policy_answers", "override_id"),
    )


def downgrade() -> None:
    op.drop_table("chore_runs")
    for name in ("beneficiary", "actor", "at"):
        op.drop_index(f"ix_audit_events_{name}", "audit_events")
    for name in ("beneficiary", "actor"):
        op.drop_column("audit_events", name)
    op.drop_constraint("fk_review_decisions_proposal_id_beneficiary_id", "review_decisions")
    op.drop_index("ix_review_decisions_decided", "review_decisions")
    for name in ("proposal_id", "confirmed_at"):
        op.drop_column("review_decisions", name)
    op.drop_constraint("fk_certifications_appeal_id_beneficiary_id", "certifications")
    op.drop_column("certifications", "appeal_id")
    for table in ("reread_answers", "known_answer_ends", "known_answers", "policy_answers",
                  "policy_overrides", "contact_states", "contacts", "appeal_answers", "appeals", "proposal_answers", "proposals", "staff_factors"):
        op.drop_table(table)
    for name in ("attempt_id", "visit_id"):
        op.drop_index(f"uq_reviews_{name}", "reviews")
        op.create_unique_constraint(f"uq_reviews_{name}", "reviews", [name])
    op.drop_constraint("fk_reviews_reread_of_beneficiary_id", "reviews")
    op.drop_index("ix_reviews_reread_of", "reviews")
    for name in ("expected", "reread_of"):
        op.drop_column("reviews", name)
    for name in ("factor_at", "confirmed_at", "last_seen_at"):
        op.drop_column("staff_sessions", name)
