"""What the connector cannot carry is refused as a whole, with the member that is the reason."""

from __future__ import annotations

import pytest

from contracts.epayment import examples
from contracts.reasons import Reason
from tests.support.contract_events import submission
from worker.systems.epayment.connector.unserved import UNSERVED, check_served
from worker.systems.epayment.settings import Name
from worker.systems.port import Refused

LNCH = {**examples.REQUEST["payer"], "identifierType": "lnch", "identifier": "1000000001"}


def refusal(name, data=None):
    event = submission(f"epayment.{name}.v1", data)
    with pytest.raises(Refused) as refused:
        check_served(Name(name), event.data)
    assert refused.value.reason == Reason.CONFIGURATION
    return [(one.path, one.rule) for one in refused.value.problems]


@pytest.mark.parametrize("name", [one.value for one in UNSERVED])
def test_an_operation_without_a_request(name):
    assert refusal(name) == [("$.type", "connector")]


def test_several_statuses_in_one_event():
    assert refusal("payment.status", examples.STATUS) == [("$.data.paymentIds", "connector")]


@pytest.mark.parametrize(
    ("name", "changes", "paths"),
    [
        ("payment.request", {"obligationType": "31"}, ["obligationType"]),
        ("payment.request", {"payer": LNCH}, ["payer.identifierType"]),
        ("payment.request-extended", {"payOrder": 1, "obligationType": "1"}, ["obligationType", "payOrder"]),
    ],
)
def test_members_that_it_does_not_have(name, changes, paths):
    example = examples.REQUEST if name == "payment.request" else examples.REQUEST_EXTENDED
    found = refusal(name, {**example, **changes})
    assert found == [(f"$.data.{path}", "connector") for path in paths]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("payment.request", examples.REQUEST),
        ("payment.request-extended", examples.REQUEST_EXTENDED),
        ("payment.status", {"paymentIds": ["2503141"]}),
        ("payment.suspend", examples.SUSPEND),
        ("payment.set-paid", examples.SET_PAID),
    ],
)
def test_everything_else_is_carried(name, data):
    check_served(Name(name), submission(f"epayment.{name}.v1", data).data)
