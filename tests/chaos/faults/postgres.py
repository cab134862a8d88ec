"""What happens to the journal's database: restarts, cut connections, silence, and commits whose answer is lost."""

from __future__ import annotations

import asyncio

from tests.chaos.world import World

AWAY_SECONDS = 1.2
SILENT_SECONDS = 1.0
LOST = 3
LOST_SECONDS = 20.0
LOOK_SECONDS = 0.5
CUT = "select pg_terminate_backend(pid) from pg_stat_activity where datname like 'test%' and pid <> pg_backend_pid()"


async def restart(world: World) -> None:
    """Crash it and start it again at once."""
    await asyncio.to_thread(world.postgres.stop, "immediate")
    await asyncio.to_thread(world.postgres.start)
    world.faults["postgres-restart"] += 1


async def away(world: World) -> None:
    """Be away for a full second."""
    await asyncio.to_thread(world.postgres.stop, "fast")
    try:
        await asyncio.sleep(AWAY_SECONDS)
    finally:
        await asyncio.to_thread(world.postgres.start)
    world.faults["postgres-away"] += 1


async def cut(world: World) -> None:
    """Cut every connection."""
    await asyncio.to_thread(world.postgres.execute, CUT)
    world.faults["postgres-connections-cut"] += 1


async def silent(world: World) -> None:
    """Swallow what clients say, as a network does that drops packets."""
    world.proxy.hang = True
    try:
        await asyncio.sleep(SILENT_SECONDS)
    finally:
        world.proxy.hang = False
    world.faults["postgres-silent"] += 1


async def lose_commits(world: World) -> None:
    """Do what some commits ask for, and let nobody hear of it."""
    world.proxy.lose_commits = LOST
    for _ in range(int(LOST_SECONDS / LOOK_SECONDS)):
        await asyncio.sleep(LOOK_SECONDS)
        if not world.proxy.lose_commits:
            break
        await world.occasion()
    world.faults["postgres-commit-lost"] += LOST - world.proxy.lose_commits
    world.proxy.lose_commits = 0
