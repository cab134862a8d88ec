"""The offsets that the group has committed."""

from __future__ import annotations

import asyncio

from tests.support.worker.kafka import committed, ends
from tests.support.worker.stage import Stage


async def all_committed(stage: Stage) -> bool:
    """Whether the group has committed every record there is: no worker will look at any of them again."""
    wanted = await asyncio.to_thread(ends, stage.bootstrap, stage.topics.submissions)
    found = await asyncio.to_thread(committed, stage.bootstrap, stage.group)
    return wanted == {partition: offset for partition, offset in found.items() if offset > 0}
