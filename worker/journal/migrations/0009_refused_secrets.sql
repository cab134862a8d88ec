-- PINs and passwords that a token or provider refused, so that none of all workers tries one of them again.

create table secret_digest_key (
    only_one boolean primary key default true check (only_one),
    key      bytea   not null
);
comment on table secret_digest_key is 'The key of the digests in refused_secrets: made once, at random.';
-- gen_random_uuid() uses the server's strong random numbers; two of them hold 244 random bits.
insert into secret_digest_key (key)
values (sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())));

create table refused_secrets (
    digest       bytea       primary key,
    signers      text[]      not null,
    trying_since timestamptz,
    refused_at   timestamptz,
    check ((trying_since is null) <> (refused_at is null))
);
comment on table refused_secrets is
    'Secrets that were refused, or that a worker tries at this moment. One that is right leaves no row.';
comment on column refused_secrets.digest is 'HMAC-SHA-256 of the secret and of where it was refused (a token''s serial number).';
comment on column refused_secrets.signers is 'The signers that wanted to use it.';
create table refusing_places (
    place bytea       primary key,
    since timestamptz not null default clock_timestamp()
);
comment on table refusing_places is
    'Tokens that counted a wrong PIN of ours, by a keyed digest of their serial numbers; a right PIN removes the row.';
comment on column refused_secrets.trying_since is
    'When a worker began to try it; -infinity once that try broke off and nobody knows how it ended.';
