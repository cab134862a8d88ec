"""The callbacks that are to be sent, and every attempt that was made."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sandbox.epayment import setting_rules
from sandbox.epayment.notifications import Notification, State, content_of, wait_after
from sandbox.epayment.values import blank
from sandbox.epayment.variants import Variant, read_variants
from sandbox.stand_in import InvalidControl

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sandbox.epayment.store import PaymentRequest


@dataclass(frozen=True, slots=True)
class CallbackSettings:
    """How callbacks are sent. The defaults are the server's, but for the time between two rounds (there 30 s)."""

    paused: bool = False
    """Whether callbacks only gather."""
    order: str = "created"
    """The order within a round: `created`, `reversed`, `shuffled`."""
    concurrency: int = 10
    """How many are sent at the same time."""
    batch: int = 1000
    """How many a round takes; the next one begins when all are answered."""
    period_seconds: float = 0.05
    """The time between two rounds."""
    schedule: str = "code"
    """What follows the 25th failure: `code`, the end; `specification`, an attempt a day, for 30 days."""
    time_scale: float = 1.0
    """What the waits of the schedule are multiplied by: with 0.001, a minute is 60 ms."""
    timeout_seconds: float = 100.0
    """How long an answer is waited for."""
    expect_continue: bool = False
    """Whether the body waits for `100 Continue`, as the HTTP client of .NET Framework asks for it."""
    variant: Variant = field(default_factory=Variant)
    """How every callback differs from the right one."""
    beside: tuple[Variant, ...] = ()
    """What is sent together with every attempt, once, whatever is answered; `{}` is a duplicate."""

    def changed(self, body: Any) -> CallbackSettings:
        """Return them with these replaced. Raises InvalidControl."""
        if not isinstance(body, Mapping):
            raise InvalidControl("give an object of settings")
        given = dict(body)
        if "variant" in given:
            given["variant"] = Variant.read(given["variant"])
        if "beside" in given:
            given["beside"] = read_variants(given["beside"])
        return setting_rules.changed(self, given, _RULES)

    def shown(self) -> dict[str, Any]:
        """Return them ready for JSON."""
        beside = [variant.shown() for variant in self.beside]
        return {**asdict(self), "variant": self.variant.shown(), "beside": beside}


def _read_before(value: object) -> bool:
    return isinstance(value, Variant | tuple)


_RULES: Mapping[str, setting_rules.Rule] = {
    "paused": setting_rules.flag(),
    "order": setting_rules.one_of("created", "reversed", "shuffled"),
    "concurrency": setting_rules.whole(1),
    "batch": setting_rules.whole(1),
    "period_seconds": setting_rules.number(0),
    "schedule": setting_rules.one_of("code", "specification"),
    "time_scale": setting_rules.number(0),
    "timeout_seconds": setting_rules.number(0.001),
    "expect_continue": setting_rules.flag(),
    "variant": (_read_before, "a variant"),
    "beside": (_read_before, "a list of variants"),
}


@dataclass(frozen=True, slots=True)
class Attempt:
    """One POST: of which callback, how it differed, and what came of it. ``error`` names a failure to get an answer."""

    notification: int
    at: datetime
    variant: Variant
    status: int | None
    accepted: bool
    error: str | None

    def shown(self) -> dict[str, Any]:
        """Return the ledger's line of it, ready for JSON."""
        return {
            "callback": self.notification,
            "at": self.at.isoformat(),
            "variant": self.variant.shown(),
            "status": self.status,
            "accepted": self.accepted,
            "error": self.error,
        }


class Outbox:
    """Callbacks in the order of their making."""

    def __init__(self, now: Callable[[], datetime], seed: int) -> None:
        self._now = now
        self.chance = random.Random(seed)  # noqa: S311 - repeatable by design
        self.settings = CallbackSettings()
        self.notifications: list[Notification] = []
        self.attempts: list[Attempt] = []
        self._waiting: dict[int, Notification] = {}

    def add(self, request: PaymentRequest, *, by_transaction: bool) -> None:
        """Make the callback of a request's status, where the request names an address for it."""
        url = request.form.notification_url
        if url is not None and not blank(url):
            self._put(request, url, content_of(request, by_transaction=by_transaction))

    def again(self, request: PaymentRequest) -> int:
        """Send every callback of a request once more, as it was; return how many there are."""
        earlier = [one for one in self.notifications if one.request is request]
        for one in earlier:
            self._put(request, one.url, one.content).status = one.status
        return len(earlier)

    def due(self) -> list[Notification]:
        """Return the next batch, in the order of the settings; what is not to be sent is removed."""
        if self.settings.paused:
            return []
        now = self._now()
        ready = [one for one in self._waiting.values() if one.due_at <= now]
        for one in ready:
            if one.unwanted:
                self._finish(one, State.REMOVED)
        wanted = [one for one in ready if one.state == State.PENDING]
        if self.settings.order == "reversed":
            wanted.reverse()
        elif self.settings.order == "shuffled":
            self.chance.shuffle(wanted)
        return wanted[: self.settings.batch]

    def settle(self, notification: Notification, *, accepted: bool) -> None:
        """Note the outcome of an attempt, and plan the next one."""
        if accepted:
            self._finish(notification, State.SENT)
            return
        notification.failed += 1
        now, scale = self._now(), self.settings.time_scale
        age = (now - notification.created_at) / scale if scale else timedelta.max
        wait = wait_after(notification.failed, age, as_specified=self.settings.schedule == "specification")
        if wait is None:
            self._finish(notification, State.TERMINATED)
        else:
            notification.due_at = now + wait * scale

    def give_up(self, notification: Notification) -> None:
        """End a callback whose address cannot be read."""
        self._finish(notification, State.ERROR)

    @property
    def settled(self) -> bool:
        """Whether nothing waits for an attempt."""
        return not self._waiting

    def shown(self) -> dict[str, Any]:
        """Return callbacks and attempts, ready for JSON."""
        return {
            "callbacks": [one.shown() for one in self.notifications],
            "attempts": [one.shown() for one in self.attempts],
        }

    def _put(self, request: PaymentRequest, url: str, content: str) -> Notification:
        now = self._now()
        made = Notification(len(self.notifications) + 1, request, url, content, request.status, now, now)
        self.notifications.append(made)
        self._waiting[made.seq] = made
        return made

    def _finish(self, notification: Notification, state: State) -> None:
        notification.state = state
        self._waiting.pop(notification.seq, None)
