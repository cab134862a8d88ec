-- Of which topic the noted positions are: a topic that was deleted and created again has another id. The version before
-- writes offsets without an id, and leaves these columns as they are. Therefore an id holds only where it was noted at the
-- very time at which the offset was.

alter table intake_positions
    add column topic_id    text,
    add column topic_id_at timestamptz;
comment on column intake_positions.topic_id is
    'The id that Kafka gave the topic of which next_offset is; it holds only where topic_id_at = noted_at. Null where Kafka tells none.';
comment on column intake_positions.topic_id_at is 'The value of noted_at with which topic_id was noted.';
