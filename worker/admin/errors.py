"""The errors of operators' acts."""

from __future__ import annotations


class ActFailed(Exception):
    """An act was not carried out, or not all of it.

    The text says why, and what to do, in words for the operator. It holds no secret and no health data.
    """


class WrongConfiguration(ActFailed):
    """The act needs other settings; the text names what is wrong with them."""


class AmbiguousId(ActFailed):
    """A short id, or a submission's id, names several; the text names them."""


class NotSettled(ActFailed):
    """The dead letter cannot be settled in this way."""


class UnknownSystem(ValueError):
    """The configuration has no such system; the text names those that it has."""
