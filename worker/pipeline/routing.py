"""Which topics replies go to: by the event's source and Herald's settings, never by what an event asks for."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase


@dataclass(frozen=True, slots=True)
class Route:
    """Reply topics for the sources that fit a pattern (`*`, `?` and `[…]` as in file names)."""

    source: str
    results: str
    errors: str


@dataclass(frozen=True, slots=True)
class Routing:
    """The topics of one system."""

    submissions: str
    dead_letters: str
    routes: tuple[Route, ...]

    @classmethod
    def of(cls, prefix: str, system: str, routes: tuple[Route, ...] = ()) -> Routing:
        """Name the topics; sources that no route fits read the system's common ones."""
        base = f"{prefix}{system}"
        common = Route("*", f"{base}.results", f"{base}.errors")
        return cls(f"{base}.submissions", f"{base}.dead-letters", (*routes, common))

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
        return tuple(dict.fromkeys((self.submissions, *self.written)))
