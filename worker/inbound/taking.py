"""From a bounded call to its answer: verified, kept, published, answered, in this order and within a time."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from contracts.immutable import immutable
from worker.observability.traceback_places import places_of
from worker.pipeline.notices import BrokenNotice, check_contract
from worker.pipeline.notification_events import notification
from worker.pipeline.ports import JournalOutage
from worker.systems.calls import CallAnswer, CallRefused, CallUnverified, LookNow, Ready
from worker.systems.news import LooksForNews

if TYPE_CHECKING:
    from collections.abc import Mapping

    from worker.inbound.meter import ReceiverMeter
    from worker.inbound.outbox import Outbox
    from worker.inbound.ports import Hasten, LookSoon, Notifications
    from worker.notice import Notice
    from worker.pipeline.ports import Clock, Name, Notification
    from worker.systems.calls import Call, ReceivesCalls

log = logging.getLogger(__name__)

OK, NOT_FOUND, TOO_LARGE, DEFECT, UNAVAILABLE = 200, 404, 413, 500, 503
_REFUSALS = frozenset({400, 401, 404, 405, 413})
_MOST_PLACES = 5


class _NoNews(Exception):
    """A call asks for a look that its system cannot make: a defect. The text holds no value."""


@immutable
class Caller:
    """A system that calls, and where its notifications go. ``largest`` bounds an event's value, in bytes."""

    system: ReceivesCalls
    topic: str
    largest: int


class Taking:
    """Answers the calls of all systems. While `waits_for` says something, every call is answered with 503."""

    def __init__(
        self,
        callers: Mapping[str, Caller],
        notifications: Notifications,
        outbox: Outbox,
        hasten: Hasten,
        clock: Clock,
        *,
        look_soon: LookSoon,
        meter: ReceiverMeter,
        seconds: float,
    ) -> None:
        self._callers = callers
        self._notifications = notifications
        self._outbox = outbox
        self._hasten = hasten
        self._look_soon = look_soon
        self._clock = clock
        self._meter = meter
        self._seconds = seconds
        self.waits_for: str | None = "start"

    async def answer(self, name: str, call: Call) -> CallAnswer:
        """Return what the call of this system is answered with. Never raises but to end the task."""
        system = self._callers[name].system
        status, why = await self._status(name, call)
        if why is not None:
            log.warning("a call was not taken", extra={"system": name, "status": status, "reason": why})
        return _answer(system, call, status)

    def refusal(self, name: str, call: Call, status: int) -> CallAnswer:
        """Return a refusal in the system's own form, where the call was not read."""
        return _answer(self._callers[name].system, call, status)

    async def _status(self, name: str, call: Call) -> tuple[int, str | None]:
        """Return the status, and why it is no success."""
        if self.waits_for is not None:
            return UNAVAILABLE, f"the receiver waits for {self.waits_for}"
        try:
            async with asyncio.timeout(self._seconds):
                return await self._taken(name, call)
        except TimeoutError:
            return UNAVAILABLE, "it could not be made durable in time"
        except JournalOutage:
            return UNAVAILABLE, "the journal is unavailable"
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller gets an answer without detail
            return DEFECT, _defect(error)

    async def _taken(self, name: str, call: Call) -> tuple[int, str | None]:
        match await self._callers[name].system.receive(call):
            case CallRefused(status, reason):
                return (status if status in _REFUSALS else DEFECT), reason
            case CallUnverified(reason):
                return UNAVAILABLE, reason
            case Ready(ready):
                return await self._ready(name, ready)
            case LookNow(watch):
                return await self._look_now(name, watch)
            case notices:
                return await self._noticed(name, notices)

    async def _ready(self, name: str, ready: str) -> tuple[int, str | None]:
        """Have a waiting submission asked for. Of one that nobody knows, the caller is told as its system would."""
        if not await self._hasten(name, ready):
            return NOT_FOUND, "no submission waits for this answer"
        self._meter.hastened(name)
        return OK, None

    async def _look_now(self, name: str, watch: str | None) -> tuple[int, str | None]:
        """Have the system looked at soon. Nothing of the call is believed: it only hastens a look that comes anyway."""
        system = self._callers[name].system
        if not isinstance(system, LooksForNews):
            raise _NoNews("the system says that there is news, and has no places to look at")
        known = [one.name for one in system.watches()]
        wanted = known if watch is None else [one for one in known if one == watch]
        if not wanted:
            return NOT_FOUND, "nobody looks at this place"
        await self._look_soon(name, wanted)
        self._meter.look_hastened(name)
        return OK, None

    async def _noticed(self, name: str, notices: tuple[Notice, ...]) -> tuple[int, str | None]:
        """Keep all that the call states, or nothing of it; then wait until it is published."""
        made = [await self._made(name, notice) for notice in notices]
        largest = self._callers[name].largest
        if any(len(one.event.value or b"") > largest for one in made):
            return TOO_LARGE, "what it states is too large for the topic of notifications"
        waiting: set[Name] = set()
        for one in made:
            if not await self._kept(one):
                waiting.add(one.name)
        if waiting:
            await self._outbox.until_published(waiting)
        return OK, None

    async def _made(self, name: str, notice: Notice) -> Notification:
        """Make the notification, by its contract. Raises BrokenNotice."""
        check_contract(name, notice)
        owner = None
        if notice.reference is not None:
            owner = await self._notifications.owner_of(name, notice.reference)
        topic = self._callers[name].topic
        return notification(name, notice, owner, topic=topic, at=self._clock.now())

    async def _kept(self, one: Notification) -> bool:
        """Make it durable; return whether it is published already."""
        kept = await self._notifications.keep(one)
        if kept.added:
            self._meter.kept(one.system)
        elif kept.same:
            self._meter.repeated(one.system)
        else:
            self._meter.conflicting(one.system)
            # The event's id is a digest of the system's own; it is in the journal and in the topic.
            log.warning(
                "a call states something else under a known identity; what was stated first stays",
                extra={"system": one.system, "message_id": one.id},
            )
        return kept.published


def _answer(system: ReceivesCalls, call: Call, status: int) -> CallAnswer:
    """Return the answer in the system's own form; a plain one where a defect keeps the system from making it."""
    try:
        return system.receipt(call) if status == OK else system.refusal(call, status)
    except Exception as error:  # noqa: BLE001 - as above
        _defect(error)
        return plain(DEFECT if status == OK else status)


def plain(status: int) -> CallAnswer:
    """Return an answer that says nothing but its status."""
    return CallAnswer(status, f"{status}\n".encode(), "text/plain; charset=utf-8")


def _defect(error: Exception) -> str:
    """Log a defect by its type and places, and return a sentence without data."""
    told = (
        str(error)
        if isinstance(error, BrokenNotice | _NoNews)
        else f"a defect of Herald ({type(error).__name__})"
    )
    places = [place.line for place in places_of(error.__traceback__)[-_MOST_PLACES:]]
    log.error("a call met a defect", extra={"error": type(error).__name__, "detail": " > ".join(places)})
    return told
