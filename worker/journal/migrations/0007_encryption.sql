-- Encryption at rest. What is encrypted lies in the same columns as before; each value names its key.

create table encryption_keys (
    key_id        text        primary key,
    proof         bytea       not null,
    first_used_at timestamptz not null default clock_timestamp()
);
comment on table encryption_keys is 'The names of the keys that records are encrypted with, and a known text encrypted with each.';

alter table dead_letters add column key_digest bytea;
comment on column dead_letters.key_digest is
    'To find a dead letter by its key where that is encrypted: HMAC-SHA-256 of the key''s SHA-256.';

-- The version before would publish an encrypted reply as it is stored. Once there is a key, it gets no lease.
alter table workers add column reads_encrypted boolean not null default false;
create function refuse_who_cannot_read() returns trigger language plpgsql as $$
begin
    if exists (select from encryption_keys) then
        raise exception 'this journal is encrypted: a worker of this version cannot read it';
    end if;
    return new;
end $$;
create trigger workers_read_encrypted before insert on workers
    for each row when (not new.reads_encrypted) execute function refuse_who_cannot_read();
