"""The offsets that the group has committed."""

from __future__ import annotations

import asyncio

from tests.support.worker.installation import SystemInstallation
from tests.support.worker.kafka import committed, ends


async def all_committed(*installations: SystemInstallation) -> bool:
    """Whether the groups have committed every record there is: no worker will look at any of them again."""
    for one in installations:
        if not await _committed(one):
            return False
    return True


async def _committed(installation: SystemInstallation) -> bool:
    wanted = await asyncio.to_thread(ends, installation.bootstrap, installation.topics.submissions)
    found = await asyncio.to_thread(committed, installation.bootstrap, installation.group)
    return wanted == {partition: offset for partition, offset in found.items() if offset > 0}
