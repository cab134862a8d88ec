"""The space that submissions take in PostgreSQL, in Kafka, and in the memory of the worker."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import psutil

from tests.support.postgres.ageing import A_HUNDRED_DAYS
from tests.support.worker.installation import herald

_SIZES = """
select sum(pg_total_relation_size(oid)) from pg_class
where relkind = 'r' and relnamespace = 'public'::regnamespace
"""
_MEANS = """
select (select avg(octet_length(body)) from evidence where kind = 'request') as message,
       (select avg(octet_length(body)) from evidence where kind = 'answer') as answer,
       (select avg(octet_length(reply_value)) from submissions) as reply
"""
_LEFT = """
select (select count(*) from submissions where evidence_removed_at is null or not summarized)
     + (select count(*) from evidence)
"""
_CONNECTIONS = """
select count(*) from pg_stat_activity
where backend_type = 'client backend' and datname = current_database() and pid <> pg_backend_pid()
"""


@dataclass(frozen=True, slots=True)
class Stored:
    """The journal at one moment: bytes of its tables and indexes, and of the write-ahead log of its server."""

    tables: int
    log: int


async def stored(dsn: str) -> Stored:
    """Return the sizes after a vacuum, which lets the server reuse the room of updated rows."""
    connection = await asyncpg.connect(dsn)
    try:
        log = await connection.fetchval("select pg_current_wal_lsn() - '0/0'::pg_lsn")
        await connection.execute("vacuum")
        return Stored(int(await connection.fetchval(_SIZES)), int(log))
    finally:
        await connection.close()


async def after_retention(dsn: str, config: Path) -> int:
    """Remove the evidence and the replies as retention does, and return the bytes of the tables without free room."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(A_HUNDRED_DAYS)
        pruned = await asyncio.to_thread(
            herald, "journal", "prune", "--evidence-days", "90", "--config", config, seconds=300
        )
        assert pruned.returncode == 0, pruned.stderr
        assert await connection.fetchval(_LEFT) == 0, "retention has left evidence or replies"
        await connection.execute("vacuum full")
        return int(await connection.fetchval(_SIZES))
    finally:
        await connection.close()


async def mean_bytes(dsn: str) -> dict[str, int]:
    """Return the mean bytes of the messages, answers and replies in the journal."""
    connection = await asyncpg.connect(dsn)
    try:
        return {name: round(value) for name, value in (await connection.fetchrow(_MEANS)).items()}
    finally:
        await connection.close()


async def connections(dsn: str) -> int:
    """Return how many sessions others than this one have in the database."""
    connection = await asyncpg.connect(dsn)
    try:
        return int(await connection.fetchval(_CONNECTIONS))
    finally:
        await connection.close()


def topic_bytes(data: Path, topic: str) -> int:
    """Return the bytes of a topic's records on one broker, all partitions together, without indexes."""
    return sum(file.stat().st_size for file in data.glob(f"{topic}-*/*.log"))


def memory_mib(pid: int) -> float:
    """Return the resident memory of a process in MiB."""
    return float(psutil.Process(pid).memory_info().rss) / 2**20


def cpu_of_tree(pid: int) -> float:
    """Return the CPU seconds of a process and its children, those that have ended too."""
    process = psutil.Process(pid)
    own = process.cpu_times()
    children = [child.cpu_times() for child in process.children(recursive=True)]
    return float(
        own.user
        + own.system
        + own.children_user
        + own.children_system
        + sum(child.user + child.system for child in children)
    )
