"""What the morning's replies say of NHIS's records: the NRNs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from demo.played import Answer, Played

SYSTEM = "nhis"
REGISTER, SEARCH, CANCEL = "immunization.register", "immunization.search", "immunization.cancel"
REACTION, CERTIFICATE = "adverse-reaction.register", "certificate.fetch"

Nrns: TypeAlias = Mapping[str, str]
"""What NHIS registered so far: submission id to NRN."""


def nrn_of(answer: Answer) -> str | None:
    """Return the NRN, where the reply has one."""
    nrn: str | None = answer.result.get("nrn")
    return nrn


def nrns(played: Played) -> Nrns:
    """Return what NHIS registered."""
    answered = ((act, played.answer(act)) for act in played.of(SYSTEM))
    return {act.id: nrn for act, answer in answered if answer and (nrn := nrn_of(answer))}
