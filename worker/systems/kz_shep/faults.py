"""SOAP faults of the gateway: typed ones with their chain of errors, and bare ones with a sentence alone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain, islice
from typing import TYPE_CHECKING

from worker.systems.stated import says

if TYPE_CHECKING:
    from collections.abc import Iterator

    from worker.systems.kz_shep.settings import FaultCodes
    from worker.xml.node import Node

MOST_ERRORS = 20
"""Errors of a chain that are looked at, the outermost first."""
MOST_ELEMENTS = 1000
"""Elements of a detail among which the error is looked for."""
_CODE = re.compile(r"[A-Za-z0-9._-]{1,40}")


@dataclass(frozen=True, slots=True)
class Fault:
    """``codes``: the error's own and those of the errors inside it, outermost first; none in a bare fault.

    Texts are not kept here: they may tell of a patient. The evidence has them.
    """

    codes: tuple[str, ...]
    sentence: str
    correlation_id: str | None
    """Its type has none; a gateway may add it."""


class FaultClass(StrEnum):
    """What a fault means."""

    OPERATOR = "operator"
    PERMANENT = "permanent"
    TRANSIENT = "transient"
    UNCLEAR = "unclear"


def fault_of(node: Node) -> Fault:
    """Read a fault, whatever it holds."""
    error = _error(node)
    correlation_id = error.text("correlationId") if error else None
    return Fault(tuple(_codes(error)), node.text("faultstring") or "", correlation_id)


def classify(fault: Fault, known: FaultCodes) -> FaultClass:
    """Return what it means. In a chain, what somebody must act upon counts more than what may pass by itself."""
    for kind, codes in (
        (FaultClass.OPERATOR, known.operator),
        (FaultClass.PERMANENT, known.permanent),
        (FaultClass.TRANSIENT, known.transient),
    ):
        if codes & set(fault.codes):
            return kind
    if not fault.codes and says(fault.sentence, known.refusals):
        return FaultClass.PERMANENT
    return FaultClass.UNCLEAR


def _error(fault: Node) -> Node | None:
    # By what it holds and not by its name or place: both differ between gateways.
    details = fault.only("detail")
    inside = islice(chain([details], details.descendants()), MOST_ELEMENTS) if details else ()
    return next((one for one in inside if next(one.children("errorCode"), None)), None)


def _codes(error: Node | None) -> Iterator[str]:
    for _ in range(MOST_ERRORS):
        if error is None:
            return
        code = error.text("errorCode")
        if code is not None:
            yield code if _CODE.fullmatch(code) else "?"
        error = next(error.children("subError"), None)
