"""The plan of a run, made from the seed: every record with its patient and time, the repeats and the bad ones. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random

from tests.support.worker.hospital import CANCEL, REACTION, REGISTER, SEARCH

SHARES = {REACTION: 0.08, SEARCH: 0.06, CANCEL: 0.06}
"""Shares of the submissions about an earlier registration; the others register."""
TWICE = 0.06
"""The share that is published once more, later."""
BAD_EVERY = 40


class Bad(StrEnum):
    """What is wrong with a bad event; the value is the reason that its dead letter must give."""

    UNKNOWN_SIGNER = "unknown-signer"
    CONTRACT_VIOLATION = "contract-violation"
    NOT_JSON = "not-json"
    """Not even its sender can be named."""
    CONFLICT = "conflict"
    """The identity of an earlier one, with other content."""
    SIGNING_FAILED = "signing-failed"
    """Its signer's PIN is wrong. No plan has it: a fault publishes it."""


PLANNED = (Bad.UNKNOWN_SIGNER, Bad.CONTRACT_VIOLATION)
"""What takes the place of a good submission in a plan."""


@dataclass(frozen=True, slots=True)
class Step:
    """One record to publish. ``at`` is in seconds from the start, ``about`` the id of a registration or repeat."""

    at: float
    id: str
    patient: int
    operation: str = REGISTER
    about: str | None = None
    bad: Bad | None = None
    again: bool = False


def plan(submissions: int, patients: int, seconds: float, chance: Random) -> list[list[Step]]:
    """Return each patient's records in order. So many ``submissions`` have an identity that must be answered."""
    steps: list[list[Step]] = [[] for _ in range(patients)]
    free: list[list[str]] = [[] for _ in range(patients)]
    for number in range(submissions):
        # The first round gives everyone a registration; then anyone's turn may come.
        patient = number if number < patients else chance.randrange(patients)
        at = seconds * number / submissions
        if number % BAD_EVERY == BAD_EVERY - 1:
            steps[patient].append(
                Step(at, f"s-{number}", patient, bad=PLANNED[number // BAD_EVERY % len(PLANNED)])
            )
            continue
        step = _good(at, f"s-{number}", patient, free[patient], chance)
        steps[patient].append(step)
        steps[patient] += _extra(step, number, seconds, chance)
    return [sorted(of_patient, key=lambda step: step.at) for of_patient in steps]


def ids(steps: Sequence[Sequence[Step]]) -> set[str]:
    """Return every submission that must be answered."""
    return {step.id for of_patient in steps for step in of_patient if step.bad is not Bad.NOT_JSON}


def _good(at: float, name: str, patient: int, free: list[str], chance: Random) -> Step:
    """Choose an operation. Each registration has at most one other that is about it, so that counting is easy."""
    drawn = chance.random()
    for operation, share in SHARES.items():
        if drawn < share and free:
            return Step(at, name, patient, operation, about=free.pop(chance.randrange(len(free))))
        drawn -= share
    free.append(name)
    return Step(at, name, patient)


def _extra(step: Step, number: int, seconds: float, chance: Random) -> list[Step]:
    """Return what is published beside a submission: itself again, a conflict, an unreadable record."""
    later = min(step.at + chance.uniform(0, seconds / 3), seconds)
    extra = []
    if chance.random() < TWICE:
        extra.append(Step(later, step.id, step.patient, step.operation, step.about, again=True))
    if number % BAD_EVERY == BAD_EVERY // 4:
        extra.append(Step(later, f"x-{number}", step.patient, bad=Bad.NOT_JSON))
    if number % BAD_EVERY == BAD_EVERY // 2 and step.operation == REGISTER:
        extra.append(Step(later, step.id, step.patient, bad=Bad.CONFLICT))
    return extra
