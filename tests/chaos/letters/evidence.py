"""The evidence about eDelivery, eForms and the file store, as plain values. Ids and digests only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SentMessage:
    """A message that the hospital sent. ``rnu`` is the number that it was sent with."""

    message: int
    rnu: str
    subject_digest: str
    digests: frozenset[str]
    """SHA-256 of each of its files, as the system has them."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What a submission asks to open: which message, and the SHA-256 of each of its files."""

    message: int
    digests: frozenset[str]


@dataclass(frozen=True, slots=True)
class Notice:
    """A notification about a message, on the topic of ``system``; ``said`` is a digest of all that a reader sees."""

    id: str
    system: str
    message: int
    said: str
    at: float


@dataclass(frozen=True, slots=True)
class Referred:
    """A file that a reply or notification (``by``) refers to."""

    by: str
    file: str
    sha256: str


@dataclass(frozen=True, slots=True)
class LettersEvidence:
    """All of it."""

    sent: tuple[SentMessage, ...] = ()
    openings: Mapping[str, Opening] = field(default_factory=dict)
    """What each submission that opens was to open."""
    inbox: frozenset[int] = frozenset()
    """The messages that arrived for the hospital."""
    opened: frozenset[int] = frozenset()
    """Those that the system has as received."""
    notices: tuple[Notice, ...] = ()
    referred: tuple[Referred, ...] = ()
    stored: Mapping[str, str] = field(default_factory=dict)
    """The SHA-256 of each file that could be fetched from the store, by its id."""
