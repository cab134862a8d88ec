"""What the hospital publishes, and what must come of it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from demo.played import Played
    from demo.sandbox import Sandbox

SOURCE = "/hospitals/demo/his"
ACCEPTED, REJECTED, FAILED, HELD = "accepted", "rejected", "failed", "held"


@dataclass(frozen=True, slots=True)
class Expected:
    """What must come of a submission: its reply, and the reasons of its dead letters.

    ``code`` is that of a failed or held reply; ``names`` is what the system's errors name where it refuses: a
    class of error, a rule, or the attribute at fault; ``found`` is how much a search finds.
    """

    kind: str
    code: str | None = None
    dead_letters: tuple[str, ...] = ()
    least_attempts: int = 1
    names: str | None = None
    found: int | None = None


OK = Expected(ACCEPTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One submission; `events` has more than one value where it is published more than once."""

    id: str
    system: str
    operation: str
    key: str
    """The Kafka key: who it is about, by a pseudonym."""
    signer: str
    data: Mapping[str, Any] = field(repr=False)
    events: tuple[bytes, ...] = field(repr=False)
    expected: Expected = OK
    note: str = ""
    answers: int = 1
    """How often the answer is published: a duplicate event gets the stored one again."""

    @classmethod
    def of(
        cls, name: str, system: str, operation: str, *, signer: str, data: Mapping[str, Any], **more: Any
    ) -> Self:
        """Make a submission that is published once, as the event that its parts give."""
        published = event(name, f"{system}.{operation}.v1", signer, data)
        return cls(
            id=name, system=system, operation=operation, signer=signer, data=data, events=(published,), **more
        )


@dataclass(frozen=True, slots=True)
class Round:
    """What is published together: what shall go wrong meanwhile, and the acts, by what was answered so far."""

    title: str
    trouble: Callable[[Sandbox], None]
    acts: Callable[[Played], list[Act]]


def undisturbed(_: Sandbox) -> None:
    """Let nothing go wrong."""


def event(submission_id: str, event_type: str, signer: str, data: Mapping[str, Any]) -> bytes:
    """Return a structured CloudEvent."""
    document = {
        "specversion": "1.0",
        "id": submission_id,
        "source": SOURCE,
        "type": event_type,
        "signer": signer,
        "datacontenttype": "application/json",
        "data": data,
    }
    return json.dumps(document, ensure_ascii=False).encode()
