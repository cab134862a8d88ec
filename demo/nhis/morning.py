"""A hospital's morning in four rounds; later rounds use what NHIS answered to earlier ones."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from demo.acts import Round
from demo.nhis.desk_work import desk_work, trouble
from demo.nhis.records import nrns
from demo.nhis.registrations import OUTAGE_SECONDS, first_doses, first_trouble, influenza, second_doses

if TYPE_CHECKING:
    from demo.nhis.cast import Cast
    from demo.sandbox import Sandbox


def morning(cast: Cast) -> tuple[Round, ...]:
    """Return the rounds."""
    return (
        Round(
            "First doses; answers get lost, time out, come as errors",
            partial(first_trouble, cast),
            lambda _: first_doses(cast),
        ),
        Round(
            "Second doses; tokens expire, events repeat or are wrong",
            _expire_tokens,
            lambda played: second_doses(cast, nrns(played)),
        ),
        Round(
            "Searches, reactions, cancellations, certificates",
            partial(trouble, cast),
            lambda played: desk_work(cast, nrns(played)),
        ),
        Round(
            f"Influenza, while NHIS is away for {OUTAGE_SECONDS:.0f} s", _outage, lambda _: influenza(cast)
        ),
    )


def _expire_tokens(sandbox: Sandbox) -> None:
    sandbox.expire_tokens()


def _outage(sandbox: Sandbox) -> None:
    sandbox.outage(OUTAGE_SECONDS)
