-- What people did is the audit log. The commands of the version before still write and read `acts` while they are updated:
-- the view passes both on. A later migration drops it.

alter table acts rename to audit_log;
alter index acts_pkey rename to audit_log_pkey;
alter index acts_by_dead_letter rename to audit_log_by_dead_letter;
alter sequence acts_id_seq rename to audit_log_id_seq;
comment on table audit_log is
    'What people did to dead letters, and to stops of intake. Only ever added to; outlives what it speaks of.';

drop trigger acts_are_for_ever on audit_log;
drop function acts_are_for_ever();
create function audit_log_is_for_ever() returns trigger language plpgsql as $$
begin
    raise exception 'the audit log is only ever added to';
end $$;
create trigger audit_log_is_for_ever before update or delete on audit_log
    for each statement execute function audit_log_is_for_ever();

create view acts as
select id, at, who, act, reason, dead_letter_id, system, source, submission_id, details from audit_log;
comment on view acts is 'The audit log by the name that the version before knows.';

-- Who may use the table may use the view: a rename keeps what was granted, a new view starts with nothing.
do $$
declare
    granted record;
begin
    for granted in
        select acl.privilege_type as privilege,
               case when acl.grantee = 0 then 'public' else acl.grantee::regrole::text end as grantee
        from pg_class c, aclexplode(c.relacl) acl
        where c.oid = 'audit_log'::regclass and acl.privilege_type in ('SELECT', 'INSERT')
    loop
        execute format('grant %s on acts to %s', granted.privilege, granted.grantee);
    end loop;
end $$;
