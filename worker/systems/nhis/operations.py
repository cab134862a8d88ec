"""The operations of NHIS e-immunization, and the recovery rule of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.immutable import immutable
from worker.systems.nhis.settings import Name
from worker.systems.port import Operation, Recovery

if TYPE_CHECKING:
    from collections.abc import Mapping

    from worker.systems.nhis.settings import NhisSettings

SYSTEM = "nhis"

_RECOVERY = {
    # A second I001 with the same LRN is refused by RL080, which names the NRN of the first: no duplicate can arise.
    Name.REGISTER: Recovery.SAME_IDENTITY,
    Name.SEARCH: Recovery.REPEAT,
    # Whether I004 shows adverse reactions is unknown (`shows_reactions`), and NHIS passes each on to the drug agency
    # (RL060).
    Name.ADVERSE_REACTION: Recovery.HOLD,
    # The NRN is the identity; a second cancellation is refused as "already cancelled".
    Name.CANCEL: Recovery.SAME_IDENTITY,
    Name.CERTIFICATE: Recovery.REPEAT,
}

_SHOWN = frozenset({Name.REGISTER, Name.CANCEL})
"""What I003 shows."""


@immutable
class Exchange:
    """One operation as messages: its request's message type and address, and its answer's message type."""

    operation: Operation
    request: str
    answer: str
    url: str


def exchanges(settings: NhisSettings) -> Mapping[Name, Exchange]:
    """Return every operation as these settings have it."""
    codes = {
        Name.REGISTER: ("I001", "I002"),
        Name.SEARCH: ("I003", "I004"),
        Name.ADVERSE_REACTION: ("I005", "I006"),
        Name.CANCEL: (settings.cancel_codes.request, settings.cancel_codes.answer),
        Name.CERTIFICATE: ("I013", "I014"),
    }
    return {
        name: Exchange(_operation(name, settings), *codes[name], settings.url(settings.paths.of(name)))
        for name in Name
    }


def _operation(name: Name, settings: NhisSettings) -> Operation:
    return Operation(
        system=SYSTEM,
        name=name.value,
        recovery=Recovery.HOLD if name in settings.never_resend else _RECOVERY[name],
        looks_up=name in _SHOWN or (name is Name.ADVERSE_REACTION and settings.shows_reactions),
    )
