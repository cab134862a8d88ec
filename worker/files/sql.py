"""The statements about files. Each may be repeated."""

from __future__ import annotations

_COLUMNS = """
f.id, f.system, f.source, f.submission_id, f.media_type, f.name, f.sha256, f.size, f.stored_at, f.expires_at
"""
FIND = f"select {_COLUMNS} from files f where f.id = $1 and f.removed_at is null"  # noqa: S608 - constants
LOOK = f"select {_COLUMNS}, f.removed_at from files f where f.id = $1"  # noqa: S608 - constants
LOCKED = f"select {_COLUMNS}, f.uploaded, f.content, f.removed_at from files f where f.id = $1 for update"  # noqa: S608 - constants
# Of two that write the same new file at the same time, there is no row yet to lock.
TURN = "select pg_advisory_xact_lock(1212501062, hashtext($1))"
WHERE = """
select c.id, c.backend, c.location, c.data_key, f.size
from files f join file_contents c on c.id = f.content where f.id = $1
"""
BEGIN = """
insert into file_contents (id, backend, location, data_key, due_at)
values ($1, $2, $3, $4, clock_timestamp() + make_interval(days => 1))
on conflict (id) do nothing
"""
# A content that was abandoned is due at once.
ABANDON = "update file_contents set due_at = clock_timestamp() where id = $1 and due_at is not null"
ATTACH = "update file_contents set due_at = null where id = $1"
# Without its key it cannot be read any more, before its bytes are gone.
DETACH = "update file_contents set due_at = clock_timestamp(), data_key = null where id = $1"
# Another writing of the same file: whose it is stays, and until when the file is kept begins anew.
KEEP = f"""
insert into files as f (id, system, source, submission_id, uploaded, media_type, name, sha256, size, content,
                        stored_at, expires_at, collect_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
on conflict (id) do update
set system = excluded.system, source = excluded.source, submission_id = excluded.submission_id,
    uploaded = excluded.uploaded, media_type = excluded.media_type, name = excluded.name, sha256 = excluded.sha256,
    size = excluded.size, content = excluded.content, stored_at = excluded.stored_at,
    expires_at = excluded.expires_at, collect_at = excluded.collect_at, removed_at = null
returning {_COLUMNS}
"""  # noqa: S608 - constants
GIVE = f"""
update files f
set submission_id = coalesce(f.submission_id, $2), system = case when f.submission_id is null then $3 else f.system end,
    expires_at = greatest(f.expires_at, $4), collect_at = greatest(f.expires_at, $4)
where f.id = $1
returning {_COLUMNS}
"""  # noqa: S608 - constants
# Deleted with their bytes: nobody refers to them, or they are over.
DUE = """
select id, backend, location from file_contents
where due_at <= $1 and backend = any($2::text[]) order by due_at limit $3
"""
FORGET_CONTENT = "delete from file_contents where id = $1 and due_at is not null"
# As the evidence of a submission: kept until it has ended, and while a person has to decide about it.
NEEDED = """
exists (
    select from submissions s
    where s.source = f.source and s.id = f.submission_id
      and (s.finished_at is null or not s.answered or s.state = 'held'))
"""
REMOVE = f"""
with over as (
    select f.id, f.content from files f
    where f.removed_at is null and f.collect_at <= $1 and not {NEEDED}
    order by f.collect_at limit $2 for update skip locked
), gone as (
    update files f set removed_at = $1, content = null, name = null from over where f.id = over.id
)
update file_contents c set due_at = $1, data_key = null from over where c.id = over.content
returning c.id
"""  # noqa: S608 - constants
# That a file was there is known for a while, so that who asks for it learns that it is gone.
FORGET_FILES = """
delete from files where id in (
    select f.id from files f where f.removed_at < $1 limit $2 for update skip locked)
returning id
"""
FORGET_ACCESSES = """
delete from file_accesses where id in (select id from file_accesses where at < $1 limit $2) returning id
"""
BACKLOG = """
select count(*)::int as due, coalesce(extract(epoch from $1 - min(due_at)), 0)::float8 as oldest
from file_contents where due_at <= $1
"""
