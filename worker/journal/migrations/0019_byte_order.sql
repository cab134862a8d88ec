-- Names in indexes are compared by their bytes, whatever the locale of the database. By a locale, the order of an index
-- is the C library's: an update of that library can change it, and an index in the old order then no longer finds what
-- it has, so that a submission would be taken for a new one and sent twice. Comparing by a locale is dearer, too (14 %
-- of the server's CPU with two million submissions under en_US.UTF-8). Rows stay as they are; the indexes are built again.

-- In the order in which workers lock them, so that neither waits for the other.
lock table submissions, attempts, waiting, evidence, answered_records, dead_letters, workers in access exclusive mode;

alter table answered_records alter topic type text collate "C", alter topic_id type text collate "C";
alter table attempts
    alter source type text collate "C",
    alter id type text collate "C",
    alter message_id type text collate "C";
alter table code_entries
    alter system type text collate "C",
    alter list_id type text collate "C",
    alter code type text collate "C";
alter table code_lists alter system type text collate "C", alter id type text collate "C";
alter table dead_letters
    alter id type text collate "C",
    alter source type text collate "C",
    alter submission_id type text collate "C",
    alter reason type text collate "C",
    alter state type text collate "C";
alter table encryption_keys alter key_id type text collate "C";
alter table evidence
    alter source type text collate "C",
    alter id type text collate "C",
    alter message_id type text collate "C",
    alter kind type text collate "C";
alter table evidence_kept
    alter source type text collate "C",
    alter id type text collate "C",
    alter message_id type text collate "C",
    alter kind type text collate "C";
alter table files alter source type text collate "C", alter submission_id type text collate "C";
alter table intake_losses alter system type text collate "C", alter topic type text collate "C";
alter table intake_positions alter consumer_group type text collate "C", alter topic type text collate "C";
alter table intake_stops alter system type text collate "C";
alter table notifications
    alter system type text collate "C",
    alter id type text collate "C",
    alter source type text collate "C",
    alter submission_id type text collate "C";
alter table sender_stops
    alter system type text collate "C",
    alter scope type text collate "C",
    alter name type text collate "C";
alter table submission_references
    alter system type text collate "C",
    alter reference type text collate "C",
    alter source type text collate "C",
    alter id type text collate "C";
alter table submissions
    alter source type text collate "C",
    alter id type text collate "C",
    alter identity type text collate "C",
    alter system type text collate "C";
alter table unaccepted
    alter source type text collate "C",
    alter id type text collate "C",
    alter kind type text collate "C";
alter table waiting
    alter source type text collate "C",
    alter id type text collate "C",
    alter system type text collate "C";
alter table watches alter system type text collate "C", alter name type text collate "C";
alter table workers alter owner type text collate "C";

-- A column that a view shows cannot be changed: the view is made again, with what was granted.
do $$
declare
    grants text[] := array(
        select format('grant %s on acts to %s%s', acl.privilege_type,
                      case when acl.grantee = 0 then 'public' else acl.grantee::regrole::text end,
                      case when acl.is_grantable then ' with grant option' else '' end)
        from pg_class c, aclexplode(c.relacl) acl where c.oid = 'acts'::regclass);
    one text;
begin
    drop view acts;
    alter table audit_log alter dead_letter_id type text collate "C";
    create view acts as
    select id, at, who, act, reason, dead_letter_id, system, source, submission_id, details from audit_log;
    comment on view acts is 'The audit log by the name that an earlier version knows.';
    foreach one in array grants loop
        execute one;
    end loop;
end $$;

-- What the server knew of these columns is gone, and it would plan without it until so many rows have changed as now
-- exist. An empty table that was analysed would mislead it.
do $$
declare
    one text;
    filled boolean;
begin
    foreach one in array array[
        'answered_records', 'attempts', 'audit_log', 'dead_letters', 'evidence', 'evidence_kept', 'files', 'notifications',
        'submission_references', 'submissions', 'unaccepted', 'waiting']
    loop
        execute format('select exists (select from %I)', one) into filled;
        if filled then
            execute format('analyze %I', one);
        end if;
    end loop;
end $$;
