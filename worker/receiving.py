"""Receiving the calls of national systems: the parts of a receiver are started, watched and stopped in order."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING

from worker.composition.receiver import build_receiver, callers
from worker.configuration_error import ConfigurationError
from worker.measuring.receiver import ReceiverCounts
from worker.notifying import STOP_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from contextlib import AsyncExitStack

    from worker.composition.files import BuiltFiles
    from worker.inbound.settings import ReceiverSettings
    from worker.inbound.taking import Caller
    from worker.notifying import Notifying
    from worker.observability.health import Check, HealthProbes
    from worker.observability.metrics.instruments import Instruments
    from worker.pipeline.ports import Clock
    from worker.reloading.reloadable import Reloadable
    from worker.settings.model import Settings
    from worker.startup import Waiting
    from worker.systems.port import System

log = logging.getLogger(__name__)


class Receiving:
    """The receiver in this process. `reloadables` are to be looked at by the process's reloader."""

    def __init__(
        self,
        settings: Settings,
        receiver: ReceiverSettings,
        found: Mapping[str, Caller],
        notifying: Notifying,
        *,
        clock: Clock,
        instruments: Instruments,
        files: BuiltFiles | None = None,
    ) -> None:
        """Build everything that needs no connection. Raises ConfigurationError."""
        self._receiver = receiver
        self._notifying = notifying
        self._built = build_receiver(
            receiver,
            found,
            notifying.notifications,
            notifying.outbox,
            hasten=notifying.notifications.hasten,
            look_soon=partial(notifying.watches.look_soon, least=settings.looking.least_seconds),
            clock=clock,
            meter=ReceiverCounts(instruments, list(found)),
            files=files.serving(receiver) if files else None,
        )

    @property
    def reloadables(self) -> Sequence[Reloadable]:
        """What is loaded again when its files change: the paths' secrets and the certificate."""
        return self._built.reloadables

    @property
    def address(self) -> tuple[str, int]:
        """Host and port where it listens."""
        return self._built.server.address

    async def listen(self, stack: AsyncExitStack) -> None:
        """Answer calls from now on, with 503 until `start` has ended. Raises ConfigurationError."""
        try:
            await self._built.server.start(self._receiver.host, self._receiver.port, self._built.tls)
        except OSError as error:
            where = f"{self._receiver.host}, port {self._receiver.port}"
            raise ConfigurationError(f"receiver: cannot listen at {where}: {error.strerror}") from None
        stack.push_async_callback(self._built.server.stop, STOP_SECONDS)
        host, port = self.address
        log.info("listening for calls at %s, port %d", host, port)

    async def start(
        self,
        waiting: Waiting,
        health: HealthProbes,
        stack: AsyncExitStack,
        *,
        unless_stopping: Callable[[Check], Check],
    ) -> None:
        """Take calls as soon as the journal and Kafka can be used. Raises Stopped where the process stops first."""
        await self._notifying.start(waiting, health, stack, unless_stopping=unless_stopping)
        # Calls in progress need the outbox: no new ones come from here on, and those have ended before it does.
        stack.push_async_callback(self._built.server.stop, STOP_SECONDS)
        self._built.take()
        waiting.what = None
        log.info("receiving calls")


def callers_of(
    settings: Settings, receiver: ReceiverSettings, systems: Collection[System]
) -> Mapping[str, Caller]:
    """Return the systems that have a route. Raises ConfigurationError with all routes that lead nowhere."""
    largest = int(settings.kafka.max_reply_bytes)
    return callers(receiver, systems, lambda name: settings.routing_of(name).notifications, largest)
