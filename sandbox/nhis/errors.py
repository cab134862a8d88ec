"""NHIS's refusals: the errors of an I099, and their HTTP status."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

GENERAL = "E001"
INVALID_ATTRIBUTE = "E002"
NOT_AUTHORIZED = "E003"


@dataclass(frozen=True, slots=True)
class StatedError:
    """One `error` of an I099 (X099's structure): type of CL999, sentence, rule, and the element at fault."""

    type: str
    reason: str
    description: str | None = None
    faulty_attribute: str | None = None


@dataclass(frozen=True, slots=True)
class StatedWarning:
    """One `warnings` of an answer that accepts: code of CL998, sentence, who warns, and the document it is about."""

    code: str
    description: str
    source: str = "НЗИС"
    nrn: str | None = None


def invalid(attribute: str, reason: str, rule: str | None = None) -> StatedError:
    """Return an E002, which must name the element at fault (SPEC CDX07)."""
    return StatedError(INVALID_ATTRIBUTE, reason, rule, attribute)


class Refused(Exception):
    """NHIS refuses the request and does none of it; carries every error that was found."""

    def __init__(self, errors: Sequence[StatedError], status: int = 400) -> None:
        super().__init__(", ".join(error.type for error in errors))
        self.errors = tuple(errors)
        self.status = status


class Unauthorized(Exception):
    """No valid token: the gateway answers 401 with a page of HTML before NHIS sees the request."""
