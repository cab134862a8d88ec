"""The topics of a system. Replies go by the event's source and Herald's settings, never by what an event asks for."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from worker.plain_pattern import fits_any

if TYPE_CHECKING:
    from worker.plain_pattern import PlainPattern


@dataclass(frozen=True, slots=True)
class Route:
    """Reply topics for the sources that fit a pattern (`*`, `?` and `[…]` as in file names)."""

    source: str
    results: str
    errors: str


@dataclass(frozen=True, slots=True)
class Inlet:
    """A topic of submissions, and the sources that it is bound to; () where it is bound to none."""

    topic: str
    sources: tuple[PlainPattern, ...] = ()


@dataclass(frozen=True, slots=True)
class Routing:
    """The topics of one system."""

    inlets: tuple[Inlet, ...]
    dead_letters: str
    routes: tuple[Route, ...]

    @classmethod
    def of(
        cls, prefix: str, system: str, routes: tuple[Route, ...] = (), inlets: tuple[Inlet, ...] = ()
    ) -> Routing:
        """Name the topics; sources that no route fits read the system's common ones.

        ``inlets``: all topics that submissions come on; without any, `<prefix><system>.submissions`.
        """
        base = f"{prefix}{system}"
        common = Route("*", f"{base}.results", f"{base}.errors")
        return cls(inlets or (Inlet(f"{base}.submissions"),), f"{base}.dead-letters", (*routes, common))

    @property
    def submissions(self) -> tuple[str, ...]:
        """The topics of submissions."""
        return tuple(inlet.topic for inlet in self.inlets)

    def inlet_of(self, source: str) -> str | None:
        """Return the topic on which this source publishes, None where it may publish on none."""
        bound = (one.topic for one in self.inlets if fits_any(one.sources, source))
        free = (one.topic for one in self.inlets if not one.sources)
        return next(bound, None) or next(free, None)

    def of_source(self, source: str) -> Route:
        """Return the first route that fits."""
        return next(route for route in self.routes if fnmatchcase(source, route.source))

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
        return tuple(dict.fromkeys((*self.submissions, *self.written)))
