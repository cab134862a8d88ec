-- The journal: what was asked, where it stands, what was sent and answered, what died, and the cached code lists.
--
-- Bytes that are evidence (requests, answers, replies, dead letters) are bytea and never text. Headers are `json`, not
-- `jsonb`: jsonb refuses \u0000, and a header may hold any byte (written one byte to one character, latin-1).

create table workers (
    owner       text        primary key,
    started_at  timestamptz not null default clock_timestamp(),
    lease_until timestamptz not null
);
comment on table workers is 'Worker processes and until when each may act; all times are of this server''s clock.';

create table submissions (
    source           text        not null,
    id               text        not null,
    type             text        not null,
    system           text        not null,
    operation        text        not null,
    signer           text        not null,
    identity         text        not null,
    content_hash     bytea       not null,
    key_digest       bytea       not null,
    record_topic     text        not null,
    record_partition integer     not null,
    record_offset    bigint      not null,
    received_at      timestamptz not null,

    state            text        not null default 'claimed'
                     check (state in ('claimed', 'sending', 'accepted', 'rejected', 'failed', 'held')),
    in_doubt         boolean     not null default false,
    revision         integer     not null default 1 check (revision >= 1),
    attempts         integer     not null default 0,
    first_attempt    timestamptz,
    last_attempt     timestamptz,
    tries            integer     not null default 0,
    spent            float8      not null default 0,
    next_attempt     timestamptz,

    owner            text,
    epoch            bigint      not null default 1 check (epoch >= 1),

    reply_topic      text,
    reply_key        bytea,
    reply_headers    json,
    reply_value      bytea,
    dead_letter_id   text,
    answered         boolean     not null default false,
    finished_at      timestamptz,
    evidence_removed_at timestamptz,
    summarized       boolean     not null default false,

    primary key (source, id),
    check ((state in ('claimed', 'sending')) = (finished_at is null)),
    check ((finished_at is null) = (reply_topic is null))
)
-- A submission's row is rewritten three or four times in its first seconds: leave room for it on its page.
with (fillfactor = 70);
comment on column submissions.in_doubt is 'An attempt may have been processed although nobody saw its answer.';
comment on column submissions.spent is 'Seconds that trying and waiting took in this revision; feeds the retry policy, as tries does.';
comment on column submissions.epoch is 'Raised by every takeover; a write counts only with the present owner and epoch.';
comment on column submissions.answered is 'Kafka acknowledged the reply (and the dead letter) of this revision.';

create index submissions_by_time on submissions (received_at desc);
create index submissions_by_system on submissions (system, received_at desc);
create index submissions_unusual on submissions (state, received_at desc) where state <> 'accepted';
create index submissions_by_id on submissions (id);
create index submissions_by_identity on submissions (identity);
create index submissions_with_evidence on submissions (finished_at) where answered and evidence_removed_at is null;
create index submissions_with_reply on submissions (finished_at) where answered and not summarized;
comment on column submissions.summarized is 'Retention replaced the reply by its summary.';
create index submissions_in_hand on submissions (owner) where state in ('claimed', 'sending');

create table attempts (
    source           text        not null,
    id               text        not null,
    message_id       text        not null,
    number           integer     not null,
    purpose          text        not null,
    url              text        not null,
    request_headers  json,
    request          bytea,
    sent_at          timestamptz not null,

    received_at      timestamptz,
    outcome          text,
    reason           text,
    detail           text,
    status           integer,
    answer_headers   json,
    answer           bytea,

    primary key (source, id, message_id),
    foreign key (source, id) references submissions
);
comment on table attempts is 'Evidence: the exact bytes of each attempt, signed as they left, and the answer as it came. Retention removes them.';

create table dead_letters (
    id               text        primary key,
    reason           text        not null,
    detail           text        not null,
    system           text        not null,
    operation        text,
    signer           text,
    source           text,
    submission_id    text,
    event_topic      text        not null,
    event_key        bytea,
    event_headers    json        not null,
    event_value      bytea,
    origin_topic     text        not null,
    origin_partition integer     not null,
    origin_offset    bigint      not null,
    created_at       timestamptz not null,
    state            text        not null default 'open'
                     check (state in ('open', 'replaying', 'replayed', 'discarded', 'settled')),
    replay_count     integer     not null default 0,
    removed_at       timestamptz
);
comment on column dead_letters.removed_at is 'When retention removed the value.';
comment on column dead_letters.state is
    'replaying: ordered, perhaps not yet published. A replay opens its submission only while this says so.';
create index dead_letters_by_time on dead_letters (created_at desc);
create index dead_letters_by_reason on dead_letters (reason, created_at desc);
create index dead_letters_by_submission on dead_letters (source, submission_id);
create index dead_letters_unfinished on dead_letters (state) where state in ('open', 'replaying');

create table acts (
    id             bigint      generated always as identity primary key,
    at             timestamptz not null default clock_timestamp(),
    who            text        not null,
    act            text        not null,
    reason         text,
    dead_letter_id text,
    system         text        not null,
    source         text,
    submission_id  text,
    details        json        not null
);
create index acts_by_dead_letter on acts (dead_letter_id, id);
comment on table acts is 'What people did to dead letters, and to stops of intake. Only ever added to; outlives what it speaks of.';

create function acts_are_for_ever() returns trigger language plpgsql as $$
begin
    raise exception 'acts are only ever added to';
end $$;
create trigger acts_are_for_ever before update or delete on acts
    for each statement execute function acts_are_for_ever();

create table code_lists (
    system     text        not null,
    id         text        not null,
    name       text        not null,
    fetched_at timestamptz not null,
    version    bigint      generated always as identity,
    primary key (system, id)
);
comment on column code_lists.version is 'Never used twice: a worker that knows this number knows this content.';

create table code_entries (
    system  text not null,
    list_id text not null,
    code    text not null,
    meta    json not null,
    primary key (system, list_id, code),
    foreign key (system, list_id) references code_lists on delete cascade
);

create table intake_stops (
    system     text        primary key,
    stopped_at timestamptz not null default clock_timestamp(),
    why        text        not null,
    probe_at   timestamptz not null
);
comment on table intake_stops is 'Systems whose intake a flood of dead letters stopped; a row that goes resumes it.';
