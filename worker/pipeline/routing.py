"""The topics of a system. Replies go by the event's source and Herald's settings, never by what an event asks for."""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from contracts.immutable import immutable
from contracts.notifications import NOTIFYING_SYSTEMS, published_by
from worker.plain_pattern import fits_any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from worker.plain_pattern import PlainPattern


EVERY_SOURCE = "*"


@immutable
class Route:
    """Reply topics for the sources that fit a pattern (`*`, `?` and `[…]` as in file names)."""

    source: str
    results: str
    errors: str


@immutable
class Inlet:
    """A topic of submissions, and the sources that it is bound to; () where it is bound to none."""

    topic: str
    sources: tuple[PlainPattern, ...] = ()


@immutable
class Routing:
    """The topics of one system."""

    inlets: tuple[Inlet, ...]
    dead_letters: str
    routes: tuple[Route, ...]
    notifications: str | None = None
    """What the system states on its own; None for a system that states nothing."""
    news: tuple[tuple[str, str], ...] = ()
    """The systems whose notifications the workers of this one publish, and their topics."""

    @classmethod
    def of(
        cls, prefix: str, system: str, routes: tuple[Route, ...] = (), inlets: tuple[Inlet, ...] = ()
    ) -> Routing:
        """Name the topics; sources that no route fits read the system's common ones.

        ``inlets``: all topics that submissions come on; without any, `<prefix><system>.submissions`.
        """
        base = f"{prefix}{system}"
        common = Route(EVERY_SOURCE, f"{base}.results", f"{base}.errors")
        notifications = f"{base}.notifications" if system in NOTIFYING_SYSTEMS else None
        submissions = inlets or (Inlet(f"{base}.submissions"),)
        news = tuple((name, f"{prefix}{name}.notifications") for name in published_by(system))
        return cls(submissions, f"{base}.dead-letters", (*routes, common), notifications, news)

    @property
    def submissions(self) -> tuple[str, ...]:
        """The topics of submissions."""
        return tuple(inlet.topic for inlet in self.inlets)

    def inlets_of(self, source: str) -> tuple[str, ...]:
        """Return the topics on which this source may publish: those that it is bound to, or else all that are free."""
        bound = tuple(one.topic for one in self.inlets if fits_any(one.sources, source))
        return bound or tuple(one.topic for one in self.inlets if not one.sources)

    def inlet_of(self, source: str) -> str | None:
        """Return the topic on which this source publishes, None where it may publish on none."""
        return next(iter(self.inlets_of(source)), None)

    def of_source(self, source: str) -> Route:
        """Return the first route that fits."""
        return next(
            route
            for route in self.routes
            if route.source == EVERY_SOURCE or fnmatchcase(source, route.source)
        )

    def of_sources(self, sources: Iterable[str]) -> Routing:
        """Return what these sources have of it: where they may publish, and where their replies come.

        Notifications of all sources come on one topic: a source whose replies come separately is not shown it.
        """
        sources = tuple(sources)
        routes = tuple(dict.fromkeys(self.of_source(source) for source in sources))
        own = {topic for source in sources for topic in self.inlets_of(source)}
        return replace(
            self,
            inlets=tuple(inlet for inlet in self.inlets if inlet.topic in own),
            routes=routes,
            notifications=self.notifications if self.routes[-1] in routes else None,
            news=self.news if self.routes[-1] in routes else (),
        )

    @property
    def replies(self) -> tuple[str, ...]:
        """The topics of replies, each once."""
        return tuple(dict.fromkeys(topic for route in self.routes for topic in (route.results, route.errors)))

    @property
    def written(self) -> tuple[str, ...]:
        """The topics that are written to, each once."""
        return tuple(dict.fromkeys((*self.replies, self.dead_letters)))

    @property
    def topics(self) -> tuple[str, ...]:
        """All topics, each once."""
        return tuple(dict.fromkeys((*self.submissions, *self.written, *self.stated)))

    @property
    def stated(self) -> tuple[str, ...]:
        """The topics of notifications: the system's own, and those of others that its workers publish on."""
        own = () if self.notifications is None else (self.notifications,)
        return tuple(dict.fromkeys((*own, *(topic for _, topic in self.news))))
