-- Which records of Kafka have their answer: one that is read again from the very place where it was taken is only counted
-- as done. The version before writes none of these columns; what it took is answered again, as it always did.

alter table submissions
    add column record_timestamp bigint,
    add column record_topic_id  text;
comment on column submissions.record_timestamp is
    'Milliseconds since 1970, as Kafka counts. With the topic id it tells a record from one at the same offset of a topic '
    'that was recreated; null where the version before took the record.';
comment on column submissions.record_topic_id is 'The id that Kafka gave the topic; null where it tells none.';

create table answered_records (
    topic            text        not null,
    partition        integer     not null,
    record_offset    bigint      not null,
    record_timestamp bigint      not null,
    topic_id         text        not null,
    source           text        not null,
    id               text        not null,
    answered_at      timestamptz not null default clock_timestamp(),
    primary key (topic, partition, record_offset, record_timestamp, topic_id)
);
comment on table answered_records is
    'Records other than the first of their submission (duplicates, replays) whose answer Kafka acknowledged.';
comment on column answered_records.topic_id is 'Empty where Kafka tells none.';
create index answered_records_by_time on answered_records (answered_at);

alter table dead_letters
    add column origin_topic_id text,
    add column published       boolean not null default false;
comment on column dead_letters.published is
    'Kafka acknowledged its event. Only kept of dead letters that end no submission; for the others see submissions.answered.';
