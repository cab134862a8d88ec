"""Settings that say how an answer is read, in the same form for every system. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Self, TypeAlias

from pydantic import Field, model_validator

from contracts.reasons import Reason
from worker.outcome import Blocked
from worker.setting_types import SettingsModel, must_be
from worker.systems.http_outcome import TURNED_AWAY
from worker.systems.lookalikes import latin, rule_pattern
from worker.systems.stated import says

if TYPE_CHECKING:
    from collections.abc import Iterable

    from worker.outcome import StatedError

NotProcessedStatuses: TypeAlias = frozenset[Annotated[int, Field(ge=400, le=599)]]
"""HTTP statuses by which a message is refused before it is processed."""
NOT_PROCESSED: NotProcessedStatuses = frozenset(TURNED_AWAY)

ErrorType = Annotated[
    str, must_be(r"[^\s](.{0,98}[^\s])?", "1 to 100 characters, without spaces around them")
]
RuleNumber = Annotated[
    str, must_be(r"[A-Z]{1,10}[0-9]{1,10}", "capital letters and digits, as in RL029, in quotation marks")
]


class OperatorError(SettingsModel):
    """An error of a system that only an operator can remove. All that is given must fit; at least one must be given."""

    type: ErrorType | None = None
    """The error's full class: NHIS's `type` (E003), the register's `Key`, SHEP's status code, NHIF's HTTP status.
    Cyrillic letters that look like Latin ones count as these."""
    rule: RuleNumber | None = None
    """The number of the rule, as a word in any part of the error, also the blamed field (RL029, also as `rl 029`, and
    with Cyrillic letters)."""
    says: re.Pattern[str] | None = None
    """A pattern that Herald searches for in the error's reason and descriptions."""

    @model_validator(mode="after")
    def _names_something(self) -> Self:
        if self.type is None and self.rule is None and self.says is None:
            raise ValueError("at least one of type, rule and says must be given")
        return self

    def fits(self, error: StatedError) -> bool:
        """Return whether the error is of this kind."""
        texts = (error.type, error.reason, *error.description)
        everywhere = (*texts, error.faulty_attribute, error.id)
        if self.type is not None and latin(self.type) != latin((error.type or "").strip()):
            return False
        if self.rule is not None and not _names_rule(self.rule, everywhere):
            return False
        return self.says is None or any(says(text, [self.says]) for text in texts[1:])


def blocked_by(
    errors: tuple[StatedError, ...], table: Iterable[OperatorError], *, system: str, signed_by: str = ""
) -> Blocked | None:
    """Return that an operator must act, where one of a refusal's errors is in the table; else None.

    One is enough: what the system says beside it of a message that, say, the wrong person signed is no last word.
    ``signed_by`` names the signer in plain words.
    """
    for row in table:
        if any(row.fits(one) for one in errors):
            # What the answer itself says may name a patient: it reaches the reply, and no sentence of ours.
            named = " ".join(part for part in (row.type, row.rule) if part) or "its sentence is in the answer"
            signed = f"; it was signed by {signed_by}" if signed_by else ""
            detail = f"{system} refused it for a reason that only an operator can remove ({named}){signed}"
            return Blocked(Reason.ACCESS_DENIED, detail, errors)
    return None


def _names_rule(rule: str, texts: Iterable[str | None]) -> bool:
    """Search whole texts: the pattern is our own, and takes linear time."""
    word = rule_pattern(rule)
    return any(word.search(text) for text in texts if text)
