"""What a look-up settles: only what is shown, and shown as it was sent, counts as success."""

from __future__ import annotations

import copy

import pytest

from contracts.reasons import Reason
from contracts.registry import EVENT_TYPES
from tests.support.contract_events import submission
from tests.support.systems.erx.answers import user
from worker.outcome import Accepted, AlreadyExists, NotArrived, Rejected, Retry, StatedError, Unknown
from worker.systems.erx import response
from worker.systems.erx.lookup import prescription_address, settle

ISSUE, REGISTER = "erx.prescription.issue.v1", "erx.user.register.v1"
REFUSED = Rejected((StatedError(type=None, reason="Грешно"),))
LOST = Unknown(Reason.ANSWER_TIMEOUT, "no answer")
DOCTOR = {"niset2", "360"}
NS = "http://erx.e-health.bg/ns/"
STRANGER = {
    "resourceType": "MedicationRequest",
    "id": "1",
    "identifier": [{"system": NS + "internal", "value": "9"}],
}


@pytest.fixture
def shown(document_answer):
    """The lines as the register holds them (T2), with the number and version that a search shows."""
    resources = [one["Resource"] for one in document_answer["Result"]["T2"]["Entry"][:2]]
    return [{**one, "id": str(68 + at), "meta": {"versionId": "2"}} for at, one in enumerate(resources)]


@pytest.fixture
def decide(document_event, settings):
    def decide(found, results, total=None, settings=settings, user=DOCTOR):
        data = submission(ISSUE, document_event | {"seed": "3014"}).data
        stated = len(results) if total is None else total
        shown = Accepted({"found": len(results), "total": stated, "results": results})
        return settle(data, settings, found, shown, user=user)

    return decide


@pytest.mark.parametrize("found", [REFUSED, LOST])
def test_what_is_shown_as_it_was_sent_is_there(decide, shown, found):
    outcome = decide(found, shown[::-1])
    assert outcome.data == {
        "lines": [
            {
                "internalId": "1000007543",
                "location": "MedicationRequest/68",
                "version": "2",
                "mrId": "ERX1592920883N00360A-0",
            },
            {
                "internalId": "1000007544",
                "location": "MedicationRequest/69",
                "version": "2",
                "mrId": "ERX1592920883N00360A-1",
            },
        ],
        "barcodes": ["ERX1592920883N00360A"],
        "prescriptionId": "159292088300360",
        "offlineBarcodes": [],
        "alreadyIssued": True,
    }
    EVENT_TYPES[ISSUE].result.model_validate(dict(outcome.data), by_alias=True, by_name=False)


def test_other_prescriptions_of_the_patient_do_not_matter(decide, shown):
    assert isinstance(decide(LOST, [STRANGER, *shown]), Accepted)


def test_what_is_not_shown_did_not_arrive(decide):
    assert decide(LOST, []) == NotArrived(
        Reason.ANSWER_TIMEOUT, "the register does not show the prescription"
    )
    assert decide(REFUSED, []) is REFUSED
    assert isinstance(decide(LOST, [STRANGER]), NotArrived)


def test_a_line_that_shows_no_internal_id_may_be_ours(decide):
    assert decide(LOST, [{"resourceType": "MedicationRequest", "id": "1"}]).reason == Reason.OUTCOME_UNKNOWN


@pytest.mark.parametrize("found", [REFUSED, LOST])
def test_a_part_of_what_was_found_does_not_show_that_ours_is_absent(decide, settings, found, document_event):
    assert decide(found, [STRANGER], total=2).reason == Reason.OUTCOME_UNKNOWN
    data = submission(ISSUE, document_event).data
    untold = Accepted({"found": 0, "results": []})
    assert settle(data, settings, found, untold).reason == Reason.OUTCOME_UNKNOWN


@pytest.fixture
def newer(settings):
    return settings.model_copy(update={"profile": "2020-09"})


@pytest.fixture
def seeded(shown):
    """The lines as the register of the newer text shows them: the seed and the letter are in them."""
    for line in shown:
        line["identifier"][0]["value"] = "3014"
        line["category"][0]["coding"][0]["code"] = "A"
    return shown


def test_with_a_seed_the_lines_are_distinguished_by_their_content(decide, seeded, newer):
    shown = seeded
    outcome = decide(LOST, shown[::-1], settings=newer)
    assert [line["location"] for line in outcome.data["lines"]] == [
        "MedicationRequest/68",
        "MedicationRequest/69",
    ]
    shown[0]["dispenseRequest"]["quantity"]["value"] = 9
    assert decide(LOST, shown, settings=newer).reason == Reason.OUTCOME_UNKNOWN
    assert isinstance(decide(LOST, [], settings=newer), NotArrived)


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


REDUCED = {
    "a line": lambda event: event["lines"].pop(),
    "the row": lambda event: event["lines"][0].pop("bookletPart"),
    "the diagnosis": lambda event: event["lines"][0].pop("diagnosis"),
    "the rate": lambda event: event["lines"][0]["dosage"].pop("rate"),
    "rate and dose": lambda event: [event["lines"][1]["dosage"].pop(name) for name in ("rate", "dose")],
    "the interval": lambda event: event["lines"][1]["dispense"].pop("interval"),
    "the supply": lambda event: event["lines"][1]["dispense"].pop("supplyDuration"),
    "the substitution": lambda event: event["lines"][0].pop("substitutionAllowed"),
}


@pytest.fixture(params=["2020-06", "2020-09"])
def decide_of(request, decide, shown):
    """Decide by the prescription as the register of one of the texts shows it."""
    if request.param == "2020-06":
        return lambda found: decide(found, shown)
    seeded, newer = request.getfixturevalue("seeded"), request.getfixturevalue("newer")
    return lambda found: decide(found, seeded, settings=newer)


@pytest.mark.parametrize("reduce", REDUCED.values(), ids=REDUCED)
def test_a_change_that_takes_something_away_is_not_confirmed_by_the_version_before_it(
    decide_of, document_event, reduce
):
    assert isinstance(decide_of(LOST), Accepted)
    reduce(document_event)
    assert {decide_of(found).reason for found in (REFUSED, LOST)} == {Reason.OUTCOME_UNKNOWN}


ADDED = {
    "a booklet": lambda line: line["identifier"].append({"system": NS + "booklet-id", "value": "1"}),
    "another internal id": lambda line: line["identifier"].append({"system": NS + "internal", "value": "1"}),
    "a medication": lambda line: line["medicationCodeableConcept"]["coding"].append({"code": "RF035"}),
    "a diagnosis": lambda line: line["reasonCode"].append({"coding": [{"code": "J30.2"}]}),
    "a dosage": lambda line: line["dosageInstruction"].append({"text": "вечер"}),
    "a row": lambda line: line["extension"].append({**line["extension"][0], "valueString": "B0"}),
    "a member twice": lambda line: line["substitution"].update(AllowedBoolean=False),
    "another category": lambda line: line["category"][0]["coding"][0].update(code="white"),
}


@pytest.mark.parametrize("add", ADDED.values(), ids=ADDED)
def test_what_was_not_sent_must_not_be_shown(decide, shown, add):
    add(shown[0])
    assert decide(LOST, shown).reason == Reason.OUTCOME_UNKNOWN


def test_what_the_register_alone_adds_does_not_matter(decide, shown):
    shown[0] |= {"text": {"status": "generated"}, "note": [], "priority": "routine", "reasonReference": None}
    shown[0]["dispenseRequest"] |= {"numberOfRepeatsAllowed": 0}
    assert isinstance(decide(LOST, shown), Accepted)


@pytest.mark.parametrize("mark", ["barcode-id", "prescription-id"])
def test_a_line_more_of_the_same_prescription_is_one_that_a_change_may_have_dropped(decide, shown, mark):
    (value,) = [one["value"] for one in shown[0]["identifier"] if one["system"] == NS + mark]
    more = STRANGER | {"identifier": [*STRANGER["identifier"], {"system": NS + mark, "value": value}]}
    assert decide(LOST, [*shown, more]).reason == Reason.OUTCOME_UNKNOWN


def test_a_second_prescription_of_the_seed_is_for_a_person(decide, seeded, newer):
    assert decide(LOST, [*seeded, *copy.deepcopy(seeded)], settings=newer).reason == Reason.OUTCOME_UNKNOWN


@pytest.mark.parametrize(
    ("user", "confirmed"), [({"NISET2"}, True), ({"dr-two", "61"}, False), (set(), False), ({""}, False)]
)
def test_another_users_prescription_is_not_ours(decide, seeded, newer, user, confirmed):
    assert isinstance(decide(LOST, seeded, settings=newer, user=user), Accepted) == confirmed


@pytest.mark.parametrize("kinds", [("erx-users",), ("barcode-id", "prescription-id")])
def test_whose_prescription_it_is_must_be_shown(decide, shown, kinds):
    hidden = {NS + kind for kind in kinds}
    for line in shown:
        line["identifier"] = [one for one in line["identifier"] if one["system"] not in hidden]
    assert decide(LOST, shown).reason == Reason.OUTCOME_UNKNOWN


@pytest.mark.parametrize("found", [REFUSED, LOST])
def test_a_refused_look_up_says_nothing(settings, found):
    data = submission(ISSUE).data
    outcome = settle(data, settings, found, Rejected(()))
    assert (type(outcome), outcome.reason) == (Unknown, Reason.OUTCOME_UNKNOWN)
    again = Retry(Reason.UNAVAILABLE, "away")
    assert settle(data, settings, found, again) is again


def test_a_user_who_can_log_in_and_is_shown_was_registered(settings):
    data = submission(REGISTER).data
    outcome = settle(data, settings, REFUSED, Accepted(response.user(user())))
    assert outcome.data["alreadyRegistered"] is True
    assert outcome.data["id"] == "88"


HALF_MADE = AlreadyExists((StatedError(type=None, reason="PractitionerRole is not saved"),))


def test_an_account_that_was_half_made_counts_only_where_its_role_is_shown(settings):
    data = submission(REGISTER).data
    whole = settle(data, settings, HALF_MADE, Accepted(response.user(user())))
    assert whole.data["alreadyRegistered"] is True
    half = settle(data, settings, HALF_MADE, Accepted(response.user(user(Properties=[]))))
    assert (type(half), half.reason) == (Unknown, Reason.OUTCOME_UNKNOWN)
    assert "administrators" in half.detail


@pytest.mark.parametrize("found", [REFUSED, HALF_MADE])
@pytest.mark.parametrize(
    "changes", [{"Username": "other"}, {"Email": "other@hospital.example"}, {"Email": None}]
)
def test_another_record_is_for_a_person(settings, changes, found):
    data = submission(REGISTER).data
    outcome = settle(data, settings, found, Accepted(response.user(user(**changes))))
    assert (type(outcome), outcome.reason) == (Unknown, Reason.OUTCOME_UNKNOWN)


def test_the_look_up_asks_only_what_the_texts_show(document_event, settings):
    data = submission(ISSUE, document_event | {"seed": "3014"}).data
    assert prescription_address(data, settings) == (
        "https://erx.test/fhir/MedicationRequest?subject.identifier=7223154154&_sort=-_id"
    )
    assert prescription_address(data, settings.model_copy(update={"profile": "2020-09"})) == (
        "https://erx.test/fhir/MedicationRequest"
        "?identifier=http%3A%2F%2Ferx.e-health.bg%2Fns%2Finternal%7C3014&subject.identifier=7223154154&_sort=-_id"
    )
