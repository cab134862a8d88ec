-- Of which topic the noted positions are: a topic that was deleted and created again has another id. The version before
-- writes offsets without an id, and leaves these columns as they are. Therefore an id holds only where it was noted at the
-- very time at which the offset was.

alter table intake_positions
    add column topic_id    text,
    add column topic_id_at timestamptz;
comment on column intake_positions.topic_id is
    'The id that Kafka gave the topic of which next_offset is; it holds only where topic_id_at = noted_at. Null where Kafka tells none.';
comment on column intake_positions.topic_id_at is 'The value of noted_at with which topic_id was noted.';

-- What a contract reads alike (a date, and the midnight that stands for it) is no conflict. The version before compares
-- content_hash alone and leaves this null, so both versions may take the same submission.
alter table submissions add column meaning_hash bytea;
comment on column submissions.meaning_hash is
    'SHA-256 of what the contract read from the content; null for a record that it refused, or that the version before took.';
