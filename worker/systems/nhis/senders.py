"""Rule RL008: whoever signs is the performer, or the deputy who acts for the performer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.nhis.immunization import RegisterImmunization
from contracts.problems import Problem

if TYPE_CHECKING:
    from pydantic import BaseModel

    from worker.systems.nhis.settings import Sender


def sender_problems(data: BaseModel, sender: Sender) -> list[Problem]:
    """Return what keeps this sender from submitting this event; only registrations name a performer."""
    if not isinstance(data, RegisterImmunization):
        return []
    performer = data.performer
    acting, field = (
        (performer.uin, "uin") if performer.deputy_uin is None else (performer.deputy_uin, "deputyUin")
    )
    if acting == sender.uin:
        return []
    return [
        Problem(
            f"$.data.performer.{field}",
            "RL008",
            "Name the signer here, or have the one named here sign: it is not the UIN of the event's signer.",
        )
    ]
