"""The statements about places at which workers look. Each may be repeated."""

from __future__ import annotations

DECLARE = """
insert into watches (system, name) select $1, t.name from unnest($2::text[]) as t (name) order by t.name
on conflict (system, name) do nothing
"""
TAKE = """
update watches w
set claimed_by = $1, claimed_until = clock_timestamp() + make_interval(secs => $2), epoch = w.epoch + 1,
    hastened = false, taken_at = clock_timestamp()
from (
    select system, name from watches
    where system = $3 and name = any($4::text[]) and due <= clock_timestamp()
      and (claimed_until is null or claimed_until < clock_timestamp())
    order by due, name limit $5 for update skip locked
) as d
where w.system = d.system and w.name = d.name
returning w.name, w.cursor, w.epoch, w.failures
"""
# A look that is no longer the place's changes nothing: neither the row nor, in the same transaction, what it found.
SAW = """
update watches
set cursor = $5, failures = 0, reason = null, last_seen = clock_timestamp(), claimed_by = null, claimed_until = null,
    due = clock_timestamp() + make_interval(secs => case when hastened then least($6::float8, $7) else $6 end)
where system = $1 and name = $2 and claimed_by = $3 and epoch = $4
returning true
"""
FAILED = """
update watches
set failures = failures + 1, reason = $5, claimed_by = null, claimed_until = null,
    due = clock_timestamp() + make_interval(secs => $6)
where system = $1 and name = $2 and claimed_by = $3 and epoch = $4
returning true
"""
PUT_OFF = """
update watches
set claimed_by = null, claimed_until = null, due = clock_timestamp() + make_interval(secs => $5)
where system = $1 and name = $2 and claimed_by = $3 and epoch = $4
"""
# Many calls are one look. Failing looks keep their schedule: a call is not believed, and the system asked for the wait.
LOOK_SOON = """
insert into watches as w (system, name, hastened)
select $1, t.name, true from unnest($2::text[]) as t (name) order by t.name
on conflict (system, name) do update
set hastened = true,
    due = case when w.failures > 0 then w.due
          else least(w.due, greatest(clock_timestamp(), w.taken_at + make_interval(secs => $3))) end
where not w.hastened
"""
STANDING = """
select name, extract(epoch from clock_timestamp() - coalesce(last_seen, since))::float8 as age, failures, reason
from watches where system = $1 and name = any($2::text[]) order by name
"""
