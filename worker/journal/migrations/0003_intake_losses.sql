-- How far intake has come, beside the offsets that Kafka keeps: Kafka forgets those with a topic, or when they expire. And
-- the records that Kafka deleted before they were read.

create table intake_positions (
    consumer_group text        not null,
    topic          text        not null,
    partition      integer     not null,
    next_offset    bigint      not null,
    noted_at       timestamptz not null default clock_timestamp(),
    primary key (consumer_group, topic, partition)
);
comment on table intake_positions is
    'Up to where each partition was committed, some seconds late. Kafka''s committed offset decides; this tells a loss.';

create table intake_losses (
    id              bigint      generated always as identity primary key,
    system          text        not null,
    topic           text        not null,
    partition       integer     not null,
    from_offset     bigint      not null,
    to_offset       bigint,
    why             text        not null,
    noticed_at      timestamptz not null default clock_timestamp(),
    acknowledged_at timestamptz
);
comment on table intake_losses is 'Records that nobody will read any more; an open one is a warning of the readiness probe.';
comment on column intake_losses.to_offset is 'The first offset that is still there; null where nobody knows how much is lost.';
create unique index intake_losses_open on intake_losses (topic, partition, from_offset, to_offset)
    where acknowledged_at is null;
create index intake_losses_of_system on intake_losses (system, noticed_at) where acknowledged_at is null;
