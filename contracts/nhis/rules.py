"""The names of the rules that span fields; each problem of an event carries one."""

from __future__ import annotations

from enum import StrEnum


class Rule(StrEnum):
    """A rule between fields. In brackets: the rule of NHIS it anticipates, where there is one."""

    # County and EKATTE are for Bulgarian addresses, and only for them (CDX04).
    ADDRESS_BG = "address-bg"
    ADDRESS_ABROAD = "address-abroad"
    # A deputy or hired performer gives their own UIN beside the titular's; a titular gives none (CDX05).
    DEPUTY = "deputy"
    # The first two digits of a practice number are a region, 01 to 28 (RL005).
    PRACTICE_REGION = "practice-region"
    # Nothing that is reported lies ahead; "today" is the day in Sofia.
    NOT_IN_FUTURE = "not-in-future"
    NOT_BEFORE_BIRTH = "not-before-birth"
    PLAUSIBLE_DATE = "plausible-date"
    DATE_ORDER = "date-order"
    # A previous dose is either in NHIS or outside it.
    ONE_PREVIOUS = "one-previous"
    DOSE_IN_SERIES = "dose-in-series"
    # A query says what it looks for in exactly one way (CDX10).
    ONE_WAY = "one-way"
    DATES_WITH_PATIENT = "dates-with-patient"
