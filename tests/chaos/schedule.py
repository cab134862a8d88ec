"""The order of the faults, made from the seed. Pure. In one lane they follow each other; lanes run side by side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from tests.chaos.crash_points import LETTERS_POINTS, RECEIVER_POINTS, WAITING_POINTS, WORKER_POINTS
from tests.chaos.defects import METHODS

WORKERS = ("kill-9", "sigterm", "sigterm-twice", "zombie", "scale-1-4-2", "clock-forward", "clock-back")
CRASHES = tuple(
    f"crash-{point}" for point in WORKER_POINTS if point not in (*WAITING_POINTS, *LETTERS_POINTS)
)
WAITING = tuple(f"crash-{point}" for point in WAITING_POINTS)
LETTERS = tuple(f"crash-{point}" for point in LETTERS_POINTS)
RECEIVER_CRASHES = tuple(f"crash-{point}" for point in RECEIVER_POINTS)
RECEIVERS = ("receiver-kill-9", "receiver-sigterm", "receiver-zombie")
EGOV = ("answer-after-replacement", "regix-drop-after", "regix-outage", "epayment-drop-after")
ESB = (
    "edelivery-drop-after",
    "edelivery-numbers-replaced",
    "edelivery-uploads-lost",
    "esb-tokens-expired",
    "esb-tokens-unavailable",
    "killed-while-looking",
)
KAFKA = ("broker-kill-9", "all-brokers-kill-9", "reply-too-large", "reply-not-authorised")
POSTGRES = (
    "postgres-restart",
    "postgres-unavailable",
    "postgres-connections-cut",
    "postgres-silent",
    "postgres-commit-lost",
)
SANDBOX = (
    "drop-before",
    "drop-after",
    "hang-before",
    "hang-after",
    "delay",
    "status-500",
    "status-503",
    "status-429",
    "status-after-503",
    "garbage",
    "truncate",
    "wrong-answer",
    "outage",
    "expire-tokens",
)
NHIS = (*(f"nhis-{name}" for name in SANDBOX), "nhis-long-outage", "nhis-slow", "nhis-half-the-patients")
SENDERS = ("transactions", "source-floods")
TOKENS = ("token-pulled", "signer-process-kill-9", "wrong-pin")
PROVIDERS = ("provider-unavailable", "provider-sad-expired", "wrong-pin-at-provider", "certificate-rotated")
SIGNERS = (*TOKENS, *PROVIDERS)
DEFECTS = tuple(f"defect-{method}" for method in METHODS)
CRASHING = 3
CRASHING_RECEIVERS = 2
LAST = ("retention-gap", "offsets-to-the-beginning")
"""These come once, when everything is answered: then nothing may be sent, and nothing answered, any more."""
EVERY = frozenset(
    {
        *WORKERS,
        *CRASHES,
        *WAITING,
        *KAFKA,
        *POSTGRES,
        *NHIS,
        *SENDERS,
        *SIGNERS,
        *DEFECTS,
        *RECEIVER_CRASHES,
        *RECEIVERS,
        *EGOV,
        *LETTERS,
        *ESB,
        *LAST,
    }
)
QUICK = frozenset(
    {"kill-9", "sigterm", "crash-after-sending", "crash-after-exchange", "crash-after-finish", "crash-after-publish"}
    | {"all-brokers-kill-9", "postgres-connections-cut", "postgres-commit-lost", *LAST}
    | {"nhis-drop-after", "nhis-status-after-503", "nhis-half-the-patients"}
    | {"transactions", "source-floods", "defect-interpret", *SIGNERS}
    | {"crash-after-wait", "crash-after-take_due", "crash-before-acknowledge", "answer-after-replacement"}
    | {"crash-after-keep", "crash-after-publish-notification", "receiver-kill-9", "regix-drop-after"}
    | {"crash-after-progress", "crash-before-finish-notices", "crash-after-write-content", "crash-before-saw"}
    | {"crash-after-look_soon", "edelivery-drop-after", "edelivery-numbers-replaced", "esb-tokens-expired"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Lane:
    """Faults that come one after the other, ``pause`` seconds apart in the first round, and ``later`` after it.

    ``later`` None: there is one round only, however long the run.
    """

    kinds: tuple[str, ...]
    pause: float
    later: float | None = None


def lanes(chance: Random, *, quick: bool) -> list[Lane]:
    """Deal the faults out. Five workers and two receivers at a time may be about to crash."""
    crashes = list(CRASHES)
    chance.shuffle(crashes)
    receivers = chance.sample(RECEIVER_CRASHES, len(RECEIVER_CRASHES))
    dealt = [
        Lane(WORKERS, 2.0, 10.0),
        *(Lane(tuple(crashes[first::CRASHING]), 0.5, 10.0) for first in range(CRASHING)),
        Lane(KAFKA, 5.0, 45.0),
        Lane(POSTGRES, 5.0, 20.0),
        Lane(NHIS, 0.5, 4.0),
        Lane(SENDERS, 3.0),
        Lane(TOKENS, 4.0, 15.0),
        Lane(PROVIDERS, 4.0, 15.0),
        Lane(DEFECTS, 1.0),
        Lane(WAITING, 0.5, 10.0),
        *(
            Lane(tuple(receivers[first::CRASHING_RECEIVERS]), 0.5, 10.0)
            for first in range(CRASHING_RECEIVERS)
        ),
        Lane(RECEIVERS, 0.5, 10.0),
        Lane(EGOV, 3.0, 15.0),
        Lane(LETTERS, 0.5, 10.0),
        Lane(ESB, 2.0, 15.0),
    ]
    if not quick:
        return dealt
    # A worker that waits for its crash takes seconds; in a quick run all of them wait at the same time.
    alone = [Lane((kind,), 1.0) for kind in crashes if kind in QUICK]
    few = [
        Lane(tuple(kind for kind in kinds if kind in QUICK), 1.0)
        for kinds in (
            WORKERS,
            KAFKA,
            POSTGRES,
            NHIS,
            SENDERS,
            TOKENS,
            PROVIDERS,
            DEFECTS,
            WAITING,
            RECEIVER_CRASHES,
            RECEIVERS,
            EGOV,
            LETTERS,
            ESB,
        )
    ]
    return [*alone, *few]


def injections(lane: Lane, chance: Random) -> Iterator[tuple[bool, float, str]]:
    """Yield the lane's faults without end: whether it must come, the pause before it, and its kind.

    Every kind comes once in some order, then again in another.
    """
    for kind in chance.sample(lane.kinds, len(lane.kinds)):
        yield True, lane.pause, kind
    while lane.later is not None:
        for kind in chance.sample(lane.kinds, len(lane.kinds)):
            yield False, lane.later, kind
