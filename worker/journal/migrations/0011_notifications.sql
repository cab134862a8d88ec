-- What national systems state by calling Herald, and what they call the submissions that it belongs to. The version before
-- knows nothing of these tables, and works beside them.

create table notifications (
    system         text        not null,
    id             text        not null,
    type           text        not null,
    content_hash   bytea       not null,
    source         text,
    submission_id  text,
    event_topic    text        not null,
    event_key      bytea,
    event_headers  json        not null,
    event_value    bytea,
    key_digest     bytea       not null,
    received_at    timestamptz not null default clock_timestamp(),
    claimed_by     text,
    claimed_until  timestamptz,
    published_at   timestamptz,
    removed_at     timestamptz,
    primary key (system, id),
    check ((source is null) = (submission_id is null))
);
comment on table notifications is
    'What a system stated in a call: written before it is published, and before the call is answered.';
comment on column notifications.id is 'Derived from the system''s own id of what is stated: a call that comes again finds its row.';
comment on column notifications.content_hash is 'SHA-256 of what is stated: the same id with other content is noticed, and changes nothing.';
comment on column notifications.claimed_by is 'The receiver that publishes it at present; another one may from claimed_until on.';
comment on column notifications.published_at is 'When Kafka had acknowledged it.';
comment on column notifications.removed_at is 'When retention or an erasure removed the value.';
create index notifications_unpublished on notifications (received_at) where published_at is null;
create index notifications_by_submission on notifications (source, submission_id) where source is not null;
create index notifications_by_key on notifications (key_digest);
create index notifications_with_value on notifications (published_at) where published_at is not null and removed_at is null;
create index notifications_by_time on notifications (received_at);

create table submission_references (
    system    text not null,
    reference text not null,
    source    text not null,
    id        text not null,
    primary key (system, reference),
    foreign key (source, id) references submissions on delete cascade
);
comment on table submission_references is
    'What a system calls an accepted submission, where it may call Herald about it. The first submission of a name keeps it.';
create index submission_references_by_submission on submission_references (source, id);

-- Who may use submissions may use what belongs to them: a new table starts with nothing.
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
        execute format('grant %s on notifications, submission_references to %s', granted.privilege, granted.grantee);
    end loop;
end $$;
