"""Answers of eForms in doubt: each is looked for by its own subject, and waits for its settings."""

from __future__ import annotations

from copy import deepcopy

import pytest

from contracts.eforms.examples import RESPONSE as EXAMPLE
from contracts.reasons import Reason
from tests.support.systems.eforms.hospital import (
    CASES,
    RESPONSE,
    SEND,
    TELL,
    XML_FIELD,
    answered,
    attempt,
    event,
)
from tests.support.systems.eforms.office import Office, deliver
from worker.outcome import Accepted, NotArrived, Unknown
from worker.systems.eforms.outgoing import subject_of
from worker.systems.port import NotPrepared, Recovery


async def progress_before_sending(hospital, submission):
    _, taken = await deliver(hospital, submission, Office(XML_FIELD))
    return taken[-1][1].progress


SENT_AT = "2100-01-01T00:00:00"
"""After every first step, whatever the clock of the test says."""


def outbox(*messages, views=(), complete=True):
    return answered(
        {
            "result": list(messages),
            "length": len(messages),
            "views": list(views),
            "complete": complete,
            "covers_today": True,
        }
    )


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        pytest.param(None, NotArrived, id="nothing-there"),
        pytest.param("own", Accepted, id="this-answer"),
        pytest.param("other", NotArrived, id="another-answer-to-the-same-request"),
    ],
)
async def test_a_lost_answer_is_looked_for_by_its_own_subject(make, subject, expected):
    """Answers to one request share its number, the template and the recipient."""
    hospital = make(response=RESPONSE, look_up={"sent_rnu": "kept"})
    data = deepcopy(EXAMPLE) | {"documents": []}
    submission = event(SEND, data, rnu="rnu-of-the-request")
    other = event(SEND, data, event_id="2", rnu="rnu-of-the-request")
    named = {"own": subject_of(submission.data, submission), "other": subject_of(other.data, other)}
    listed = {"messageId": 3, "rnu": "rnu-of-the-request", "templateId": 5, "subject": named.get(subject)}
    progress = await progress_before_sending(hospital, submission)

    look_up = await hospital.system.prepare_look_up(
        submission, attempt(progress), Unknown(Reason.ANSWER_TIMEOUT, "x")
    )
    view = {
        **listed,
        "recipients": [{"profileId": 7}],
        "dateSent": SENT_AT,
        "fields": {XML_FIELD: [{"blobId": 9}]},
    }
    shown = outbox(*([listed] if subject else []), views=[view])
    outcome = hospital.system.settle(submission, Unknown(Reason.ANSWER_TIMEOUT, "x"), look_up, shown)

    assert look_up.url.startswith("https://esb.test/ed2/api/messages/outbox?")
    assert type(outcome) is expected
    if isinstance(outcome, Accepted):
        assert outcome.data == {"messageId": 3, "rnu": "rnu-of-the-request", "foundByLookUp": True}


def test_subjects_are_short_and_differ(make):
    long = deepcopy(EXAMPLE)
    long["requestUri"]["identifier"] = "💊" * 1000
    subjects = {
        subject_of(one.data, one) for one in (event(SEND, long, event_id=str(number)) for number in range(50))
    }

    assert len(subjects) == 50
    assert max(len(one.encode("utf-16-le")) // 2 for one in subjects) <= 255


async def test_an_answer_in_doubt_waits_for_its_section(make):
    """The section was there when the answer was sent: what may have been sent is not sent again."""
    system, submission = make().system, event(SEND)
    prepared = await make(case_messages=CASES).system.prepare(event(TELL), attempt())

    assert system.step(submission, {}).recovery is Recovery.LOOK_UP_FIRST
    with pytest.raises(NotPrepared) as stopped:
        await system.prepare_look_up(submission, attempt(), Unknown(Reason.ANSWER_TIMEOUT, "x"))
    assert stopped.value.outcome.reason is Reason.CONFIGURATION
    for outcome in (
        system.interpret(submission, prepared, answered({})),
        system.settle(submission, Unknown(Reason.ANSWER_TIMEOUT, "x"), prepared, answered({})),
    ):
        assert isinstance(outcome, Unknown)
