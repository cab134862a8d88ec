"""What is checked before an event is sent: its sender, and its codes against the nomenclatures as last pulled."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from contracts.nhis.codes import VACCINE_LOTS, CodeUse, codes_of
from contracts.nhis.immunization import RegisterImmunization
from contracts.problems import Problem

if TYPE_CHECKING:
    from pydantic import BaseModel

    from worker.systems.nhis.settings import Sender
    from worker.systems.port import CodeList, CodeLists

log = logging.getLogger(__name__)


class CodeCheck:
    """Refuses codes that NHIS's lists do not hold; a list that was never pulled is logged once, and its codes pass."""

    def __init__(self, lists: CodeLists, *, lots: bool) -> None:
        self._lists = lists
        self._lots = lots
        self._missed: set[str] = set()

    def problems(self, data: BaseModel) -> list[Problem]:
        """Return every code of an event that is in none of its list's entries."""
        return [found for use in codes_of(data) if (found := self._problem(use, data)) is not None]

    def _problem(self, use: CodeUse, data: BaseModel) -> Problem | None:
        if use.list_id == VACCINE_LOTS and not (self._lots and _given_here(data)):
            return None
        known = self._lists.get(use.list_id)
        if known is None:
            self._notice(use.list_id)
            return None
        if use.value in known.codes or (use.list_id == VACCINE_LOTS and not _has_lots_of(use.value, known)):
            return None
        # A stale list looks like a wrong code: the list's date tells the two apart.
        return Problem(
            use.path,
            "known-code",
            f"Correct the code: it is not in NHIS's list {known.id} ({known.name}) of "
            f"{known.fetched_at:%Y-%m-%d %H:%M} UTC. If it is new there, pull the nomenclatures.",
        )

    def _notice(self, list_id: str) -> None:
        if list_id not in self._missed:
            self._missed.add(list_id)
            log.warning(
                "codes are sent unchecked: the list was never pulled",
                extra={"code_list": list_id},
            )


def _given_here(data: BaseModel) -> bool:
    """Whether the performer gave the dose: the lot of a reported one may be from abroad, and not in the list."""
    return isinstance(data, RegisterImmunization) and data.immunization.primary_source


def _has_lots_of(code: str, lots: CodeList) -> bool:
    """Whether the list knows any lot of this vaccine: it may not hold lots of every vaccine (inferred)."""
    vaccine = code.partition("|")[0]
    return any(meta.get("vaccineCode") == vaccine for meta in lots.codes.values())


def sender_problems(data: BaseModel, sender: Sender) -> list[Problem]:
    """Check rule RL008: the signer is the performer, or the deputy who acts for the performer.

    Only registrations name a performer.
    """
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
