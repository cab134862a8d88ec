"""Rules of the NHIS events that span fields. Pure; they read the raw data and yield its problems."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from contracts import bulgarian_identifiers
from contracts.bulgarian_person import agreement_rules, number_rules
from contracts.problems import problem
from contracts.raw_data import day, node, part, text, whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from contracts.problems import Problem

_EARLIEST_BIRTH_YEAR = 1800
_REGIONS = range(1, 29)
_DEPUTISING = frozenset({"deputy", "hired"})
# A pack whose expiry lies further from the dose than this is a mistyped year. An expired pack is not: it was
# given, and has to be registered.
_EXPIRY_YEARS = 10
_PREVIOUS = ("immunization", "externalPrevious")


class Rule(StrEnum):
    """The name of a rule; each problem of an event carries one. In brackets: the rule of NHIS that it anticipates."""

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
    # A query says what it looks for in exactly one way; in a search, NRN, patient and dates are one way (document 3.2).
    ONE_WAY = "one-way"
    DATES_WITH_PATIENT = "dates-with-patient"


def register_rules(data: object, today: date) -> Iterator[Problem]:
    """Check all that spans fields of `nhis.immunization.register.v1`."""
    patient, dose = part(data, "patient"), part(data, "immunization")
    previous = part(dose, "externalPrevious")
    born, given, before = day(patient, "birthDate"), day(dose, "occurrence"), day(previous, "occurrence")
    yield from number_rules(data)
    yield from agreement_rules(data)
    yield from _birth_rules(born, today)
    yield from _address_rules(part(patient, "address"))
    yield from _performer_rules(part(data, "performer"))
    yield from _occurrence_rules(given, born, today, "immunization", "occurrence")
    yield from _occurrence_rules(before, born, today, *_PREVIOUS, "occurrence")
    yield from _previous_rules(dose, given, before)
    yield from _later_dates(dose, given)
    yield from _series_rules(dose)


def _occurrence_rules(given: date | None, born: date | None, today: date, *path: str) -> Iterator[Problem]:
    if given and given > today:
        yield problem(Rule.NOT_IN_FUTURE, "Correct the date: it lies ahead.", *path)
    if given and born and given < born:
        yield problem(Rule.NOT_BEFORE_BIRTH, "Correct the date: it lies before the patient's birth.", *path)


def _previous_rules(dose: Mapping[str, object], given: date | None, before: date | None) -> Iterator[Problem]:
    flagged = "immunization", "previousIsExternal"
    detailed, flag = dose.get("externalPrevious") is not None, dose.get("previousIsExternal")
    if dose.get("previousNrn") is not None and (detailed or flag is True):
        message = "Give either previousNrn or an external dose: the previous dose is one or the other."
        yield problem(Rule.ONE_PREVIOUS, message, *(_PREVIOUS if detailed else flagged))
    elif detailed and flag is False:
        message = "Correct it: externalPrevious describes an external dose."
        yield problem(Rule.ONE_PREVIOUS, message, *flagged)
    if given and before and before > given:
        message = "Correct the date: the previous dose lies after this one."
        yield problem(Rule.DATE_ORDER, message, *_PREVIOUS, "occurrence")


def _later_dates(dose: Mapping[str, object], given: date | None) -> Iterator[Problem]:
    if given is None:
        return
    following, expiry = day(dose, "nextDoseDate"), day(dose, "expirationDate")
    if following and following <= given:
        message = "Correct the date: the next dose comes after this one."
        yield problem(Rule.DATE_ORDER, message, "immunization", "nextDoseDate")
    if expiry and abs(expiry.year - given.year) > _EXPIRY_YEARS:
        message = f"Correct the year: it is more than {_EXPIRY_YEARS} years from the occurrence."
        yield problem(Rule.PLAUSIBLE_DATE, message, "immunization", "expirationDate")


def _series_rules(dose: Mapping[str, object]) -> Iterator[Problem]:
    number, doses = whole(dose, "doseNumber"), whole(dose, "seriesDoses")
    if number is not None and doses is not None and number > doses:
        message = "Correct doseNumber or seriesDoses: the series has fewer doses."
        yield problem(Rule.DOSE_IN_SERIES, message, "immunization", "doseNumber")


def search_rules(data: object, today: date) -> Iterator[Problem]:
    """Check that a search goes by LRN, or by NRN, patient and dates (document 3.2), and its dates."""
    yield from _search_way(data)
    yield from number_rules(data)
    yield from _search_dates(data)
    yield from _not_ahead(data, today, "fromDate")
    yield from _in_order(data, ("fromDate",), ("toDate",))


def certificate_rules(data: object, today: date) -> Iterator[Problem]:  # noqa: ARG001 - all rules have one form
    """Check that a certificate is asked for in exactly one way."""
    yield from _one_way(data, "nrn", "certificateNumber", "patient")
    yield from number_rules(data)


def reaction_rules(data: object, today: date) -> Iterator[Problem]:
    """Check the dates of an adverse reaction."""
    yield from _not_ahead(data, today, "reaction", "startDate")
    yield from _not_ahead(data, today, "reaction", "endDate")
    yield from _in_order(data, ("reaction", "startDate"), ("reaction", "endDate"))


def cancel_rules(data: object, today: date) -> Iterator[Problem]:  # noqa: ARG001 - all rules have one form
    """Check nothing: the two fields of a cancellation are independent."""
    yield from ()


def _performer_rules(performer: Mapping[str, object]) -> Iterator[Problem]:
    """Check role and deputy (CDX05) and the practice's region (RL005)."""
    role, deputy = text(performer, "role"), performer.get("deputyUin")
    path = ("performer", "deputyUin")
    if role in _DEPUTISING and deputy is None:
        yield problem(Rule.DEPUTY, "Give the UIN of the deputy or hired doctor: the role asks for it.", *path)
    if role == "titular" and deputy is not None:
        yield problem(Rule.DEPUTY, "Leave it out, or correct the role: a titular has no deputy.", *path)
    practice = text(performer, "practiceNumber")
    if practice and bulgarian_identifiers.is_ten_digits(practice) and int(practice[:2]) not in _REGIONS:
        message = "Correct the number: its first two digits are a region from 01 to 28."
        yield problem(Rule.PRACTICE_REGION, message, "performer", "practiceNumber")


def _birth_rules(born: date | None, today: date) -> Iterator[Problem]:
    if born and born > today:
        yield problem(Rule.NOT_IN_FUTURE, "Correct the date: it lies ahead.", "patient", "birthDate")
    if born and born.year < _EARLIEST_BIRTH_YEAR:
        message = "Correct the date: years before 1800 are taken for mistakes."
        yield problem(Rule.PLAUSIBLE_DATE, message, "patient", "birthDate")


def _address_rules(address: Mapping[str, object]) -> Iterator[Problem]:
    country = text(address, "country")
    if country is None:
        return
    for field in ("county", "ekatte"):
        given = address.get(field) is not None
        path = ("patient", "address", field)
        if country == "BG" and not given:
            message = "Give it: an address in Bulgaria needs county and EKATTE."
            yield problem(Rule.ADDRESS_BG, message, *path)
        if country != "BG" and given:
            message = "Leave it out: only an address in Bulgaria has county and EKATTE."
            yield problem(Rule.ADDRESS_ABROAD, message, *path)


def _one_way(data: object, *ways: str) -> Iterator[Problem]:
    given = [way for way in ways if node(data, way) is not None]
    if isinstance(data, dict) and len(given) != 1:
        yield problem(Rule.ONE_WAY, f"Give exactly one of {', '.join(ways)}.")


def _search_way(data: object) -> Iterator[Problem]:
    by_lrn = node(data, "lrn") is not None
    by_others = any(node(data, way) is not None for way in ("nrn", "patient"))
    if isinstance(data, dict) and by_lrn == by_others:
        yield problem(Rule.ONE_WAY, "Give nrn, patient or both; or lrn alone.")


def _search_dates(data: object) -> Iterator[Problem]:
    first, last = (node(data, field) is not None for field in ("fromDate", "toDate"))
    by_nrn, by_patient = (node(data, way) is not None for way in ("nrn", "patient"))
    if not first and ((by_patient and not by_nrn) or (by_nrn and last)):
        message = "Give the first day: a search by patient needs it, and so does a last day."
        yield problem(Rule.DATES_WITH_PATIENT, message, "fromDate")
    for field, is_given in (("fromDate", first), ("toDate", last)):
        if is_given and not (by_nrn or by_patient):
            message = "Leave it out: dates belong to a search by patient or NRN."
            yield problem(Rule.DATES_WITH_PATIENT, message, field)


def _not_ahead(data: object, today: date, *path: str) -> Iterator[Problem]:
    given = day(data, *path)
    if given and given > today:
        yield problem(Rule.NOT_IN_FUTURE, "Correct the date: it lies ahead.", *path)


def _in_order(data: object, first: tuple[str, ...], last: tuple[str, ...]) -> Iterator[Problem]:
    start, end = day(data, *first), day(data, *last)
    if start and end and end < start:
        message = f"Correct the date: it lies before {first[-1]}."
        yield problem(Rule.DATE_ORDER, message, *last)
