"""`herald worker`, whose replies never reach Kafka: every publication waits for ever."""

from __future__ import annotations

import asyncio
from typing import Any

from worker.cli import main as herald
from worker.kafka.replies import ReplyPublisher


async def _waits(*_: Any) -> None:
    await asyncio.Event().wait()


def main() -> None:
    """Run the command. No setting of a topic does the same: of one replica, Kafka never demands two."""
    ReplyPublisher.publish = _waits  # type: ignore[method-assign]
    herald()
