"""What a look-up asks, and what its answer settles."""

from __future__ import annotations

import copy
from datetime import date, time
from zoneinfo import ZoneInfo

import pytest

from contracts.reasons import Reason
from tests.support.contract_events import submission
from tests.support.systems.nhis.answers import LRN, NRN
from worker.outcome import Accepted, AlreadyExists, Blocked, NotArrived, Rejected, Retry, StatedError, Unknown
from worker.systems.nhis import lookup
from worker.systems.nhis.dates import Day, Days

ERRORS = (StatedError(type="E002", reason="Вече има подадена имунизация " + NRN),)
EXISTS = AlreadyExists(ERRORS, NRN)
EXISTS_SOMEWHERE = AlreadyExists(ERRORS, None)
LOST = Unknown(Reason.ANSWER_TIMEOUT, "no answer came")
NOT_SHOWN = "NHIS does not show it"
REFUSED = Rejected((StatedError(type="E002", reason="Приключен курс"),))
REGISTER = "nhis.immunization.register.v1"
CANCEL = "nhis.immunization.cancel.v1"
REACTION = "nhis.adverse-reaction.register.v1"
ZONE = ZoneInfo("Europe/Sofia")
DAYS = Days(ZONE, time(0, 0))


@pytest.fixture
def sent(example):
    return submission(REGISTER, example).data


@pytest.fixture
def entry(example):
    """The example as NHIS shows it once it is registered."""
    immunization = example["immunization"] | {"nrn": NRN, "status": "1", "lrn": LRN}
    return {"immunization": immunization, "patient": example["patient"], "performer": example["performer"]}


def settle(data, found, *entries):
    return lookup.settle(data, LRN, found, Accepted({"found": len(entries), "results": list(entries)}), ZONE)


def changed(entry, path, value):
    """Return the entry with another value at the path, or without one for None."""
    other = copy.deepcopy(entry)
    block, name = path.split(".")
    other[block].pop(name, None)
    if value is not None:
        other[block][name] = value
    return other


def test_the_nrn_that_nhis_named_is_asked_for(sent):
    assert lookup.query(sent, LRN, EXISTS, "lrn", DAYS) == {"nrnImmunization": NRN}


@pytest.mark.parametrize("found", [EXISTS_SOMEWHERE, REFUSED])
def test_without_one_the_lrn_is(sent, found):
    assert lookup.query(sent, LRN, found, "lrn", DAYS) == {"lrn": LRN}


def test_or_the_patient_and_the_day_where_the_setting_says_so(sent):
    assert lookup.query(sent, LRN, REFUSED, "patient", DAYS) == {
        "identifierType": "1",
        "identifier": "7223154154",
        "fromDate": Day(date(2025, 3, 14), time(0, 0), ZONE),
        "toDate": Day(date(2025, 3, 14), time(23, 59, 59), ZONE),
    }


def test_a_cancellation_is_looked_up_by_its_nrn():
    data = submission(CANCEL).data
    assert lookup.query(data, LRN, REFUSED, "lrn", DAYS) == {"nrnImmunization": data.nrn}


@pytest.mark.parametrize("name", ["immunization.search", "certificate.fetch"])
def test_other_operations_have_no_look_up(name):
    assert lookup.query(submission(f"nhis.{name}.v1").data, LRN, REFUSED, "lrn", DAYS) is None


def test_a_reaction_is_looked_up_by_its_immunizations_nrn_where_nhis_shows_reactions():
    data = submission(REACTION).data
    assert lookup.query(data, "", LOST, "patient", DAYS) == {"nrnImmunization": data.nrn}


SENT_REACTION = {"startDate": "2025-03-15", "action": "2", "description": "Висока температура"}


def reaction_of(**changes):
    data = submission(REACTION).data
    changed = {**SENT_REACTION, **changes}
    return data.model_copy(update={"reaction": type(data.reaction).model_validate(changed)})


@pytest.mark.parametrize(
    ("shown", "accepted"),
    [
        ([SENT_REACTION], True),
        ([{**SENT_REACTION, "startDate": "2025-03-15T00:00:00Z"}], True),
        ([{"startDate": "2025-03-15", "description": " Висока  температура"}], True),
        ([{**SENT_REACTION, "outcome": "1"}], True),
        ([{**SENT_REACTION, "startDate": "2025-03-16"}, SENT_REACTION], True),
        ([{**SENT_REACTION, "action": "1"}], False),
        ([{**SENT_REACTION, "startDate": "2025-03-16"}], False),
        ([{"startDate": "2025-03-15"}], False),
        ([{"description": "Висока температура"}], False),
        ([], False),
    ],
)
def test_a_reaction_counts_where_nhis_shows_it_as_it_was_sent(shown, accepted):
    data = reaction_of()
    entry = {"immunization": {"nrn": data.nrn, "status": "1"}, "reactions": shown}
    there = Accepted({"nrn": data.nrn, "alreadyRegistered": True})
    assert settle(data, LOST, entry) == (there if accepted else NotArrived(LOST.reason, NOT_SHOWN))
    other = {**entry, "immunization": {"nrn": "25073B00Q1X4"}}
    assert settle(data, LOST, other) == NotArrived(LOST.reason, NOT_SHOWN)


def test_an_attempt_without_an_answer_is_settled_by_what_is_shown(sent, entry):
    assert isinstance(settle(sent, LOST, entry), Accepted)
    assert settle(sent, LOST) == NotArrived(LOST.reason, NOT_SHOWN)
    other = settle(sent, LOST, changed(entry, "immunization.lotNumber", "OTHER"))
    assert other == Unknown(Reason.OUTCOME_UNKNOWN, "NHIS shows it, but with other content")
    data = submission(CANCEL).data
    shown = {"immunization": {"nrn": data.nrn, "status": "1"}}
    assert settle(data, LOST, shown) == NotArrived(
        LOST.reason, "NHIS shows the immunization, and not as cancelled"
    )


def test_an_entry_without_a_lrn_is_ours_only_under_the_nrn_that_nhis_named(sent, entry):
    shown = changed(entry, "immunization.lrn", None)
    assert isinstance(settle(sent, EXISTS, shown), Accepted)
    assert isinstance(settle(sent, EXISTS, changed(shown, "immunization.nrn", "25073B00Q1X4")), Unknown)
    for found in (EXISTS_SOMEWHERE, REFUSED, LOST):
        outcome = settle(sent, found, shown)
        assert (type(outcome), outcome.reason) == (Unknown, Reason.OUTCOME_UNKNOWN)
        different = settle(sent, REFUSED, changed(shown, "immunization.lotNumber", "OTHER"))
        assert different == REFUSED


@pytest.mark.parametrize("found", [EXISTS, REFUSED, LOST])
def test_a_part_of_what_was_found_shows_nothing_to_be_absent(sent, entry, found):
    part = Accepted({"found": 12, "results": [changed(entry, "immunization.lrn", "other")]})
    outcome = lookup.settle(sent, LRN, found, part, ZONE)
    assert outcome == Unknown(Reason.OUTCOME_UNKNOWN, "NHIS shows only a part of what it found")
    whole = Accepted({"found": 12, "results": [entry]})
    assert isinstance(lookup.settle(sent, LRN, found, whole, ZONE), Accepted)


@pytest.mark.parametrize("found", [EXISTS, EXISTS_SOMEWHERE, REFUSED])
def test_found_and_equal_is_success(sent, entry, found):
    assert settle(sent, found, entry) == Accepted(
        {"nrn": NRN, "lrn": LRN, "status": "1", "alreadyRegistered": True}
    )


def test_the_certificate_number_comes_along(sent, entry):
    outcome = settle(sent, EXISTS, changed(entry, "immunization.certificateNumber", "BG1"))
    assert outcome.data["certificateNumber"] == "BG1"


def test_an_occurrence_with_a_time_is_the_same_day(sent, entry):
    shown = changed(entry, "immunization.occurrence", "2025-03-14T00:00:00Z")
    assert isinstance(settle(sent, EXISTS, shown), Accepted)


@pytest.mark.parametrize("path", ["immunization.doseNumber", "immunization.lotNumber"])
def test_dose_and_lot_count_only_where_shown(sent, entry, path):
    assert isinstance(settle(sent, EXISTS, changed(entry, path, None)), Accepted)


DIFFERENT = [
    ("patient.identifier", "7223154155"),
    ("patient.identifierType", "lnch"),
    ("immunization.vaccineCode", "17"),
    ("immunization.occurrence", "2025-03-15"),
    ("immunization.doseNumber", 2),
    ("immunization.lotNumber", "OTHER"),
    ("immunization.status", "2"),
]


@pytest.mark.parametrize(("path", "value"), DIFFERENT)
def test_found_but_different_is_what_nhis_said(sent, entry, path, value):
    other = changed(entry, path, value)
    assert settle(sent, EXISTS, other) == Rejected(ERRORS)
    assert settle(sent, REFUSED, other) == REFUSED


@pytest.mark.parametrize(
    "path",
    [
        "patient.identifier",
        "immunization.vaccineCode",
        "immunization.occurrence",
        "immunization.status",
        "immunization.nrn",
    ],
)
def test_what_is_not_shown_confirms_nothing(sent, entry, path):
    for found in (EXISTS, REFUSED):
        outcome = settle(sent, found, changed(entry, path, None))
        assert isinstance(outcome, Unknown)
        assert outcome.reason == Reason.OUTCOME_UNKNOWN


def test_another_lrn_under_the_named_nrn_is_different(sent, entry):
    other = changed(entry, "immunization.lrn", "other")
    assert settle(sent, EXISTS, other) == Rejected(ERRORS)
    # Asked by LRN or by patient, other immunizations are simply not ours.
    assert isinstance(settle(sent, EXISTS_SOMEWHERE, other), Unknown)
    assert settle(sent, REFUSED, other) == REFUSED


def test_ours_is_found_among_others(sent, entry):
    others = [changed(entry, "immunization.lrn", "other"), changed(entry, "immunization.lotNumber", "OTHER")]
    assert isinstance(settle(sent, EXISTS_SOMEWHERE, *others, entry), Accepted)


def test_said_to_exist_but_not_shown_is_unknown(sent):
    outcome = settle(sent, EXISTS)
    assert isinstance(outcome, Unknown)
    assert outcome.reason == Reason.OUTCOME_UNKNOWN


def test_certainly_not_found_lets_the_rejection_stand(sent):
    assert settle(sent, REFUSED) == REFUSED


TROUBLE = [
    Retry(Reason.TOKEN_REFUSED, "401", 0, reauthorize=True),
    Unknown(Reason.SERVER_ERROR, "500"),
    Blocked(Reason.ACCESS_DENIED, "403"),
]


@pytest.mark.parametrize("trouble", TROUBLE)
def test_trouble_with_the_look_up_is_the_engines(sent, trouble):
    assert lookup.settle(sent, LRN, EXISTS, trouble, ZONE) == trouble


@pytest.mark.parametrize("found", [EXISTS, REFUSED])
def test_a_refused_look_up_settles_nothing(sent, found):
    outcome = lookup.settle(sent, LRN, found, Rejected((StatedError(type="E003"),)), ZONE)
    assert isinstance(outcome, Unknown)
    assert outcome.reason == Reason.OUTCOME_UNKNOWN


@pytest.mark.parametrize(
    ("status", "found", "expected"),
    [
        ("2", EXISTS, Accepted({"nrn": "25073B00Q1X3", "status": "2", "alreadyCancelled": True})),
        ("2", REFUSED, Accepted({"nrn": "25073B00Q1X3", "status": "2", "alreadyCancelled": True})),
        ("1", EXISTS, Rejected(ERRORS)),
        ("1", REFUSED, REFUSED),
    ],
)
def test_a_cancellation_is_settled_by_the_status(status, found, expected):
    entry = {"immunization": {"nrn": "25073B00Q1X3", "status": status}}
    assert settle(submission(CANCEL).data, found, entry) == expected


@pytest.mark.parametrize(
    ("entries", "found", "kind"),
    [
        ([], EXISTS, Unknown),
        ([], REFUSED, Rejected),
        ([{"immunization": {"nrn": "25073B00Q1X3"}}], REFUSED, Unknown),
        ([{"immunization": {"nrn": NRN, "status": "2"}}], REFUSED, Rejected),
        ([{}], EXISTS, Unknown),
    ],
)
def test_a_cancellation_that_is_not_shown(entries, found, kind):
    assert isinstance(settle(submission(CANCEL).data, found, *entries), kind)


MIDNIGHT = "2025-03-13T22:00:00Z"  # the first moment of the 14th in Sofia


@pytest.mark.parametrize("shown", [MIDNIGHT, "2025-03-14T00:00:00+02:00", "2025-03-14+02:00", "2025-03-14"])
def test_a_moment_is_of_the_day_that_it_is_in_the_zone_of_nhis(sent, entry, shown):
    outcome = settle(sent, EXISTS, changed(entry, "immunization.occurrence", shown))
    assert isinstance(outcome, Accepted)


@pytest.mark.parametrize("shown", ["2025-03-13", "2025-03-13T12:00:00+02:00", "2025-03-14T22:00:00Z"])
def test_a_moment_of_another_day_is_something_else(sent, entry, shown):
    assert settle(sent, EXISTS, changed(entry, "immunization.occurrence", shown)) == Rejected(ERRORS)


@pytest.mark.parametrize("number", ["250315R00001", None])
def test_a_reaction_that_is_shown_gives_its_number(number):
    event = submission(REACTION)
    shown = {
        **event.data.model_dump(mode="json", by_alias=True, exclude_none=True)["reaction"],
        "startDate": "2025-03-14T22:00:00Z",
    } | ({"number": number} if number else {})
    entry = {"immunization": {"nrn": event.data.nrn}, "reactions": [shown]}
    expected = {"nrn": event.data.nrn, "alreadyRegistered": True}
    assert settle(event.data, LOST, entry) == Accepted(
        expected | ({"reactionNumber": number} if number else {})
    )
