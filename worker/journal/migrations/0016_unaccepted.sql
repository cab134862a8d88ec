-- What is in progress, and what ended otherwise than accepted, lies in a small table of its own. Before, partial indexes
-- of `submissions` found it, and each step of each submission changed one of them: no update stayed within its page, and
-- each wrote into all indexes. Now no step of a submission that is accepted changes a column that an index knows.

create table unaccepted (
    source      text        not null,
    id          text        not null,
    kind        text        not null check (kind in ('unfinished', 'rejected', 'failed', 'held')),
    received_at timestamptz not null,
    primary key (source, id)
);
comment on table unaccepted is
    'All submissions but the accepted ones: in progress, or ended otherwise. Of what the version before accepted, a row '
    'may be left: the row of `submissions` decides.';
create index unaccepted_by_kind on unaccepted (kind, received_at desc);

insert into unaccepted (source, id, kind, received_at)
select source, id, case when finished_at is null then 'unfinished' else state end, received_at
from submissions where state <> 'accepted';

-- Whoever writes, the version before too: a row comes with its submission, changes with an end or a new revision, and
-- goes with its submission. Only what ends as accepted is removed by the worker itself, which costs less than a trigger.
create function note_inserted() returns trigger language plpgsql as $$
begin
    insert into unaccepted (source, id, kind, received_at)
    select source, id, case when finished_at is null then 'unfinished' else state end, received_at
    from added where state <> 'accepted' on conflict do nothing;
    return null;
end $$;
create function note_ended_or_reopened() returns trigger language plpgsql as $$
begin
    if new.state = 'accepted' then
        delete from unaccepted where source = new.source and id = new.id;
    else
        insert into unaccepted (source, id, kind, received_at)
        values (new.source, new.id, case when new.finished_at is null then 'unfinished' else new.state end,
                new.received_at)
        on conflict (source, id) do update set kind = excluded.kind;
    end if;
    return null;
end $$;
create function note_deleted() returns trigger language plpgsql as $$
begin
    delete from unaccepted u using gone g where u.source = g.source and u.id = g.id;
    return null;
end $$;
create trigger submissions_inserted after insert on submissions
    referencing new table as added for each statement execute function note_inserted();
create trigger submissions_ended_or_reopened after update on submissions
    for each row when (old.state <> new.state and (old.finished_at is not null
                       or (new.finished_at is not null and new.state <> 'accepted')))
    execute function note_ended_or_reopened();
create trigger submissions_deleted after delete on submissions
    referencing old table as gone for each statement execute function note_deleted();

drop index submissions_unusual, submissions_in_hand, submissions_with_evidence, submissions_with_reply;
-- Retention reads it from its beginning: what was summarized is not in it. Neither column changes before that.
create index submissions_with_whole_reply on submissions (received_at) where not summarized;

-- A row grows to more than twice its size, and is written four times: its page keeps that room. The reply is written
-- once, beside the row, and the later updates copy no more than where it is.
alter table submissions set (fillfactor = 30, toast_tuple_target = 700);
alter table attempts set (fillfactor = 40);

-- Who may use `submissions` may use what belongs to them: a new table starts with nothing.
do $$
declare
    granted record;
begin
    for granted in
        select acl.privilege_type as privilege,
               case when acl.grantee = 0 then 'public' else acl.grantee::regrole::text end as grantee
        from pg_class c, aclexplode(c.relacl) acl
        where c.oid = 'submissions'::regclass and acl.privilege_type in ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
          and acl.grantee <> c.relowner
    loop
        execute format('grant %s on unaccepted to %s', granted.privilege, granted.grantee);
    end loop;
end $$;
