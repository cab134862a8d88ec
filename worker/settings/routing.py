"""The topics of a system, by the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.pipeline.routing import Route, Routing

if TYPE_CHECKING:
    from worker.settings.model import Settings


def routing_of(settings: Settings, system: str) -> Routing:
    """Return the topics of a system by the settings."""
    routes = tuple(Route(route.source, route.results, route.errors) for route in settings.reply_routes)
    return Routing.of(settings.kafka.topic_prefix, system, routes)
