"""The NRNs of NHIS's records, as the replies state them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from demo.steps import Answer, Results

SYSTEM = "nhis"
REGISTER, SEARCH, CANCEL = "immunization.register", "immunization.search", "immunization.cancel"
REACTION, CERTIFICATE = "adverse-reaction.register", "certificate.fetch"

Nrns: TypeAlias = Mapping[str, str]
"""NRNs registered so far, by submission id."""


def nrn_of(answer: Answer) -> str | None:
    """Return the NRN, where the reply has one."""
    nrn: str | None = answer.result.get("nrn")
    return nrn


def nrns(results: Results) -> Nrns:
    """Return what NHIS registered."""
    answered = ((step, results.answer(step)) for step in results.of(SYSTEM))
    return {step.id: nrn for step, answer in answered if answer and (nrn := nrn_of(answer))}
