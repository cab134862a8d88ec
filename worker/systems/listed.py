"""An operation of a national system that is known by data and not by code, as people are shown it."""

from __future__ import annotations

from contracts.immutable import immutable


@immutable
class ListedOperation:
    """One operation of a catalogue.

    ``name`` is what events give, ``operation`` what the system is asked for. ``mark`` says how it is known whether it
    writes, ``recovery`` what follows from that. ``argument``: `typed` where events may give it as JSON, else `xml`.
    """

    name: str
    operation: str
    title: str
    register: str
    writes: bool
    mark: str
    recovery: str
    argument: str
