"""A passive registration that is in doubt: which refusal says that it is there, and what the profiles show. Pure.

The public server refuses a number that an active person's profile has. Its list of profiles shows which they are.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from contracts.reasons import Reason
from worker.outcome import Accepted, AlreadyExists, Outcome, Rejected, Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

_DUPLICATE = re.compile(r"(?i)can ?not duplicate individuals")
_PERSONS = 1
"""The target group of persons (confirmed by a public client)."""


def with_existing(outcome: Outcome) -> Outcome:
    """Return what a refused registration means: one that names nothing but the duplicate is confirmed by a look-up."""
    if isinstance(outcome, Rejected) and all(_DUPLICATE.search(one.reason or "") for one in outcome.errors):
        return AlreadyExists(outcome.errors)
    return outcome


def settle(found: Outcome, shown: Outcome) -> Outcome:
    """Decide by the profiles of the number."""
    if isinstance(shown, Rejected):
        return _undecided("the system refused the look-up, so nothing is confirmed")
    if not isinstance(shown, Accepted):
        return shown
    persons = [one for one in shown.data["profiles"] if one.get("targetGroupId") == _PERSONS]
    if len(persons) == 1:
        return _existing(persons[0])
    if persons:
        return _undecided("the system shows several persons' profiles with this number")
    if isinstance(found, AlreadyExists):
        return _undecided("the system says that the person has a profile, and shows none")
    return _undecided("the system shows no profile of the person")


def _existing(profile: Mapping[str, Any]) -> Accepted:
    found = profile["profileId"]
    return Accepted({"profileId": found, "alreadyExists": True}, reference=str(found))


def _undecided(detail: str) -> Unknown:
    return Unknown(Reason.OUTCOME_UNKNOWN, detail)
