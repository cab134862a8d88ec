"""Faults of the journal's database: restarts, cut connections, silence, and commits whose answer is lost."""

from __future__ import annotations

import asyncio

from tests.chaos.run_context import RunContext

AWAY_SECONDS = 1.2
SILENT_SECONDS = 1.0
LOST = 3
LOST_SECONDS = 20.0
LOOK_SECONDS = 0.5
CUT = "select pg_terminate_backend(pid) from pg_stat_activity where datname like 'test%' and pid <> pg_backend_pid()"


async def restart(context: RunContext) -> None:
    """Crash the server and start it again at once."""
    await asyncio.to_thread(context.postgres.stop, "immediate")
    await asyncio.to_thread(context.postgres.start)
    context.faults["postgres-restart"] += 1


async def unavailable(context: RunContext) -> None:
    """Stop the server for a full second."""
    await asyncio.to_thread(context.postgres.stop, "fast")
    try:
        await asyncio.sleep(AWAY_SECONDS)
    finally:
        await asyncio.to_thread(context.postgres.start)
    context.faults["postgres-unavailable"] += 1


async def cut(context: RunContext) -> None:
    """Cut every connection."""
    await asyncio.to_thread(context.postgres.execute, CUT)
    context.faults["postgres-connections-cut"] += 1


async def silent(context: RunContext) -> None:
    """Drop what clients send, as a network does that loses packets."""
    context.proxy.hang = True
    try:
        await asyncio.sleep(SILENT_SECONDS)
    finally:
        context.proxy.hang = False
    context.faults["postgres-silent"] += 1


async def lose_commits(context: RunContext) -> None:
    """Do some commits and lose the answers to them."""
    context.proxy.lose_commits = LOST
    for _ in range(int(LOST_SECONDS / LOOK_SECONDS)):
        await asyncio.sleep(LOOK_SECONDS)
        if not context.proxy.lose_commits:
            break
        await context.occasion()
    context.faults["postgres-commit-lost"] += LOST - context.proxy.lose_commits
    context.proxy.lose_commits = 0
