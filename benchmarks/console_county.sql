-- What happened in the county of `benchmarks.console`, written in bulk; each part is timed.
-- `:per_person` attempts of everybody; the newest `:open` flagged ones still wait.

-- part: numbers
create table bench_people as
 select b.id, row_number() over (order by b.id) as n, b.residence_path, e.id as entitlement_id
 from beneficiaries b
 join lateral (select id
 from entitlements
 where beneficiary_id = b.id order by id limit 1) e on true;
create unique index on bench_people (n);
analyze bench_people;

-- part: consents
insert into consents (id, beneficiary_id, purpose, basis, text_version, text_digest, given_at, given_by)
 select gen_random_uuid(), id, 'certification', 'separate_consent', '1', repeat('0', 64), now() - interval '1200 days', 'person:' || id
 from bench_people;
create table bench_consents as
 select beneficiary_id, id
 from consents;
create unique index on bench_consents (beneficiary_id);
analyze bench_consents;

-- part: attempts
create table bench_attempts as
 select uuidv7(at - now()) as id, uuidv7(at - now()) as session_id, person, entitlement_id, at, residence_path, number, case when draw < 0.86 then 'pass' when draw < 0.95 then 'retry' else 'review' end as outcome
 from (select p.id as person, p.entitlement_id, p.residence_path, random() as draw, row_number() over () as number, now() - interval '1 day' - (turn * interval '110 days') - random() * interval '110 days' as at
 from bench_people p, generate_series(0, :per_person - 1) turn) drawn order by at;
create index on bench_attempts (outcome);
analyze bench_attempts;

-- part: sessions
insert into sessions (id, beneficiary_id, consent_id, token_digest, device_id, address_index, challenge, created_at, expires_at, upload_grace_s)
 select a.session_id, a.person, c.id, uuid_send(a.session_id), 'device-' || a.person, uuid_send(a.person), '{"steps": []}', a.at - interval '1 minute', a.at + interval '9 minutes', 600
 from bench_attempts a
 join bench_consents c on c.beneficiary_id = a.person;

-- part: attempts kept
insert into attempts (id, client_id, session_id, beneficiary_id, channel, manifest, manifest_digest, captured_at, received_at)
 select id, id::text, session_id, person, case when number % 3 = 0 then 'helper' else 'app_self' end, '{"parts": []}', repeat('0', 64), at - interval '30 seconds', at
 from bench_attempts;

-- part: decisions
insert into attempt_decisions (attempt_id, beneficiary_id, outcome, reasons, checks, evidence, models, preset_digest, decided_at)
 select id, person, outcome, case outcome when 'pass' then array['face_matches'] when 'retry' then array['challenge_unseen'] else array['face_uncertain'] end, '[{"name": "selfie_match", "value": 0.41, "threshold": 0.363, "ok": true, "at_ms": null}, {"name": "clip_match", "value": 0.35, "threshold": 0.363, "ok": false, "at_ms": 1200}]', '{}', '{"detector": "yunet"}', repeat('0', 64), at + interval '5 seconds'
 from bench_attempts;

-- part: evidence
insert into evidence (id, beneficiary_id, sha256, sm3, size, media_type, object_key, suite, stored_at, stored_by)
 select uuidv7(at - now()), person, encode(sha256(uuid_send(id) || kind::bytea), 'hex'), repeat('0', 64), 400000, case kind when 'selfie' then 'image/jpeg' else 'video/webm' end, 'evidence/' || encode(sha256(uuid_send(id) || kind::bytea), 'hex'), 'A256GCM', at, 'person:' || person
 from bench_attempts, (values ('selfie'), ('video')) kinds(kind)
 where outcome = 'review';

-- part: parts
insert into attempt_parts (attempt_id, kind, evidence_id, beneficiary_id)
 select a.id, kind, e.id, a.person
 from bench_attempts a
 cross join (values ('selfie'), ('video')) kinds(kind)
 join evidence e on e.sha256 = encode(sha256(uuid_send(a.id) || kind::bytea), 'hex')
 where a.outcome = 'review';

-- part: references
insert into evidence (id, beneficiary_id, sha256, sm3, size, media_type, object_key, suite, stored_at, stored_by)
 select gen_random_uuid(), id, encode(sha256(uuid_send(id)), 'hex'), repeat('0', 64), 40000, 'image/jpeg', 'evidence/' || encode(sha256(uuid_send(id)), 'hex'), 'A256GCM', now() - interval '1300 days', 'system:demo'
 from bench_people;
insert into reference_photos (id, beneficiary_id, evidence_id, consent_id, source, source_rank, taken_on, embedding_sealed, model, quality, added_at, added_by)
 select gen_random_uuid(), p.id, e.id, c.id, 'id_card_chip', 1, '2019-01-01', '\x00', 'sface', 0.9, now() - interval '1300 days', 'system:demo'
 from bench_people p
 join bench_consents c on c.beneficiary_id = p.id
 join evidence e on e.beneficiary_id = p.id and e.sha256 = encode(sha256(uuid_send(p.id)), 'hex');

-- part: reviews
create table bench_reviews as
 select uuidv7(at - now()) as id, id as attempt_id, person, at, number, residence_path, row_number() over (order by at desc) > :open as decided
 from bench_attempts
 where outcome = 'review';
update bench_reviews set at = now() - random() * interval '4 days'
 where not decided;
insert into reviews (id, beneficiary_id, attempt_id, reasons, priority, opened_at, due_at)
 select id, person, attempt_id, array['face_uncertain'], (number % 40)::int * 10, at, at + interval '3 days'
 from bench_reviews;

-- part: verdicts
insert into review_claims (id, review_id, beneficiary_id, staff_id, claimed_at, expires_at, released_at)
 select gen_random_uuid(), r.id, r.person, s.id, r.at + interval '3 hours', r.at + interval '210 minutes', null
 from bench_reviews r
 join staff s on r.residence_path like s.division_path || '%' and s.login like 'clerk%'
 where r.decided;
insert into review_decisions (review_id, beneficiary_id, outcome, method, findings, decided_at, decided_by, confirmed_at)
 select r.id, r.person, 'certified', 'call_back', '电话回访本人健在', r.at + interval '190 minutes', s.id, r.at + interval '180 minutes'
 from bench_reviews r
 join staff s on r.residence_path like s.division_path || '%' and s.login like 'clerk%'
 where r.decided;

-- part: certifications
insert into certifications (id, beneficiary_id, entitlement_id, kind, channel, captured_on, received_at, attempt_id, certificate_number, preset_digest, recorded_by)
 select uuidv7(at - now()), person, entitlement_id, 'certified', case when number % 3 = 0 then 'helper' else 'app_self' end, at::date, at, id, 'JZ' || to_char(at, 'YYYYMMDD') || lpad(number::text, 12, '0'), repeat('0', 64), 'system:decision_worker'
 from bench_attempts
 where outcome = 'pass' and number % 2 = 0;

-- part: validities
update validities v set valid_until = newest.day, certification_id = newest.id
 from (select distinct on (entitlement_id) entitlement_id, id, (captured_on + interval '1 year')::date as day
 from certifications order by entitlement_id, captured_on desc) newest
 where v.entitlement_id = newest.entitlement_id;

-- part: visits and requests
insert into visit_requests (id, beneficiary_id, reason, requested_at, requested_by)
 select gen_random_uuid(), id, '行动不便', now() - random() * interval '60 days', 'person:' || id
 from bench_people
 where n % 100 = 0;
insert into leads (id, beneficiary_id, kind, opened_at, opened_by)
 select gen_random_uuid(), id, 'reported_death', now() - interval '20 days', 'system:demo'
 from bench_people
 where n % 250 = 0;
insert into contacts (id, beneficiary_id, channel, outcome, note, contacted_at, recorded_at, recorded_by)
 select gen_random_uuid(), p.id, 'call', 'no_answer', '', now() - interval '9 days', now() - interval '9 days', s.id
 from bench_people p
 join staff s on p.residence_path like s.division_path || '%' and s.login like 'clerk%'
 where p.n % 10 = 0;

-- part: audit trail
insert into audit_events (chain, seq, previous, digest, body, at, actor, action, details) select '990101', head.seq + row_number() over (order by a.at), sha256(uuid_send(a.id)), sha256(uuid_send(a.session_id)), convert_to(a.id::text, 'UTF8'), a.at, 'person:' || a.person, act.name, jsonb_build_object('attempt', a.id::text, 'beneficiary', a.person::text)
 from (select max(seq) as seq
 from audit_events
 where chain = '990101') head, bench_attempts a, (values ('attempt.submitted'), ('attempt.decided')) act(name);
