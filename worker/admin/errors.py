"""How an act ends that cannot be done."""

from __future__ import annotations


class ActFailed(Exception):
    """What a person asked for was not done, or not all of it.

    The text says why, and what to do, in words for the operator. It holds no secret and no health data.
    """


class NotSettled(ActFailed):
    """The dead letter cannot be settled so."""


class UnknownSystem(ValueError):
    """The configuration has no such system; the text names those that it has."""
