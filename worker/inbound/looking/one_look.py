"""One look at one place: what it found becomes durable together with the cursor, or nothing of it."""

from __future__ import annotations

import asyncio
import logging
from contextlib import nullcontext
from typing import TYPE_CHECKING

from contracts.reasons import Reason
from worker.inbound.looking.ports import LookOver
from worker.observability.metrics.labels import LookOutcome
from worker.pipeline.contained import Defect, contained, must_be
from worker.pipeline.notices import BrokenNotice
from worker.systems.news import LookFailed, Seen

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

    from worker.inbound.looking.meter import LookMeter
    from worker.inbound.looking.ports import Look, Watches
    from worker.inbound.looking.settings import LookingSettings
    from worker.inbound.ports import Kept
    from worker.notice import Notice
    from worker.pipeline.hanging import RunningCalls
    from worker.pipeline.notices import WorkerNotices
    from worker.pipeline.ports import Clock, Notification
    from worker.systems.news import LooksForNews, Watch

log = logging.getLogger(__name__)


class OneLook:
    """Looks at the places of one system. ``found`` is called when new notifications are durable."""

    def __init__(
        self,
        system: LooksForNews,
        journal: Watches,
        notices: WorkerNotices,
        clock: Clock,
        settings: LookingSettings,
        *,
        random: Random,
        meter: LookMeter,
        found: Callable[[], None],
        calls: RunningCalls | None = None,
    ) -> None:
        self._system = system
        self._journal = journal
        self._notices = notices
        self._clock = clock
        self._settings = settings
        self._policy = settings.after_failures()
        self._random = random
        self._meter = meter
        self._found = found
        self._long = calls.one if calls else nullcontext

    async def at(self, watch: Watch, look: Look) -> bool:
        """Look once; whether the place has more to show. Raises JournalOutage."""
        try:
            return await self._seen(watch, look, await self._look(watch, look))
        except LookFailed as failed:
            await self._failed(look, (), failed.reason, str(failed), failed.delay)
        except LookOver:
            self._meter.looked(LookOutcome.OVER)
            log.info("another worker looks at this place now", extra={"system": look.system})
        return False

    async def _look(self, watch: Watch, look: Look) -> Seen:
        if look.unreadable is not None:
            raise LookFailed(Reason.CONFIGURATION.value, look.unreadable)
        try:
            async with asyncio.timeout(self._settings.look_seconds):
                with self._long(), contained("look", LookFailed):
                    return must_be(Seen, await self._system.look(watch, look.cursor))
        except TimeoutError:
            raise LookFailed(Reason.ANSWER_TIMEOUT.value, "the look took too long") from None
        except Defect as defect:
            raise LookFailed(Reason.DEFECT.value, str(defect)) from None

    async def _seen(self, watch: Watch, look: Look, seen: Seen) -> bool:
        made, broken = await self._made(seen.notices)
        if broken is not None:
            # Nothing may be lost: the cursor stays until the defect is fixed. The others are not kept waiting.
            await self._failed(look, made, Reason.DEFECT.value, broken, None)
            return False
        more = seen.more and (seen.cursor != look.cursor or bool(made))
        pace = max(watch.seconds, self._settings.least_seconds)
        kept = await self._journal.saw(
            look, made, seen.cursor, delay=0.0 if more else pace, hastened=self._settings.least_seconds
        )
        self._meter.looked(LookOutcome.FOUND if any(one.added for one in kept) else LookOutcome.NOTHING)
        self._tell(made, kept)
        return more

    async def _made(self, notices: tuple[Notice, ...]) -> tuple[list[Notification], str | None]:
        """Make the notifications; with why one of them cannot be made."""
        made: list[Notification] = []
        broken = None
        for notice in notices:
            try:
                system, owner = self._notices.system_of(notice), None
                if notice.reference is not None:
                    owner = await self._journal.owner_of(system, notice.reference)
                made.append(self._notices.made(notice, owner, self._clock.now()))
            except BrokenNotice as error:
                broken = str(error)
        return made, broken

    async def _failed(
        self, look: Look, made: Sequence[Notification], reason: str, detail: str, asked: float | None
    ) -> None:
        failures = look.failures + 1
        delay = self._policy.delay(tries=failures, spent=0.0, asked=asked or None, random=self._random)
        kept = await self._journal.failed(look, made, reason, delay=delay or self._settings.maximum)
        self._meter.looked(LookOutcome.DEFECT if reason == Reason.DEFECT.value else LookOutcome.FAILED)
        told = {"system": look.system, "reason": reason, "detail": detail}
        log.warning("a look for news failed", extra=told)
        self._tell(made, kept)

    def _tell(self, made: Sequence[Notification], kept: Sequence[Kept]) -> None:
        self._meter.found(made, kept)
        for one, now in zip(made, kept, strict=True):
            if not now.same:
                # The event's id is a digest of the system's own; it is in the journal and in the topic.
                log.warning(
                    "a look shows something else under a known identity; what was stated first stays",
                    extra={"system": one.system, "message_id": one.id},
                )
        if any(one.added for one in kept):
            self._found()
