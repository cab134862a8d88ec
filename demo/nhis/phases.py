"""The four phases of the NHIS scenario; later phases use what NHIS answered to earlier ones."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from demo.nhis.follow_ups import follow_up_faults, follow_ups
from demo.nhis.records import nrns
from demo.nhis.registrations import OUTAGE_SECONDS, first_dose_faults, first_doses, influenza, second_doses
from demo.steps import Phase

if TYPE_CHECKING:
    from demo.nhis.people import People
    from demo.sandbox import Sandbox


def phases(people: People) -> tuple[Phase, ...]:
    """Return the phases."""
    return (
        Phase(
            "First doses; answers are lost, time out, or are errors",
            partial(first_dose_faults, people),
            lambda _: first_doses(people),
        ),
        Phase(
            "Second doses; tokens expire, events are repeated or wrong",
            _expire_tokens,
            lambda results: second_doses(people, nrns(results)),
        ),
        Phase(
            "Searches, reactions, cancellations, certificates",
            partial(follow_up_faults, people),
            lambda results: follow_ups(people, nrns(results)),
        ),
        Phase(
            f"Influenza, while NHIS is unavailable for {OUTAGE_SECONDS:.0f} s",
            _outage,
            lambda _: influenza(people),
        ),
    )


def _expire_tokens(sandbox: Sandbox) -> None:
    sandbox.expire_tokens()


def _outage(sandbox: Sandbox) -> None:
    sandbox.outage(OUTAGE_SECONDS)
