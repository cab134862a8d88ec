"""Statements of the version before migration 0006, as its workers send them."""

from __future__ import annotations

NOTE = """
insert into intake_positions (consumer_group, topic, partition, next_offset)
select $1, * from unnest($2::text[], $3::int[], $4::bigint[])
on conflict (consumer_group, topic, partition) do update
set next_offset = excluded.next_offset, noted_at = excluded.noted_at
"""
