"""The offsets that the group has committed."""

from __future__ import annotations

import asyncio

from tests.support.worker.installation import Installation
from tests.support.worker.kafka import committed, ends


async def all_committed(installation: Installation) -> bool:
    """Whether the group has committed every record there is: no worker will look at any of them again."""
    wanted = await asyncio.to_thread(ends, installation.bootstrap, installation.topics.submissions)
    found = await asyncio.to_thread(committed, installation.bootstrap, installation.group)
    return wanted == {partition: offset for partition, offset in found.items() if offset > 0}
