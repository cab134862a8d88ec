"""The demo says that eDelivery agrees with the replies only when it does."""

from __future__ import annotations

import pytest

from demo.edelivery.arrivals import DRAWN, OPENED, STATUS
from demo.edelivery.audit import mismatches
from demo.edelivery.messages import CITIZEN, HOSPITAL_PROFILE, SEND, SYSTEM
from demo.steps import ACCEPTED, ARRIVED, Answer, Results, Step

OPERATIONS = {"ed-letter": SEND, DRAWN: SEND, STATUS: "message.status", OPENED: "message.open"}


def message(number, sender, recipient, rnu):
    return {
        "messageId": number,
        "senderProfileId": sender,
        "recipients": [{"profileId": recipient}],
        "rnu": rnu,
    }


class Run:
    """The scenario as it goes when all is well, in memory."""

    def __init__(self):
        self.results = Results()
        self.steps = [
            Step.of(name, SYSTEM, operation, signer="s", data={}, key="k")
            for name, operation in OPERATIONS.items()
        ]
        self.answered("ed-letter", {"messageId": 1}, "demo-letter")
        self.answered(DRAWN, {"messageId": 2}, "drawn")
        self.answered(STATUS, {"recipients": [{"status": "received"}]})
        self.answered(OPENED, {"fields": None}, files=[{"path": "data.fields"}])
        self.results.arrivals = [Answer(ARRIVED, {"messageId": 3}, b"")]
        self.ledger = {
            "messages": [
                message(1, HOSPITAL_PROFILE, CITIZEN, "demo-letter"),
                message(2, HOSPITAL_PROFILE, CITIZEN, "drawn"),
                message(3, 301, HOSPITAL_PROFILE, "theirs"),
            ],
            "orn": [{"orn": "drawn"}],
        }

    def answered(self, name, data, rnu=None, **more):
        self.results.answers[name] = [Answer(ACCEPTED, {"data": data, **more}, b"", rnu)]

    def found(self):
        return list(mismatches(self.steps, self.results, self.ledger))


def test_nothing_is_found_when_all_is_well():
    assert Run().found() == []


def _doubled(run):
    run.ledger["messages"].append(message(4, HOSPITAL_PROFILE, CITIZEN, "demo-letter"))


def _unpublished(run):
    run.results.arrivals.clear()


def _published_twice(run):
    run.results.arrivals *= 2


def _not_drawn(run):
    run.ledger["orn"].clear()


def _not_received(run):
    run.answered(STATUS, {"recipients": [{"status": "not-yet"}]})


def _no_reference(run):
    run.answered(OPENED, {"fields": None})


def _not_verified(run):
    fields = [{"id": "f", "files": [{"name": "a", "verified": False}]}]
    run.answered(OPENED, {"fields": fields}, files=[{"path": "data.fields"}])


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (_doubled, "replies state the messages [1, 2], the system has [1, 2, 4]"),
        (_unpublished, "the messages [] were published, the inbox has [3]"),
        (_published_twice, "the messages [3, 3] were published, the inbox has [3]"),
        (_not_drawn, "ed-orn: the central generator did not give the number of its reply"),
        (_not_received, "ed-status: the reply does not say that the recipient has opened the message"),
        (_no_reference, "ed-open: the reply does not refer to the message's fields"),
        (_not_verified, "ed-open: a file of the message is not as the system states it"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_a_difference_is_found(change, told):
    run = Run()
    change(run)

    assert run.found() == [told]
