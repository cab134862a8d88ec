-- Files that are too large for Kafka (claim check). The version before knows nothing of these tables, and works beside them.

create table file_contents (
    id       uuid        primary key,
    backend  text        not null check (backend in ('postgres', 's3')),
    location text        not null,
    data_key bytea,
    begun_at timestamptz not null default clock_timestamp(),
    due_at   timestamptz
);
comment on table file_contents is
    'One writing of a file''s bytes. A row goes when its bytes are gone: until then it remembers what has to be deleted.';
comment on column file_contents.location is 'Its id for the backend postgres, else the name of the object in the bucket.';
comment on column file_contents.data_key is
    'AES-256 key of this content alone, encrypted with the journal''s key where it has one. Without it the bytes are lost.';
comment on column file_contents.due_at is
    'From when on its bytes are to be deleted; null while a file has it. What is being written is due in a day.';
create index file_contents_due on file_contents (due_at) where due_at is not null;

create table file_chunks (
    content uuid    not null references file_contents on delete cascade,
    number  integer not null,
    body    bytea   not null,
    primary key (content, number)
);
comment on table file_chunks is 'The bytes of contents with the backend postgres: pieces of 256 KiB, encrypted, counted from 0.';
-- Encrypted bytes do not compress.
alter table file_chunks alter column body set storage external;

create table files (
    id            uuid        primary key,
    system        text        not null,
    source        text,
    submission_id text,
    uploaded      boolean     not null default false,
    media_type    text        not null,
    name          bytea,
    sha256        bytea       not null,
    size          bigint      not null,
    content       uuid        references file_contents,
    stored_at     timestamptz not null default clock_timestamp(),
    expires_at    timestamptz not null,
    collect_at    timestamptz not null,
    removed_at    timestamptz,
    check ((content is null) = (removed_at is not null)),
    check (submission_id is null or source is not null)
);
comment on table files is 'What replies, notifications and events refer to. A row stays for a while when its content is gone.';
comment on column files.source is 'Who may fetch it: the event source of the submission, or of the upload.';
comment on column files.name is 'Encrypted where the journal has a key: a name may name a patient.';
comment on column files.collect_at is
    'When its content goes: at expires_at, but a day after it was stored while no reply or notification refers to it.';
create index files_by_submission on files (source, submission_id) where submission_id is not null;
create index files_to_collect on files (collect_at) where removed_at is null;
create index files_removed on files (removed_at) where removed_at is not null;
create unique index files_by_content on files (content) where content is not null;
create index files_by_time on files (stored_at);

create table file_accesses (
    id       bigint      generated always as identity primary key,
    at       timestamptz not null default clock_timestamp(),
    file_id  uuid        not null,
    act      text        not null check (act in ('fetch', 'upload')),
    who      text        not null,
    source   text,
    bytes    bigint      not null default 0,
    complete boolean     not null default false
);
comment on table file_accesses is 'Who fetched and uploaded files over HTTP. A row is written before the first byte leaves.';
comment on column file_accesses.who is 'The name that the settings give the client certificate, or `signed address`.';
create index file_accesses_by_file on file_accesses (file_id);
create index file_accesses_by_time on file_accesses (at);

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
        execute format('grant %s on files, file_contents, file_chunks, file_accesses to %s',
                       granted.privilege, granted.grantee);
    end loop;
end $$;
