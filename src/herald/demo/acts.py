"""What the hospital publishes, and what must come of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from herald.demo.people import Patient
    from herald.demo.sandbox import Sandbox

SOURCE = "/hospitals/demo/his"
ACCEPTED, REJECTED, FAILED, HELD = "accepted", "rejected", "failed", "held"
REGISTER, SEARCH, CANCEL = "immunization.register", "immunization.search", "immunization.cancel"
REACTION, CERTIFICATE = "adverse-reaction.register", "certificate.fetch"

Nrns: TypeAlias = Mapping[str, str]
"""What NHIS registered so far: submission id to NRN."""


@dataclass(frozen=True, slots=True)
class Doctor:
    """A signing identity and the professional's number that goes with it."""

    signer: str
    uin: str


@dataclass(frozen=True, slots=True)
class Expected:
    """What must come of a submission: its reply, and the reasons of its dead letters.

    ``code`` is that of a failed or held reply; ``names`` is what NHIS's errors name where it refuses, a rule or
    the attribute at fault; ``found`` is how much a search finds.
    """

    kind: str
    code: str | None = None
    dead_letters: tuple[str, ...] = ()
    least_attempts: int = 1
    names: str | None = None
    found: int | None = None


OK = Expected(ACCEPTED)


@dataclass(frozen=True, slots=True)
class Act:
    """One submission; `events` has more than one value where it is published more than once."""

    id: str
    operation: str
    patient: Patient = field(repr=False)
    doctor: Doctor
    data: Mapping[str, Any] = field(repr=False)
    events: tuple[bytes, ...] = field(repr=False)
    expected: Expected = OK
    note: str = ""
    answers: int = 1
    """How often the answer is published: a duplicate event gets the stored one again."""


@dataclass(frozen=True, slots=True)
class Round:
    """What is published together: what shall go wrong meanwhile, and the acts, by what NHIS gave so far."""

    title: str
    trouble: Callable[[Sandbox], None]
    acts: Callable[[Nrns], list[Act]]


def event(submission_id: str, operation: str, doctor: Doctor, data: Mapping[str, Any]) -> bytes:
    """Return a structured CloudEvent."""
    document = {
        "specversion": "1.0",
        "id": submission_id,
        "source": SOURCE,
        "type": f"nhis.{operation}.v1",
        "signer": doctor.signer,
        "datacontenttype": "application/json",
        "data": data,
    }
    return json.dumps(document, ensure_ascii=False).encode()
