"""The statements of the memory of refused secrets. Each transaction locks `accepted_secrets` first."""

from __future__ import annotations

KEY = "select key from secret_digest_key"
_SIGNERS = "(select array_agg(distinct one) from unnest(known.signers || excluded.signers) as one)"
RESERVE = f"""
insert into refused_secrets as known (digest, signers, trying_since)
values ($1, array[$2::text], clock_timestamp())
on conflict (digest) do update set trying_since = excluded.trying_since, signers = {_SIGNERS}
where $3 and known.trying_since < clock_timestamp() - make_interval(secs => $4)
returning trying_since
"""  # noqa: S608 - put together from constants
STANDING = """
update refused_secrets set signers = case when $2 = any(signers) then signers else signers || $2::text end
where digest = $1
returning refused_at is not null as refused,
          coalesce(trying_since < clock_timestamp() - make_interval(secs => $3), false) as doubtful
"""
NOTE = f"""
insert into refused_secrets as known (digest, signers, refused_at)
values ($1, array[$2::text], clock_timestamp())
on conflict (digest) do update
set refused_at = coalesce(known.refused_at, excluded.refused_at), trying_since = null, signers = {_SIGNERS}
"""  # noqa: S608 - as above
# A worker knows its reservation by the last time that it was told. A renewal whose answer was lost has moved that by
# less than the lease; the reservation of another worker that took it over began a lease later at the earliest.
_OF_MINE = "trying_since >= $2 and trying_since < $2 + make_interval(secs => $3)"
_MINE = f"digest = $1 and refused_at is null and {_OF_MINE}"
RENEW = f"""
update refused_secrets set trying_since = greatest(trying_since, clock_timestamp()) where {_MINE}
returning trying_since
"""  # noqa: S608 - as above
RELEASE = f"delete from refused_secrets where {_MINE}"  # noqa: S608 - as above
DOUBT = f"update refused_secrets set trying_since = '-infinity' where {_MINE}"  # noqa: S608 - as above
# What another worker tries at this moment stays its own; every other doubt about a right secret has ended.
RIGHT = f"""
delete from refused_secrets where digest = $1 and refused_at is null
and (trying_since < clock_timestamp() - make_interval(secs => $3) or ({_OF_MINE}))
"""  # noqa: S608 - as above

PROVE = """
insert into accepted_secrets as known (place, digest) values ($1, $2)
on conflict (place) do update set digest = excluded.digest, unanswered = false
where known.unanswered or known.digest <> excluded.digest
"""
DISPROVE = "delete from accepted_secrets where place = $1 and digest = $2"
UNANSWERED = "select unanswered from accepted_secrets where place = $1 and digest = $2"
COUNT = """
update accepted_secrets set unanswered = true where place = $1 and digest = $2 and not unanswered returning true
"""
# The same for a try whose worker did not live to count it.
COUNT_BROKEN_OFF = """
update accepted_secrets set unanswered = true where place = $1 and digest = $2 and not unanswered
and exists (select from refused_secrets as known
            where known.digest = $3 and known.trying_since < clock_timestamp() - make_interval(secs => $4))
returning true
"""

REFUSING = (
    "insert into refusing_places (place) select $1::bytea where $1::bytea is not null on conflict do nothing"
)
TRUSTED = "delete from refusing_places where place = $1"
REFUSED_AT = "select exists (select from refusing_places where place = $1)"
