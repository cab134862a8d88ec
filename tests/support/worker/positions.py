"""How far an installation's group has read, where one worker answered everything in one partition."""

from __future__ import annotations

from tests.support.worker.hospital import Event
from tests.support.worker.installation import Installation, serving


async def position_read(installation: Installation) -> tuple[int, int]:
    """Return the partition that was read, and the group's offset there."""
    await installation.all_committed()
    ((partition, offset),) = ((p, o) for p, o in (await installation.committed()).items() if o)
    return partition, offset


async def answer(installation: Installation, *events: Event) -> tuple[int, int]:
    """Let a worker answer these and stop; return the partition that they are in, and the group's offset there."""
    async with serving(installation.config()), installation.reading() as answers:
        await installation.publish(*events)
        await answers.answered(one.id for one in events)
        return await position_read(installation)
