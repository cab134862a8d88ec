-- The bytes of requests and answers, a partition a day (UTC), so that removing them is dropping a table. The version before
-- keeps them in `attempts`: what it wrote, and writes while it still runs, stays there and is pruned there.

create table evidence (
    at         timestamptz not null,
    source     text        not null,
    id         text        not null,
    message_id text        not null,
    kind       text        not null check (kind in ('request', 'answer')),
    url        text,
    headers    json,
    body       bytea,
    primary key (at, source, id, message_id, kind)
) partition by range (at);
comment on table evidence is
    'The exact bytes of each attempt, signed as they left, and of its answer as it came. Only ever added to, and dropped by the day. '
    'Without a foreign key: one would lock submissions whenever a day is dropped.';
comment on column evidence.at is 'attempts.sent_at, for the answer too: who knows the attempt knows the partition.';
comment on column evidence.url is 'Of a request. attempts.url has only its scheme and host.';

create table evidence_default partition of evidence default;
comment on table evidence_default is 'Days that nobody made a partition for. Its rows are removed one by one.';

create table evidence_kept (
    like evidence including comments including constraints,
    primary key (source, id, message_id, kind)
);
comment on table evidence_kept is
    'Rows of dropped days that are still needed: of submissions that are held, unanswered, or wait for a person.';

create table evidence_drops (
    day        date        primary key,
    dropped_at timestamptz not null default clock_timestamp()
);
comment on table evidence_drops is 'Which days were dropped, and when: nothing is written to their submissions.';

-- Finds what the version before left to prune. No row of this version is in it.
create index attempts_with_bytes on attempts (sent_at) where request is not null or answer is not null;

comment on table attempts is
    'The facts of each attempt. Its bytes are in evidence; the columns for them are those of the version before.';

-- Only the owner of a table may attach and drop partitions, and workers are not the owner: these do it for them.
create function make_evidence_day(which date) returns boolean language plpgsql security definer as $$
declare
    name   constant text        := 'evidence_' || to_char(which, 'YYYYMMDD');
    begins constant timestamptz := which::timestamp at time zone 'UTC';
    ends   constant timestamptz := (which + 1)::timestamp at time zone 'UTC';
begin
    lock table only evidence in share update exclusive mode;
    if to_regclass(name) is not null
       or exists (select from evidence_default where at >= begins and at < ends) then
        return false;
    end if;
    -- Attaching, unlike creating a partition at once, lets workers write to the other days meanwhile.
    execute format('create table %I (like evidence including all)', name);
    execute format('alter table evidence attach partition %I for values from (%L) to (%L)', name,
                   to_char(which, 'YYYY-MM-DD 00:00:00+00'), to_char(which + 1, 'YYYY-MM-DD 00:00:00+00'));
    return true;
end $$;
comment on function make_evidence_day is 'Returns false where the day has its partition, or rows in evidence_default.';

create function lock_evidence_day(which date) returns void language plpgsql security definer as $$
begin
    execute format('lock table only %I in share row exclusive mode', 'evidence_' || to_char(which, 'YYYYMMDD'));
end $$;
comment on function lock_evidence_day is 'Lets nobody write to the day, and everybody read it, until the transaction ends.';

create function drop_evidence_day(which date) returns void language plpgsql security definer as $$
begin
    if (which + 1)::timestamp at time zone 'UTC' > clock_timestamp() then
        raise exception 'the day % is not over', which;
    end if;
    execute format('drop table %I', 'evidence_' || to_char(which, 'YYYYMMDD'));
    insert into evidence_drops (day) values (which) on conflict do nothing;
end $$;
comment on function drop_evidence_day is 'What is still needed of the day must be in evidence_kept, in the same transaction.';

-- What runs as the owner finds these tables by a path that nobody else can write to, wherever the tables are.
do $$
declare
    named text;
begin
    foreach named in array array['make_evidence_day', 'lock_evidence_day', 'drop_evidence_day'] loop
        execute format('alter function %I(date) set search_path = %I, pg_temp', named, current_schema());
        execute format('revoke all on function %I(date) from public', named);
    end loop;
end $$;

-- Who may use `attempts` may use what its columns moved to: a new table starts with nothing.
do $$
declare
    granted record;
begin
    for granted in
        select acl.privilege_type as privilege,
               case when acl.grantee = 0 then 'public' else acl.grantee::regrole::text end as grantee
        from pg_class c, aclexplode(c.relacl) acl
        where c.oid = 'attempts'::regclass and acl.privilege_type in ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
    loop
        execute format('grant %s on evidence, evidence_kept, evidence_default to %s', granted.privilege, granted.grantee);
        if granted.privilege = 'SELECT' then
            execute format('grant select on evidence_drops to %s', granted.grantee);
        elsif granted.privilege = 'DELETE' then
            execute format(
                'grant execute on function make_evidence_day(date), lock_evidence_day(date), drop_evidence_day(date) to %s',
                granted.grantee);
        end if;
    end loop;
end $$;

-- Until a worker of this version makes more.
select make_evidence_day((clock_timestamp() at time zone 'UTC')::date + days) from generate_series(0, 7) as days;
