"""The statements about notifications and about what systems call submissions. Each may be repeated."""

from __future__ import annotations

# Accepted submissions are found by what the system called them; all, by the identity that was sent. A reply's columns
# hold the record's key, and the headers that a notification takes over.
OWNER = """
select s.source, s.id, s.reply_key, s.reply_headers from (
    select r.source, r.id, 0 as choice from submission_references r where r.system = $1 and r.reference = $2
    union all
    select s.source, s.id, 1 from submissions s where s.system = $1 and s.identity = $2
) as found join submissions s using (source, id)
order by found.choice, s.received_at desc limit 1
"""
KEEP = """
insert into notifications (system, id, type, content_hash, source, submission_id,
                           event_topic, event_key, event_headers, event_value, key_digest)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9::json, $10, $11)
on conflict (system, id) do nothing
returning true
"""
# An erasure leaves an empty hash: it contradicts nothing.
KEPT = """
select content_hash in ($3, '') as same, published_at is not null as published
from notifications where system = $1 and id = $2
"""
TAKE = """
update notifications n
set claimed_by = $1, claimed_until = clock_timestamp() + make_interval(secs => $2)
from (
    select system, id from notifications
    where published_at is null and system = any($3::text[])
      and (claimed_until is null or claimed_until < clock_timestamp())
    order by received_at, id limit $4 for update skip locked
) as oldest
where n.system = oldest.system and n.id = oldest.id
returning n.system, n.id, n.event_topic, n.event_key, n.event_headers, n.event_value, n.received_at
"""
EXTEND = """
update notifications n set claimed_until = clock_timestamp() + make_interval(secs => $2)
from unnest($3::text[], $4::text[]) as t (system, id)
where n.system = t.system and n.id = t.id and n.claimed_by = $1 and n.published_at is null
"""
RELEASE = """
update notifications n set claimed_by = null, claimed_until = null
from unnest($2::text[], $3::text[]) as t (system, id)
where n.system = t.system and n.id = t.id and n.claimed_by = $1 and n.published_at is null
"""
NOTE_PUBLISHED = """
update notifications n set published_at = clock_timestamp(), claimed_by = null, claimed_until = null
from unnest($1::text[], $2::text[]) as t (system, id)
where n.system = t.system and n.id = t.id and n.published_at is null
"""
PUBLISHED_OF = """
select n.system, n.id from notifications n join unnest($1::text[], $2::text[]) as t (system, id) using (system, id)
where n.published_at is not null
"""
BACKLOG = """
select system, count(*) as count, extract(epoch from clock_timestamp() - min(received_at))::float8 as age
from notifications where published_at is null and system = any($1::text[]) group by system
"""
REFER = """
insert into submission_references (system, reference, source, id)
select s.system, t.reference, s.source, s.id
from unnest($1::text[], $2::text[], $3::text[]) as t (source, id, reference) join submissions s using (source, id)
on conflict (system, reference) do nothing
"""
