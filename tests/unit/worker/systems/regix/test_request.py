"""Any event that passes its contract makes a message that passes the schemas."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from lxml import etree

from schemas import shipped
from tests.support.contract_events import submissions
from tests.support.systems.regix.system import EVENT, attempt, event, system
from worker.systems.port import Refused
from worker.systems.regix import request
from worker.systems.regix.messages import Messages

FOLDER = shipped("regix")
SERVICE = etree.XMLSchema(file=str(FOLDER / "Service.xsd"))


@pytest.fixture(scope="module", params=["1.1", "1.2"])
def regix(request, tmp_path_factory):
    secret = tmp_path_factory.mktemp("secret") / "segment"
    secret.write_text("0123456789abcdef0123456789abcdef")
    callback = {"callback_url": "https://herald.test/regix", "callback_secret_file": secret}
    return system(soap=request.param, url="https://regix.test/Entry.svc", **callback)


@given(submission=submissions(EVENT))
@settings(max_examples=100, deadline=None)
async def test_any_event(regix, submission):
    await regix.check(submission)
    prepared = await regix.prepare(submission, attempt())

    root = etree.fromstring(prepared.request)
    (message,) = root[-1]
    SERVICE.assertValid(etree.fromstring(etree.tostring(message)))
    (argument,) = message.iterfind(".//{*}Argument/*")
    if submission.data.argument is not None:
        schema = etree.XMLSchema(file=str(FOLDER / "arguments" / f"{submission.data.operation}.xsd"))
        schema.assertValid(etree.fromstring(etree.tostring(argument)))
    else:
        sent = etree.tostring(argument, method="c14n", exclusive=True)
        assert sent == etree.tostring(etree.fromstring(submission.data.xml), method="c14n", exclusive=True)
    for name in request._CONTEXT.values():
        given_value = getattr(submission.data.context, name)
        assert given_value is None or given_value in "".join(message.itertext())


class _Refusing(Messages):
    """A schema that takes no context, as if contract and schema disagreed."""

    def problems(self, message):
        for one in message.iter("{*}LawReason"):
            one.text = ""
        return super().problems(message)


async def test_a_contract_and_schema_that_disagree_are_reported_by_field():
    made = system()
    made._messages = _Refusing()
    with pytest.raises(Refused) as caught:
        await made.prepare(event(), attempt())

    (problem,) = caught.value.problems
    assert (problem.path, problem.rule) == ("$.data.context.lawReason", "schema")
