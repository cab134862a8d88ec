"""What is wrong with the journal's database. Pure.

``test``: the operator says that this is a test installation, whose records may be lost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.admin.preflight.findings import IF_TEST, Finding, fail, ok, skipped, warn
from worker.journal.errors import POOLER
from worker.journal.inspection import CONNECTIONS_OF_A_WORKER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from worker.journal.inspection import ConnectionFacts, ServerFacts
    from worker.journal.migrate import MigrationState

OLDEST = 14
NEWEST_TRIED = 18
_MAJOR = 10_000
_MEBIBYTE = 1024 * 1024


def version(server: ServerFacts) -> Finding:
    """Judge the server's version."""
    major, told = server.version // _MAJOR, f"PostgreSQL {server.version_text}"
    if major < OLDEST:
        return fail(told, f"Use PostgreSQL {OLDEST} or later.")
    if major > NEWEST_TRIED:
        return warn(
            f"{told}: newer than {NEWEST_TRIED}, the newest that Herald was tested with", "Try it in a test."
        )
    return ok(told)


def encryption(server: ServerFacts) -> Finding:
    """Judge whether health data passes unencrypted to the server."""
    if server.encrypted:
        return ok("the connection is encrypted")
    if server.local:
        return ok("the connection is not encrypted, and does not leave this machine")
    step = "Add sslmode=verify-full and sslrootcert=FILE to the journal's address."
    return warn("the connection is not encrypted: health data passes in the clear", step)


def writable(server: ServerFacts) -> Finding:
    """Judge whether the server takes writes."""
    if server.recovering:
        return fail(
            "the server is a standby (in recovery) and takes no writes", "Name the primary in the address."
        )
    if server.read_only:
        step = "Set default_transaction_read_only to off for this role or database."
        return fail("transactions are read-only by default", step)
    return ok("the server takes writes")


def durability(server: ServerFacts, *, test: bool) -> list[Finding]:
    """Judge whether a commit survives a crash: what invariant 1 rests on."""
    told = []
    if not server.fsync:
        lost, step = (
            "fsync is off: a crash of the machine may destroy the database",
            "Set `fsync = on` and reload.",
        )
        told.append(warn(lost, step) if test else fail(lost, f"{step} {IF_TEST}"))
    if not server.full_page_writes:
        step = "Set `full_page_writes = on`, unless the file system never tears pages (ZFS)."
        told.append(warn("full_page_writes is off: a crash of the machine may leave torn pages", step))
    if server.synchronous_commit == "local" and server.has_standbys:
        step = "Set `synchronous_commit = on`: a failover to a standby then loses no commit."
        told.append(warn("synchronous_commit is local: commits do not wait for the standbys", step))
    if told:
        return told
    if server.synchronous_commit == "off":
        return [
            ok(
                "fsync is on; synchronous_commit is off in the server, and Herald turns it on for its sessions"
            )
        ]
    return [ok(f"fsync and full_page_writes are on, synchronous_commit is {server.synchronous_commit}")]


def migrations(state: MigrationState) -> Finding:
    """Judge whether the tables are those of this version or of the next."""
    if state.missing:
        return fail(f"the tables lack {', '.join(state.missing)}", "Run `herald journal migrate`.")
    if state.newer:
        told = f"the tables are newer than this version ({', '.join(state.newer)}), which works with them"
        return warn(told, "Finish the update: let all workers run the newer version.")
    return ok(f"all {state.applied} migrations are applied")


def pooler(server: ServerFacts, *, keeps_sessions: bool) -> Finding:
    """Judge a pooler between Herald and the server."""
    if not keeps_sessions:
        return fail("a session does not keep its settings", f"{POOLER[0].upper()}{POOLER[1:]}.")
    if server.pooled:
        return ok("through a pooler that keeps sessions")
    return ok("directly, without a pooler")


def connections(facts: ConnectionFacts) -> Finding:
    """Judge whether one more worker finds its connections."""
    told = f"{facts.left} connections are left, and a worker uses {CONNECTIONS_OF_A_WORKER}"
    if facts.left < CONNECTIONS_OF_A_WORKER:
        step = "Raise max_connections (or the limit of the role or database), or end other sessions."
        return fail(told, step)
    if facts.left < 2 * CONNECTIONS_OF_A_WORKER:
        step = (
            "Raise max_connections: an update runs old and new workers side by side, and commands need some."
        )
        return warn(told, step)
    return ok(told)


def rights(lacking: Mapping[str, tuple[str, ...]]) -> list[Finding]:
    """Judge the rights of this role on the tables and functions."""
    if not lacking:
        return [ok("this role may read and write the tables, and make and drop days of evidence")]
    return [
        fail(
            f"this role lacks {', '.join(rights)}",
            f"Run `grant {', '.join(rights)} on {table} to ROLE`.",
            table,
        )
        for table, rights in lacking.items()
    ]


def disk(server: ServerFacts) -> Finding:
    """Say how large the database is: PostgreSQL does not tell what its disk has left."""
    size = f"{server.bytes / _MEBIBYTE:.0f} MiB"
    return skipped(f"the database has {size}; PostgreSQL does not report the free space of its disk")
