-- Submissions whose answer the national system will have later. The version before serves no system that answers later; it
-- refuses a claim of such a submission instead of sending it again.

-- Not validated: every row that is there fulfils the stricter checks of before, and validation would read all rows while it
-- keeps the workers waiting.
alter table submissions
    drop constraint submissions_state_check,
    drop constraint submissions_check,
    add constraint submissions_state_check
        check (state in ('claimed', 'sending', 'waiting', 'accepted', 'rejected', 'failed', 'held')) not valid,
    add constraint submissions_check
        check ((state in ('claimed', 'sending', 'waiting')) = (finished_at is null)) not valid;

create table waiting (
    source           text        not null,
    id               text        not null,
    system           text        not null,
    operation        text        not null,
    revision         integer     not null,
    phase            text        not null default 'ask' check (phase in ('ask', 'acknowledge')),
    call             bytea       not null,
    reference        text,
    ready_digest     bytea,
    due              timestamptz not null,
    hastened         boolean     not null default false,
    asks             integer     not null default 0,
    taken_at         timestamptz not null,
    give_up_at       timestamptz not null,

    record_topic     text        not null,
    record_partition integer     not null,
    record_offset    bigint      not null,
    record_timestamp bigint      not null,
    record_topic_id  text,
    record_key       bytea,
    record_headers   bytea       not null,
    record_value     bytea,

    primary key (source, id),
    foreign key (source, id) references submissions on delete cascade
);
comment on table waiting is
    'What asking for an answer needs, and the record as it came: Kafka does not deliver it again. A row goes when nothing is left to do.';
comment on column waiting.phase is
    'ask: until the submission has its answer and Kafka has its reply. acknowledge: until the system knows that its answer arrived.';
comment on column waiting.call is 'JSON: how the system calls the submission, and what a call of its own must carry.';
comment on column waiting.ready_digest is
    'To find the row by what a call of the system carries; keyed where the journal is encrypted.';
comment on column waiting.hastened is 'A call of the system said that the answer is ready, since the row was last taken.';
comment on column waiting.asks is 'How often it was asked for, or acknowledged, in this phase.';
create index waiting_due on waiting (system, due);
create index waiting_by_digest on waiting (ready_digest) where ready_digest is not null;

-- Who may use `attempts` may use this table: a new table starts with nothing.
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
        execute format('grant %s on waiting to %s', granted.privilege, granted.grantee);
    end loop;
end $$;
