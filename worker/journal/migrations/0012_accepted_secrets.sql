-- Secrets that a provider took: one of them may be tried again where an answer was lost, and another one may not.

create table accepted_secrets (
    place      bytea   primary key,
    digest     bytea   not null,
    unanswered boolean not null default false
);
comment on table accepted_secrets is
    'The PIN or password that a provider took last. Tokens have no rows here.';
comment on column accepted_secrets.place is 'HMAC-SHA-256 of the credential or client that the secret belongs to.';
comment on column accepted_secrets.digest is
    'HMAC-SHA-256 of the secret, by a key that is not in the database alone: nobody can guess a short PIN with it.';
comment on column accepted_secrets.unanswered is
    'Whether the last try of it had no answer. A second such try in succession leaves the secret in doubt.';
