"""The settings of who may publish where and sign for whom."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator

from worker.pipeline.settings import Topic
from worker.plain_pattern import PatternText
from worker.setting_types import SettingsModel


def _some(given: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse an empty list: it would be read as nothing by one person, and as everything by another."""
    if not given:
        raise ValueError("name at least one")
    return given


Patterns = Annotated[tuple[PatternText, ...], AfterValidator(_some)]


class AuthorisationSettings(SettingsModel):
    """Sources, and the signers and operations that they may use. One entry must allow all of an event.

    The only special sign in patterns is `*`: any characters, `/` among them. Case counts, and nothing is decoded.
    """

    sources: Patterns
    """The events' `source`, as patterns: `/hospitals/pleven/*`."""
    topics: Patterns | None = None
    """Submission topics, as patterns; without them, any."""
    systems: Annotated[tuple[str, ...], AfterValidator(_some)] | None = None
    """Names of systems; without them, any."""
    signers: Patterns
    """The events' `signer`, as patterns: `dr-ivanova`, `pleven-*`."""
    operations: Patterns
    """Operations without the system's name, as patterns: `immunization.register`, `immunization.*`, `*`."""


class SubmissionTopic(SettingsModel):
    """A topic that a system's submissions come on, for the sources that may publish there."""

    system: str
    """The system's name."""
    topic: Topic
    """The topic's full name."""
    sources: Patterns | None = None
    """The events' `source`, as patterns; they may come on no other topic, unless that one names them too.

    Without it, the topic takes every source that is bound to no topic.
    """
