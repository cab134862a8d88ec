"""The names of the rules that span fields; each problem of an event carries one."""

from __future__ import annotations

from enum import StrEnum


class Rule(StrEnum):
    """A rule between fields."""

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
