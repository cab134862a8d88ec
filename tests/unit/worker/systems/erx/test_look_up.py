"""What a look-up settles: only what is shown, and shown as it was sent, counts as success."""

from __future__ import annotations

import copy

import pytest
from tests.support.contract_events import submission
from tests.support.erx_answers import user

from herald.contracts.reasons import Reason
from herald.contracts.registry import EVENT_TYPES
from herald.worker.outcome import Accepted, NotArrived, Rejected, Retry, StatedError, Unknown
from herald.worker.systems.erx import answers
from herald.worker.systems.erx.look_up import covers, settle

ISSUE, REGISTER = "erx.prescription.issue.v1", "erx.user.register.v1"
REFUSED = Rejected((StatedError(type=None, reason="Грешно"),))
LOST = Unknown(Reason.ANSWER_TIMEOUT, "no answer")


@pytest.fixture
def shown(document_answer):
    """The lines as the register holds them (T2), with the number and version that a search shows."""
    resources = [one["Resource"] for one in document_answer["Result"]["T2"]["Entry"][:2]]
    return [{**one, "id": str(68 + at), "meta": {"versionId": "2"}} for at, one in enumerate(resources)]


@pytest.fixture
def decide(document_event, settings):
    def decide(found, results):
        data = submission(ISSUE, document_event).data
        return settle(data, settings, found, Accepted({"found": len(results), "results": results}))

    return decide


@pytest.mark.parametrize("found", [REFUSED, LOST])
def test_what_is_shown_as_it_was_sent_is_there(decide, shown, found):
    outcome = decide(found, shown[::-1])
    assert outcome.data == {
        "lines": [
            {"internalId": "1000007543", "location": "MedicationRequest/68", "version": "2"},
            {"internalId": "1000007544", "location": "MedicationRequest/69", "version": "2"},
        ],
        "barcodes": ["ERX1592920883N00360A"],
        "prescriptionId": "159292088300360",
        "offlineBarcodes": [],
        "alreadyIssued": True,
    }
    EVENT_TYPES[ISSUE].result.model_validate(dict(outcome.data), by_alias=True, by_name=False)


def test_of_several_resources_one_that_is_ours_is_enough(decide, shown):
    strangers = [{"resourceType": "MedicationRequest", "id": "1"}, *shown]
    assert isinstance(decide(LOST, strangers), Accepted)


def test_what_is_not_shown_did_not_arrive(decide):
    assert decide(LOST, []) == NotArrived(
        Reason.ANSWER_TIMEOUT, "the register does not show the prescription"
    )
    assert decide(REFUSED, []) is REFUSED


@pytest.mark.parametrize(
    "spoil",
    [
        lambda lines: lines.pop(),
        lambda lines: lines[0]["dispenseRequest"]["quantity"].update(value=3),
        lambda lines: lines[0]["medicationCodeableConcept"]["coding"][0].update(code="RF035"),
        lambda lines: lines[1].pop("reasonCode"),
        lambda lines: lines[1]["substitution"].update(allowedBoolean=1),
    ],
    ids=["a line less", "another quantity", "another medication", "no diagnosis", "1 for true"],
)
@pytest.mark.parametrize("found", [REFUSED, LOST])
def test_an_older_or_another_content_is_for_a_person(decide, shown, spoil, found):
    lines = copy.deepcopy(shown)
    spoil(lines)
    outcome = decide(found, lines)
    assert (type(outcome), outcome.reason) == (Unknown, Reason.OUTCOME_UNKNOWN)


@pytest.mark.parametrize("found", [REFUSED, LOST])
def test_a_refused_look_up_says_nothing(settings, found):
    data = submission(ISSUE).data
    outcome = settle(data, settings, found, Rejected(()))
    assert (type(outcome), outcome.reason) == (Unknown, Reason.OUTCOME_UNKNOWN)
    again = Retry(Reason.UNAVAILABLE, "away")
    assert settle(data, settings, found, again) is again


def test_a_user_who_can_log_in_and_is_shown_was_registered(settings):
    data = submission(REGISTER).data
    outcome = settle(data, settings, REFUSED, Accepted(answers.user(user())))
    assert outcome.data["alreadyRegistered"] is True
    assert outcome.data["id"] == "88"


@pytest.mark.parametrize(
    "changes", [{"Username": "other"}, {"Email": "other@hospital.example"}, {"Email": None}]
)
def test_another_record_is_for_a_person(settings, changes):
    data = submission(REGISTER).data
    outcome = settle(data, settings, REFUSED, Accepted(answers.user(user(**changes))))
    assert (type(outcome), outcome.reason) == (Unknown, Reason.OUTCOME_UNKNOWN)


@pytest.mark.parametrize(
    ("theirs", "mine", "same"),
    [
        ({"A-b": 1, "c": 2}, {"ab": 1}, True),
        ({"ab": 1.0}, {"ab": 1}, True),
        ({"ab": True}, {"ab": 1}, False),
        ({"ab": "1"}, {"ab": 1}, False),
        ([1, 2], [2], True),
        ([1], [1, 2], False),
        (None, {}, True),
        (None, [], False),
        ({}, {"ab": 1}, False),
    ],
)
def test_covers(theirs, mine, same):
    assert covers(theirs, mine) == same
