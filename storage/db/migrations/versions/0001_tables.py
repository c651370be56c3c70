"""All tables of the first version.

Revision ID: 0001
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
revision = '0001'
down_revision = None


def upgrade() -> None:
    op.create_table('audit_events',
    sa.Column('chain', sa.Text(collation='C'), nullable=False),
    sa.Column('seq', sa.BigInteger(), nullable=False),
    sa.Column('previous', sa.LargeBinary(), nullable=False),
    sa.Column('digest', sa.LargeBinary(), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('action', sa.Text(), nullable=False),
    sa.Column('details', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.CheckConstraint("chain ~ '^([1-9][0-9]{1,5}|system)$'", name=op.f('ck_audit_events_chain')),
    sa.CheckConstraint('length(previous) = 32 and length(digest) = 32', name=op.f('ck_audit_events_digests')),
    sa.CheckConstraint('seq > 0', name=op.f('ck_audit_events_seq')),
    sa.PrimaryKeyConstraint('chain', 'seq', name=op.f('pk_audit_events'))
    )
    op.create_table('divisions',
    sa.Column('path', sa.Text(collation='C'), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('level', sa.Text(), nullable=False),
    sa.Column('parent_path', sa.Text(collation='C'), nullable=True),
    sa.Column('window_address', sa.Text(), nullable=True),
    sa.Column('window_hours', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['parent_path'], ['divisions.path'], name=op.f('fk_divisions_parent_path')),
    sa.PrimaryKeyConstraint('path', name=op.f('pk_divisions'))
    )
    op.create_table('login_failures',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('login_digest', sa.LargeBinary(), nullable=False),
    sa.Column('failed_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_login_failures'))
    )
    op.create_index(op.f('ix_login_failures_login_digest'), 'login_failures', ['login_digest'], unique=False)
    op.create_table('video_digests',
    sa.Column('sha256', sa.Text(), nullable=False),
    sa.Column('attempt_id', sa.Uuid(), nullable=False),
    sa.PrimaryKeyConstraint('sha256', name=op.f('pk_video_digests'))
    )
    op.create_table('beneficiaries',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('id_number_index', sa.LargeBinary(), nullable=False),
    sa.Column('id_number_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('name_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('phone_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('phone_index', sa.LargeBinary(), nullable=True),
    sa.Column('sex', sa.Text(), nullable=False),
    sa.Column('birth_date', sa.Date(), nullable=False),
    sa.Column('household_path', sa.Text(collation='C'), nullable=False),
    sa.Column('residence_path', sa.Text(collation='C'), nullable=False),
    sa.Column('key_groups', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['household_path'], ['divisions.path'], name=op.f('fk_beneficiaries_household_path')),
    sa.ForeignKeyConstraint(['residence_path'], ['divisions.path'], name=op.f('fk_beneficiaries_residence_path')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_beneficiaries')),
    sa.UniqueConstraint('id_number_index', name=op.f('uq_beneficiaries_id_number_index'))
    )
    op.create_index('ix_beneficiaries_household', 'beneficiaries', ['household_path', 'id'], unique=False)
    op.create_index(op.f('ix_beneficiaries_phone_index'), 'beneficiaries', ['phone_index'], unique=False)
    op.create_index('ix_beneficiaries_residence', 'beneficiaries', ['residence_path', 'id'], unique=False)
    op.create_table('staff',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('login', sa.Text(), nullable=False),
    sa.Column('display_name', sa.Text(), nullable=False),
    sa.Column('role', sa.Text(), nullable=False),
    sa.Column('division_path', sa.Text(collation='C'), nullable=False),
    sa.Column('password_hash', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.Text(), nullable=False),
    sa.Column('disabled_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['division_path'], ['divisions.path'], name=op.f('fk_staff_division_path')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_staff')),
    sa.UniqueConstraint('login', name=op.f('uq_staff_login'))
    )
    op.create_index(op.f('ix_staff_division_path'), 'staff', ['division_path'], unique=False)
    op.create_table('beneficiary_changes',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('beneficiary_id', sa.Uuid(), nullable=False),
    sa.Column('field', sa.Text(), nullable=False),
    sa.Column('before_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_by', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['beneficiary_id'], ['beneficiaries.id'], name=op.f('fk_beneficiary_changes_beneficiary_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_beneficiary_changes'))
    )
    op.create_index(op.f('ix_beneficiary_changes_beneficiary_id'), 'beneficiary_changes', ['beneficiary_id'], unique=False)
    op.create_table('consents',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('beneficiary_id', sa.Uuid(), nullable=False),
    sa.Column('purpose', sa.Text(), nullable=False),
    sa.Column('basis', sa.Text(), nullable=False),
    sa.Column('text_version', sa.Text(), nullable=False),
    sa.Column('text_digest', sa.Text(), nullable=False),
    sa.Column('given_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('given_by', sa.Text(), nullable=False),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['beneficiary_id'], ['beneficiaries.id'], name=op.f('fk_consents_beneficiary_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_consents')),
    sa.UniqueConstraint('id', 'beneficiary_id', name=op.f('uq_consents_id_beneficiary_id'))
    )
    op.create_index(op.f('ix_consents_beneficiary_id'), 'consents', ['beneficiary_id'], unique=False)
    op.create_table('data_keys',
    sa.Column('beneficiary_id', sa.Uuid(), nullable=False),
    sa.Column('suite', sa.Text(), nullable=False),
    sa.Column('kek_version', sa.Integer(), nullable=False),
    sa.Column('wrapped', sa.LargeBinary(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('destroyed_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['beneficiary_id'], ['beneficiaries.id'], name=op.f('fk_data_keys_beneficiary_id')),
    sa.PrimaryKeyConstraint('beneficiary_id', name=op.f('pk_data_keys'))
    )
    op.create_table('entitlements',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('beneficiary_id', sa.Uuid(), nullable=False),
    sa.Column('scheme', sa.Text(), nullable=False),
    sa.Column('started_on', sa.Date(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['beneficiary_id'], ['beneficiaries.id'], name=op.f('fk_entitlements_beneficiary_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_entitlements')),
    sa.UniqueConstraint('beneficiary_id', 'scheme', name=op.f('uq_entitlements_beneficiary_id_scheme')),
    sa.UniqueConstraint('id', 'beneficiary_id', name=op.f('uq_entitlements_id_beneficiary_id'))
    )
    op.create_index(op.f('ix_entitlements_beneficiary_id'), 'entitlements', ['beneficiary_id'], unique=False)
    op.create_table('evidence',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('beneficiary_id', sa.Uuid(), nullable=False),
    sa.Column('sha256', sa.Text(), nullable=False),
    sa.Column('sm3', sa.Text(), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('media_type', sa.Text(), nullable=False),
    sa.Column('object_key', sa.Text(), nullable=False),
    sa.Column('suite', sa.Text(), nullable=False),
    sa.Column('stored_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('stored_by', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['beneficiary_id'], ['beneficiaries.id'], name=op.f('fk_evidence_beneficiary_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_evidence')),
    sa.UniqueConstraint('beneficiary_id', 'sha256', name=op.f('uq_evidence_beneficiary_id_sha256')),
    sa.UniqueConstraint('id', 'beneficiary_id', name=op.f('uq_evidence_id_beneficiary_id'))
    )
    op.create_index(op.f('ix_evidence_beneficiary_id'), 'evidence', ['beneficiary_id'], unique=False)
    op.create_table('leads',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('beneficiary_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('opened_by', sa.Text(), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['beneficiary_id'], ['beneficiaries.id'], name=op.f('fk_leads_beneficiary_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_leads'))
    )
    op.create_index(op.f('ix_leads_beneficiary_id'), 'leads', ['beneficiary_id'], unique=False)
    op.create_table('staff_sessions',
    sa.Column('token_digest', sa.LargeBinary(), nullable=False),
    sa.Column('staff_id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_staff_sessions_staff_id')),
    sa.PrimaryKeyConstraint('token_digest', name=op.f('pk_staff_sessions'))
    )
    op.create_index(op.f('ix_staff_sessions_staff_id'), 'staff_sessions', ['staff_id'], unique=False)
    op.create_table('visit_requests',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('beneficiary_id', sa.Uuid(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('requested_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('requested_by', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['beneficiary_id'], ['beneficiaries.id'], name=op.f('fk_visit_requests_beneficiary_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_visit_requests'))
    )
    op.create_index(op.f('ix_visit_requests_beneficiary_id'), 'visit_requests', ['beneficiary_id'], unique=False)
    op.create_table('visits',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('client_id', sa.Text(), nullable=False),
    sa.Column('beneficiary_id', sa.Uuid(), nullable=False),
    sa.Column('officer_id', sa.Uuid(), nullable=False),
    sa.Column('manifest', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('manifest_digest', sa.Text(), nullable=False),
    sa.Column('visited_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['beneficiary_id'], ['beneficiaries.id'], name=op.f('fk_visits_beneficiary_id')),
    sa.ForeignKeyConstraint(['officer_id'], ['staff.id'], name=op.f('fk_visits_officer_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_visits')),
    sa.UniqueConstraint('client_id', name=op.f('uq_visits_client_id')),
    sa.UniqueConstraint('id', 'beneficiary_id', name=op.f('uq_visits_id_beneficiary_id'))
    )
    op.create_index(op.f('ix_visits_beneficiary_id'), 'visits', ['beneficiary_id'], unique=False)
    op.create_table('entitlement_states',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('entitlement_id', sa.Uuid(), nullable=False),
    sa.Column('beneficiary_id', sa.Uuid(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('cause', sa.Text(), nullable=True),
    sa.Column('effective_on', sa.Date(), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('recorded_by', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['beneficiary_id'], ['beneficiaries.id'], name=op.f('fk_entitlement_states_beneficiary_id')),
    sa.ForeignKeyConstraint(['entitlement_id', 'beneficiary_id'], ['entitlements.id', 'entitlements.beneficiary_id'], name=op.f('fk_entitlement_states_entitlement_id_beneficiary_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_entitlement_states'))
    )
    op.create_index(op.f('ix_entitlement_states_beneficiary_id'), 'entitlement_states', ['beneficiary_id'], unique=False)
    op.create_index(op.f('ix_entitlement_states_entitlement_id'), 'entitlement_states', ['entitlement_id'], unique=False)
    op.create_table('reference_photos',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('beneficiary_id', sa.Uuid(), nullable=False),
    sa.Column('evidence_id', sa.Uuid(), nullable=False),
    sa.Column('consent_id', sa.Uuid(), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('source_rank', sa.Integer(), nullable=False),
    sa.Column('taken_on', sa.Date(), nullable=True),
    sa.Column('embedding_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('model', sa.Text(), nullable=False),
    sa.Column('quality', sa.Double(), nullable=False),
    sa.Column('added_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('added_by', sa.Text(), nullable=False),
    sa.Column('removed_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['beneficiary_id'], ['beneficiaries.id'], name=op.f('fk_reference_photos_beneficiary_id')),
    sa.ForeignKeyConstraint(['consent_id', 'beneficiary_id'], ['consents.id', 'consents.beneficiary_id'], name=op.f('fk_reference_photos_consent_id_beneficiary_id')),
    sa.ForeignKeyConstraint(['evidence_id', 'beneficiary_id'], ['evidence.id', 'evidence.beneficiary_id'], name=op.f('fk_reference_photos_evidence_id_beneficiary_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reference_photos'))
    )
    op.create_index(op.f('ix_reference_photos_beneficiary_id'), 'reference_photos', ['beneficiary_id'], unique=False)
    op.create_table('sessions',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('beneficiary_id', sa.Uuid(), nullable=False),
    sa.Column('consent_id', sa.Uuid(), nullable=False),
    sa.Column('token_digest', sa.LargeBinary(), nullable=False),
    sa.Column('device_id', sa.Text(), nullable=False),
    sa.Column('address_index', sa.LargeBinary(), nullable=False),
    sa.Column('challenge', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('helper', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('upload_grace_s', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['beneficiary_id'], ['beneficiaries.id'], name=op.f('fk_sessions_beneficiary_id')),
    sa.ForeignKeyConstraint(['consent_id', 'beneficiary_id'], ['consents.id', 'consents.beneficiary_id'], name=op.f('fk_sessions_consent_id_beneficiary_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sessions')),
    sa.UniqueConstraint('id', 'beneficiary_id', name=op.f('uq_sessions_id_beneficiary_id')),
    sa.UniqueConstraint('token_digest', name=op.f('uq_sessions_token_digest'))
    )
    op.create_index('ix_sessions_address', 'sessions', ['address_index', 'created_at'], unique=False)
    op.create_index(op.f('ix_sessions_beneficiary_id'), 'sessions', ['beneficiary_id'], unique=False)
    op.create_index('ix_sessions_device', 'sessions', ['device_id', 'created_at'], unique=False)
    op.create_table('visit_decisions',
    sa.Column('visit_id', sa.Uuid(), nullable=False),
    sa.Column('beneficiary_id', sa.Uuid(), nullable=False),
    sa.Column('outcome', sa.Text(), nullable=False),
    sa.Column('reasons', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('checks', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('models', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('preset_digest', sa.Text(), nullable=False),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['beneficiary_id'], ['beneficiaries.id'], name=op.f('fk_visit_decisions_beneficiary_id')),
    sa.ForeignKeyConstraint(['visit_id', 'beneficiary_id'], ['visits.id', 'visits.beneficiary_id'], name=op.f('fk_visit_decisions_visit_id_beneficiary_id')),
    sa.PrimaryKeyConstraint('visit_id', name=op.f('pk_visit_decisions'))
    )
    op.create_index(op.f('ix_visit_decisions_beneficiary_id'), 'visit_decisions', ['beneficiary_id'], unique=False)
    op.create_table('visit_parts',
    sa.Column('visit_id', sa.Uuid(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('evidence_id', sa.Uuid(), nullable=False),
    sa.Column('beneficiary_id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['beneficiary_id'], ['beneficiaries.id'], name=op.f('fk_visit_parts_beneficiary_id')),
    sa.ForeignKeyConstraint(['evidence_id', 'beneficiary_id'], ['evidence.id', 'evidence.beneficiary_id'], name=op.f('fk_visit_parts_evidence_id_beneficiary_id')),
    sa.ForeignKeyConstraint(['visit_id', 'beneficiary_id'], ['visits.id', 'visits.beneficiary_id'], name=op.f('fk_visit_parts_visit_id_beneficiary_id')),
    sa.PrimaryKeyConstraint('visit_id', 'position', name=op.f('pk_visit_parts'))
    )
    op.create_index(op.f('ix_visit_parts_beneficiary_id'), 'visit_parts', ['beneficiary_id'], unique=False)
    op.create_table('attempts',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('client_id', sa.Text(), nullable=False),
    sa.Column('session_id', sa.Uuid(), nullable=False),
    sa.Column('beneficiary_id', sa.Uuid(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('manifest', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('manifest_digest', sa.Text(), nullable=False),
    sa.Column('captured_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['beneficiary_id'], ['beneficiaries.id'], name=op.f('fk_attempts_beneficiary_id')),
    sa.ForeignKeyConstraint(['session_id', 'beneficiary_id'], ['sessions.id', 'sessions.beneficiary_id'], name=op.f('fk_attempts_session_id_beneficiary_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attempts')),
    sa.UniqueConstraint('client_id', name=op.f('uq_attempts_client_id')),
    sa.UniqueConstraint('id', 'beneficiary_id', name=op.f('uq_attempts_id_beneficiary_id')),
    sa.UniqueConstraint('session_id', name=op.f('uq_attempts_session_id'))
    )
    op.create_index(op.f('ix_attempts_beneficiary_id'), 'attempts', ['beneficiary_id'], unique=False)
    op.create_table('attempt_decisions',
    sa.Column('attempt_id', sa.Uuid(), nullable=False),
    sa.Column('beneficiary_id', sa.Uuid(), nullable=False),
    sa.Column('outcome', sa.Text(), nullable=False),
    sa.Column('reasons', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('checks', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('evidence', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('models', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('preset_digest', sa.Text(), nullable=False),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['attempt_id', 'beneficiary_id'], ['attempts.id', 'attempts.beneficiary_id'], name=op.f('fk_attempt_decisions_attempt_id_beneficiary_id')),
    sa.ForeignKeyConstraint(['beneficiary_id'], ['beneficiaries.id'], name=op.f('fk_attempt_decisions_beneficiary_id')),
    sa.PrimaryKeyConstraint('attempt_id', name=op.f('pk_attempt_decisions'))
    )
    op.create_index(op.f('ix_attempt_decisions_beneficiary_id'), 'attempt_decisions', ['beneficiary_id'], unique=False)
    op.create_table('attempt_parts',
    sa.Column('attempt_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('evidence_id', sa.Uuid(), nullable=False),
    sa.Column('beneficiary_id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['attempt_id', 'beneficiary_id'], ['attempts.id', 'attempts.beneficiary_id'], name=op.f('fk_attempt_parts_attempt_id_beneficiary_id')),
    sa.ForeignKeyConstraint(['beneficiary_id'], ['beneficiaries.id'], name=op.f('fk_attempt_parts_beneficiary_id')),
    sa.ForeignKeyConstraint(['evidence_id', 'beneficiary_id'], ['evidence.id', 'evidence.beneficiary_id'], name=op.f('fk_attempt_parts_evidence_id_beneficiary_id')),
    sa.PrimaryKeyConstraint('attempt_id', 'kind', name=op.f('pk_attempt_parts'))
    )
    op.create_index(op.f('ix_attempt_parts_beneficiary_id'), 'attempt_parts', ['beneficiary_id'], unique=False)
    op.create_table('reviews',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('beneficiary_id', sa.Uuid(), nullable=False),
    sa.Column('attempt_id', sa.Uuid(), nullable=True),
    sa.Column('visit_id', sa.Uuid(), nullable=True),
    sa.Column('reasons', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('priority', sa.Integer(), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('num_nonnulls(attempt_id, visit_id) = 1', name=op.f('ck_reviews_one_case')),
    sa.ForeignKeyConstraint(['attempt_id', 'beneficiary_id'], ['attempts.id', 'attempts.beneficiary_id'], name=op.f('fk_reviews_attempt_id_beneficiary_id')),
    sa.ForeignKeyConstraint(['beneficiary_id'], ['beneficiaries.id'], name=op.f('fk_reviews_beneficiary_id')),
    sa.ForeignKeyConstraint(['visit_id', 'beneficiary_id'], ['visits.id', 'visits.beneficiary_id'], name=op.f('fk_reviews_visit_id_beneficiary_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reviews')),
    sa.UniqueConstraint('attempt_id', name=op.f('uq_reviews_attempt_id')),
    sa.UniqueConstraint('id', 'beneficiary_id', name=op.f('uq_reviews_id_beneficiary_id')),
    sa.UniqueConstraint('visit_id', name=op.f('uq_reviews_visit_id'))
    )
    op.create_index(op.f('ix_reviews_beneficiary_id'), 'reviews', ['beneficiary_id'], unique=False)
    op.create_index('ix_reviews_queue', 'reviews', ['priority', 'opened_at', 'id'], unique=False)
    op.create_table('certifications',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('beneficiary_id', sa.Uuid(), nullable=False),
    sa.Column('entitlement_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('captured_on', sa.Date(), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('attempt_id', sa.Uuid(), nullable=True),
    sa.Column('visit_id', sa.Uuid(), nullable=True),
    sa.Column('review_id', sa.Uuid(), nullable=True),
    sa.Column('revokes_id', sa.Uuid(), nullable=True),
    sa.Column('certificate_number', sa.Text(), nullable=True),
    sa.Column('preset_digest', sa.Text(), nullable=False),
    sa.Column('recorded_by', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['attempt_id', 'beneficiary_id'], ['attempts.id', 'attempts.beneficiary_id'], name=op.f('fk_certifications_attempt_id_beneficiary_id')),
    sa.ForeignKeyConstraint(['beneficiary_id'], ['beneficiaries.id'], name=op.f('fk_certifications_beneficiary_id')),
    sa.ForeignKeyConstraint(['entitlement_id', 'beneficiary_id'], ['entitlements.id', 'entitlements.beneficiary_id'], name=op.f('fk_certifications_entitlement_id_beneficiary_id')),
    sa.ForeignKeyConstraint(['review_id', 'beneficiary_id'], ['reviews.id', 'reviews.beneficiary_id'], name=op.f('fk_certifications_review_id_beneficiary_id')),
    sa.ForeignKeyConstraint(['revokes_id', 'beneficiary_id'], ['certifications.id', 'certifications.beneficiary_id'], name=op.f('fk_certifications_revokes_id_beneficiary_id')),
    sa.ForeignKeyConstraint(['visit_id', 'beneficiary_id'], ['visits.id', 'visits.beneficiary_id'], name=op.f('fk_certifications_visit_id_beneficiary_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_certifications')),
    sa.UniqueConstraint('id', 'beneficiary_id', name=op.f('uq_certifications_id_beneficiary_id'))
    )
    op.create_index(op.f('ix_certifications_beneficiary_id'), 'certifications', ['beneficiary_id'], unique=False)
    op.create_index(op.f('ix_certifications_certificate_number'), 'certifications', ['certificate_number'], unique=False)
    op.create_index(op.f('ix_certifications_entitlement_id'), 'certifications', ['entitlement_id'], unique=False)
    op.create_table('review_claims',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('review_id', sa.Uuid(), nullable=False),
    sa.Column('beneficiary_id', sa.Uuid(), nullable=False),
    sa.Column('staff_id', sa.Uuid(), nullable=False),
    sa.Column('claimed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('released_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['beneficiary_id'], ['beneficiaries.id'], name=op.f('fk_review_claims_beneficiary_id')),
    sa.ForeignKeyConstraint(['review_id', 'beneficiary_id'], ['reviews.id', 'reviews.beneficiary_id'], name=op.f('fk_review_claims_review_id_beneficiary_id')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_review_claims_staff_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_review_claims'))
    )
    op.create_index(op.f('ix_review_claims_beneficiary_id'), 'review_claims', ['beneficiary_id'], unique=False)
    op.create_index(op.f('ix_review_claims_review_id'), 'review_claims', ['review_id'], unique=False)
    op.create_table('review_decisions',
    sa.Column('review_id', sa.Uuid(), nullable=False),
    sa.Column('beneficiary_id', sa.Uuid(), nullable=False),
    sa.Column('outcome', sa.Text(), nullable=False),
    sa.Column('method', sa.Text(), nullable=True),
    sa.Column('findings', sa.Text(), nullable=False),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('decided_by', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['beneficiary_id'], ['beneficiaries.id'], name=op.f('fk_review_decisions_beneficiary_id')),
    sa.ForeignKeyConstraint(['decided_by'], ['staff.id'], name=op.f('fk_review_decisions_decided_by')),
    sa.ForeignKeyConstraint(['review_id', 'beneficiary_id'], ['reviews.id', 'reviews.beneficiary_id'], name=op.f('fk_review_decisions_review_id_beneficiary_id')),
    sa.PrimaryKeyConstraint('review_id', name=op.f('pk_review_decisions'))
    )
    op.create_index(op.f('ix_review_decisions_beneficiary_id'), 'review_decisions', ['beneficiary_id'], unique=False)
    op.create_table('validities',
    sa.Column('entitlement_id', sa.Uuid(), nullable=False),
    sa.Column('beneficiary_id', sa.Uuid(), nullable=False),
    sa.Column('valid_until', sa.Date(), nullable=True),
    sa.Column('certification_id', sa.Uuid(), nullable=True),
    sa.Column('projected_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['beneficiary_id'], ['beneficiaries.id'], name=op.f('fk_validities_beneficiary_id')),
    sa.ForeignKeyConstraint(['certification_id', 'beneficiary_id'], ['certifications.id', 'certifications.beneficiary_id'], name=op.f('fk_validities_certification_id_beneficiary_id')),
    sa.ForeignKeyConstraint(['entitlement_id', 'beneficiary_id'], ['entitlements.id', 'entitlements.beneficiary_id'], name=op.f('fk_validities_entitlement_id_beneficiary_id')),
    sa.PrimaryKeyConstraint('entitlement_id', name=op.f('pk_validities'))
    )
    op.create_index(op.f('ix_validities_beneficiary_id'), 'validities', ['beneficiary_id'], unique=False)
    op.create_index(op.f('ix_validities_valid_until'), 'validities', ['valid_until'], unique=False)


def downgrade() -> None:
    op.drop_index(op.f('ix_validities_valid_until'), table_name='validities')
    op.drop_index(op.f('ix_validities_beneficiary_id'), table_name='validities')
    op.drop_table('validities')
    op.drop_index(op.f('ix_review_decisions_beneficiary_id'), table_name='review_decisions')
    op.drop_table('review_decisions')
    op.drop_index(op.f('ix_review_claims_review_id'), table_name='review_claims')
    op.drop_index(op.f('ix_review_claims_beneficiary_id'), table_name='review_claims')
    op.drop_table('review_claims')
    op.drop_index(op.f('ix_certifications_entitlement_id'), table_name='certifications')
    op.drop_index(op.f('ix_certifications_certificate_number'), table_name='certifications')
    op.drop_index(op.f('ix_certifications_beneficiary_id'), table_name='certifications')
    op.drop_table('certifications')
    op.drop_index('ix_reviews_queue', table_name='reviews')
    op.drop_index(op.f('ix_reviews_beneficiary_id'), table_name='reviews')
    op.drop_table('reviews')
    op.drop_index(op.f('ix_attempt_parts_beneficiary_id'), table_name='attempt_parts')
    op.drop_table('attempt_parts')
    op.drop_index(op.f('ix_attempt_decisions_beneficiary_id'), table_name='attempt_decisions')
    op.drop_table('attempt_decisions')
    op.drop_index(op.f('ix_attempts_beneficiary_id'), table_name='attempts')
    op.drop_table('attempts')
    op.drop_index(op.f('ix_visit_parts_beneficiary_id'), table_name='visit_parts')
    op.drop_table('visit_parts')
    op.drop_index(op.f('ix_visit_decisions_beneficiary_id'), table_name='visit_decisions')
    op.drop_table('visit_decisions')
    op.drop_index('ix_sessions_device', table_name='sessions')
    op.drop_index(op.f('ix_sessions_beneficiary_id'), table_name='sessions')
    op.drop_index('ix_sessions_address', table_name='sessions')
    op.drop_table('sessions')
    op.drop_index(op.f('ix_reference_photos_beneficiary_id'), table_name='reference_photos')
    op.drop_table('reference_photos')
    op.drop_index(op.f('ix_entitlement_states_entitlement_id'), table_name='entitlement_states')
    op.drop_index(op.f('ix_entitlement_states_beneficiary_id'), table_name='entitlement_states')
    op.drop_table('entitlement_states')
    op.drop_index(op.f('ix_visits_beneficiary_id'), table_name='visits')
    op.drop_table('visits')
    op.drop_index(op.f('ix_visit_requests_beneficiary_id'), table_name='visit_requests')
    op.drop_table('visit_requests')
    op.drop_index(op.f('ix_staff_sessions_staff_id'), table_name='staff_sessions')
    op.drop_table('staff_sessions')
    op.drop_index(op.f('ix_leads_beneficiary_id'), table_name='leads')
    op.drop_table('leads')
    op.drop_index(op.f('ix_evidence_beneficiary_id'), table_name='evidence')
    op.drop_table('evidence')
    op.drop_index(op.f('ix_entitlements_beneficiary_id'), table_name='entitlements')
    op.drop_table('entitlements')
    op.drop_table('data_keys')
    op.drop_index(op.f('ix_consents_beneficiary_id'), table_name='consents')
    op.drop_table('consents')
    op.drop_index(op.f('ix_beneficiary_changes_beneficiary_id'), table_name='beneficiary_changes')
    op.drop_table('beneficiary_changes')
    op.drop_index(op.f('ix_staff_division_path'), table_name='staff')
    op.drop_table('staff')
    op.drop_index('ix_beneficiaries_residence', table_name='beneficiaries')
    op.drop_index(op.f('ix_beneficiaries_phone_index'), table_name='beneficiaries')
    op.drop_index('ix_beneficiaries_household', table_name='beneficiaries')
    op.drop_table('beneficiaries')
    op.drop_table('video_digests')
    op.drop_index(op.f('ix_login_failures_login_digest'), table_name='login_failures')
    op.drop_table('login_failures')
    op.drop_table('divisions')
    op.drop_table('audit_events')
