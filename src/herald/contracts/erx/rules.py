"""The names of the rules that span fields; each problem of an event carries one."""

from __future__ import annotations

from enum import StrEnum

from herald.contracts.problems import Problem


class Rule(StrEnum):
    """A rule between fields."""

    EGN_FORM = "egn-form"
    EGN_CHECK_DIGIT = "egn-check-digit"
    EGN_BIRTH_DATE = "egn-birth-date"
    EGN_GENDER = "egn-gender"
    LNCH_FORM = "lnch-form"
    LNCH_CHECK_DIGIT = "lnch-check-digit"
    # Nothing that was written lies ahead; "today" is the day in Sofia.
    NOT_IN_FUTURE = "not-in-future"
    DATE_ORDER = "date-order"
    # Two lines with one internal id would be one line in the register.
    DISTINCT_LINES = "distinct-lines"
    # Two lines cannot stand on one row of the form.
    DISTINCT_PARTS = "distinct-parts"
    # What the NHIF pays for has a code of its positive list (the newer text).
    NHIF_MEDICATION = "nhif-medication"
    # A search says what it looks for.
    SOME_WAY = "some-way"


def problem(rule: Rule, message: str, *path: str) -> Problem:
    """Make the problem of one field of the event's data; a name in brackets is an index."""
    return Problem(path=".".join(("$.data", *path)).replace(".[", "["), rule=rule.value, message=message)
