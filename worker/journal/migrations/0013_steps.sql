-- Submissions that need several requests, one step after the other. The version before serves no system with steps: it
-- neither reads nor writes these columns, and works beside them.

alter table submissions add column progress bytea, add column forgotten boolean not null default false;
comment on column submissions.progress is
    'JSON: what the steps that are done left for those that follow. Gone with the end, unless that is held.';
comment on column submissions.forgotten is
    'A reconciliation left it: what the restored journal knows of its progress may be old, and any step may be done.';

alter table attempts add column step text;
comment on column attempts.step is 'The name of the step that it was a message of, where the system has steps.';
