-- Stops of one source's or one signer's submissions, beside those of a whole system. A table of its own: workers of the
-- version before read every row of `intake_stops` as a stop of the whole system.

create table sender_stops (
    system     text        not null,
    scope      text        not null check (scope in ('source', 'signer')),
    name       text        not null,
    stopped_at timestamptz not null default clock_timestamp(),
    why        text        not null,
    reasons    json        not null,
    probe_at   timestamptz not null,
    primary key (system, scope, name)
);
comment on table sender_stops is
    'Sources and signers whose submissions a flood of dead letters stopped; a row that goes lets them go on.';
comment on column sender_stops.name is 'Empty for the source: records whose source cannot be read.';
comment on column sender_stops.reasons is 'How many dead letters of which reason code led to the stop.';

alter table intake_stops add column reasons json not null default '{}';
