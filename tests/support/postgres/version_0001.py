"""The version before 0002: its statements, word for word, and a database as it left it.

A worker and a command of that version still run while an update is under way, so these must go on working.
"""

from __future__ import annotations

CLAIM = """
insert into submissions (
    source, id, type, system, operation, signer, identity, content_hash, key_digest,
    record_topic, record_partition, record_offset, received_at, owner)
select t.*, $1
from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::bytea[],
            $10::bytea[], $11::text[], $12::integer[], $13::bigint[], $14::timestamptz[]) as t
on conflict (source, id) do nothing
returning source, id
"""
LOCK = """
select s.source, s.id, s.content_hash, s.state, s.owner, s.answered, s.revision,
       s.reply_topic, s.reply_key, s.reply_headers, s.reply_value, s.dead_letter_id, d.state as letter_state,
       d.event_topic, d.event_key, d.event_headers, d.event_value
from unnest($1::text[], $2::text[]) as t (source, id)
join submissions s using (source, id)
left join dead_letters d on d.id = s.dead_letter_id
order by s.source, s.id
for no key update of s
"""
LEASES = """
select owner, extract(epoch from lease_until - clock_timestamp())::float8 as lease_left
from workers where owner = any($1::text[])
"""
TAKE_OVER = """
update submissions s
set owner = $1, epoch = s.epoch + 1, state = 'claimed',
    in_doubt = s.in_doubt or (s.state = 'sending' and 'look-up' is distinct from (
        select a.purpose from attempts a where a.source = s.source and a.id = s.id
        order by a.sent_at desc, a.number desc limit 1))
from unnest($2::text[], $3::text[]) as t (source, id)
where s.source = t.source and s.id = t.id
returning s.source, s.id, s.epoch, s.identity, s.revision, s.attempts, s.in_doubt,
          s.first_attempt, s.last_attempt, s.tries, s.spent, s.next_attempt
"""
SENDING = """
update submissions s
set state = 'sending', in_doubt = t.in_doubt, attempts = greatest(s.attempts, t.number),
    first_attempt = coalesce(s.first_attempt, t.at), last_attempt = t.at, next_attempt = null
from unnest($2::text[], $3::text[], $4::bigint[], $5::boolean[], $6::integer[], $7::timestamptz[])
     with ordinality as t (source, id, epoch, in_doubt, number, at, n)
where s.source = t.source and s.id = t.id and s.owner = $1 and s.epoch = t.epoch
  and s.state in ('claimed', 'sending')
  and exists (select from workers w where w.owner = $1 and w.lease_until > clock_timestamp())
returning t.n
"""
FINISH = """
update submissions s
set state = t.state, in_doubt = s.in_doubt and t.state = 'held', next_attempt = null,
    reply_topic = t.topic, reply_key = t.key, reply_headers = t.headers::json, reply_value = t.value,
    dead_letter_id = t.dead_letter_id, answered = false, finished_at = t.at
from unnest($2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::bytea[], $8::text[],
            $9::bytea[], $10::text[], $11::timestamptz[])
     with ordinality as t (source, id, epoch, state, topic, key, headers, value, dead_letter_id, at, n)
where s.source = t.source and s.id = t.id and s.owner = $1 and s.epoch = t.epoch
  and (s.state in ('claimed', 'sending')
       or (s.state = t.state and s.reply_topic = t.topic and s.reply_value is not distinct from t.value))
returning t.n
"""
RECORD = """
insert into acts (who, act, reason, dead_letter_id, system, source, submission_id, details)
select $1, $2, $3, d.id, d.system, d.source, d.submission_id, $5::json
from unnest($4::text[]) with ordinality as t (id, n)
join dead_letters d using (id)
order by t.n
"""
ACTS_OF = """
select at, who, act, reason, dead_letter_id, details from acts where dead_letter_id = $1 order by id
"""
RECORD_RESUMED = """
insert into acts (who, act, reason, system, details) values ($1, 'resume-intake', $2, $3, $4::json)
"""

ROWS = """
insert into workers (owner, lease_until) values ('old-worker', clock_timestamp() + interval '1 hour');

insert into submissions (
    source, id, type, system, operation, signer, identity, content_hash, key_digest, record_topic, record_partition,
    record_offset, received_at, state, in_doubt, revision, attempts, first_attempt, last_attempt, owner, epoch,
    reply_topic, reply_key, reply_headers, reply_value, dead_letter_id, answered, finished_at)
values
    ('urn:his', 'in-hand', 'nhis.immunization.register.v1', 'nhis', 'immunization.register', 'dr-ivanova', 'lrn-1',
     '\\x01', '\\x0a', 'herald.nhis.submissions', 0, 1, '2026-03-01 08:00Z', 'sending', true, 1, 1,
     '2026-03-01 08:00Z', '2026-03-01 08:00Z', 'old-worker', 1, null, null, null, null, null, false, null),
    ('urn:his', 'accepted', 'nhis.immunization.register.v1', 'nhis', 'immunization.register', 'dr-ivanova', 'lrn-2',
     '\\x02', '\\x0a', 'herald.nhis.submissions', 0, 2, '2026-03-01 08:01Z', 'accepted', false, 1, 1,
     '2026-03-01 08:01Z', '2026-03-01 08:01Z', 'old-worker', 1, 'herald.nhis.results', '\\x00ff',
     '[["ce_id","r-1"],["odd","\\u0000"]]', '{"nrn":"1"}', null, true, '2026-03-01 08:02Z'),
    ('urn:his', 'failed', 'nhis.immunization.register.v1', 'nhis', 'immunization.register', 'dr-ivanova', 'lrn-3',
     '\\x03', '\\x0a', 'herald.nhis.submissions', 0, 3, '2026-03-01 08:03Z', 'failed', false, 2, 4,
     '2026-03-01 08:03Z', '2026-03-01 08:09Z', 'old-worker', 2, 'herald.nhis.errors', null,
     '[["ce_id","r-2"]]', '{"code":"retries-exhausted"}', 'd-1', true, '2026-03-01 08:09Z');

insert into attempts (source, id, message_id, number, purpose, url, request_headers, request, sent_at)
values ('urn:his', 'in-hand', 'm-1', 1, 'submit', 'https://nhis.test/v1', '{}', '<request/>', '2026-03-01 08:00Z');

insert into dead_letters (
    id, reason, detail, system, operation, signer, source, submission_id, event_topic, event_key, event_headers,
    event_value, origin_topic, origin_partition, origin_offset, created_at, replay_count)
values ('d-1', 'retries-exhausted', 'NHIS was away', 'nhis', 'immunization.register', 'dr-ivanova', 'urn:his', 'failed',
        'herald.nhis.dead-letters', '\\x0a', '[["herald-reason","retries-exhausted"]]', '<event/>',
        'herald.nhis.submissions', 0, 3, '2026-03-01 08:09Z', 1);

insert into acts (at, who, act, reason, dead_letter_id, system, source, submission_id, details)
values ('2026-03-01 09:00Z', 'nurse', 'replay', 'NHIS is back', 'd-1', 'nhis', 'urn:his', 'failed', '{}'),
       ('2026-03-01 09:30Z', 'operator', 'resume-intake', null, null, 'nhis', null, null,
        '{"stopped_because":"60 of 100"}');

insert into intake_stops (system, why, probe_at) values ('erx', '60 of 100', '2026-03-01 10:00Z');
insert into code_lists (system, id, name, fetched_at) values ('nhis', 'CL037', 'Vaccines', '2026-03-01 06:00Z');
insert into code_entries (system, list_id, code, meta) values ('nhis', 'CL037', 'A1', '{"name":"a"}');
"""
"""Rows that that version wrote, in every table."""
