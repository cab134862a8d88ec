-- Where workers look for what arrived at the national systems. The version before knows nothing of this table, and works
-- beside it.

create table watches (
    system         text        not null,
    name           text        not null,
    cursor         bytea,
    due            timestamptz not null default clock_timestamp(),
    hastened       boolean     not null default false,
    epoch          bigint      not null default 0,
    claimed_by     text,
    claimed_until  timestamptz,
    taken_at       timestamptz,
    failures       integer     not null default 0,
    reason         text,
    since          timestamptz not null default clock_timestamp(),
    last_seen      timestamptz,
    primary key (system, name)
);
comment on table watches is
    'The places at which workers look for news, one look at a time. A row stays when the settings name its place no longer.';
comment on column watches.cursor is 'Where the next look goes on: written together with the notifications that the look found.';
comment on column watches.hastened is 'A call of the system said that something arrived, since the place was last taken.';
comment on column watches.epoch is 'Raised each time that a worker takes the place: an earlier look can write nothing any more.';
comment on column watches.claimed_by is 'The worker that looks at present; another one may from claimed_until on.';
comment on column watches.failures is 'Looks that failed since the last good one.';
comment on column watches.last_seen is 'When a look last succeeded.';

-- Who may use notifications may use what leads to them: a new table starts with nothing.
do $$
declare
    granted record;
begin
    for granted in
        select acl.privilege_type as privilege,
               case when acl.grantee = 0 then 'public' else acl.grantee::regrole::text end as grantee
        from pg_class c, aclexplode(c.relacl) acl
        where c.oid = 'notifications'::regclass and acl.privilege_type in ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
          and acl.grantee <> c.relowner
    loop
        execute format('grant %s on watches to %s', granted.privilege, granted.grantee);
    end loop;
end $$;
