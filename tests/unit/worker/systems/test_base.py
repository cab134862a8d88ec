"""The usual answers of a system over HTTPS, of a system that overrides nothing but what it must."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from contracts.reasons import Reason
from tests.support.fakes.one_delivery import SUBMISSION
from worker.outcome import Accepted, Unknown
from worker.systems.base import HttpSystem
from worker.systems.port import Attempt, Operation, Prepared, Recovery
from worker.transport.port import Answer, DeliveryError, SendGuard, SendRefused

OPERATION = Operation(SUBMISSION.system, SUBMISSION.operation, Recovery.HOLD)
PREPARED = Prepared(
    operation=OPERATION.name,
    signer="one",
    message_id="1",
    identity="id",
    url="https://plain.test/post",
    request=b"body",
    headers={"accept": "text/plain"},
    secret_headers={"authorization": "key"},
    method="PUT",
    reuse=False,
)
FOUND = Unknown(Reason.SERVER_ERROR, "the system failed")


class PlainSystem(HttpSystem):
    name = "plain"
    title = "Plain"

    async def prepare(self, submission, attempt):
        return PREPARED

    def interpret(self, submission, prepared, answer):
        return Accepted({})


class Client:
    """Takes one request, and answers as it was told to."""

    def __init__(self, reaction: Answer | DeliveryError) -> None:
        self.reaction = reaction
        self.asked = []
        self.closed = False

    async def request(self, method, url, *, headers, content=b"", reuse=True, guard=None):
        if guard is not None:
            guard.begin()
        self.asked.append((method, url, headers, content, reuse))
        if isinstance(self.reaction, DeliveryError):
            raise self.reaction
        return self.reaction

    async def aclose(self):
        self.closed = True


def system_with(reaction, **changes) -> tuple[PlainSystem, Client]:
    client = Client(reaction)
    given = {"operations": [OPERATION], "signers": ["one"], "probe_path": "/"}
    return PlainSystem(**given | changes, client=client, url="https://plain.test/"), client


async def test_what_the_engine_asks_before_it_sends():
    system, _ = system_with(Answer(200, {}, b""))
    assert system.operations == {SUBMISSION.type: OPERATION}
    assert system.knows_signer("one")
    assert not system.knows_signer("two")
    assert system.identity(SUBMISSION) == SUBMISSION.derived_id("plain")
    assert system.recovery(SUBMISSION) is Recovery.HOLD
    await system.check(SUBMISSION)


@pytest.mark.parametrize("rule", Recovery)
def test_a_message_is_of_its_submission_and_goes_as_its_rule_allows(rule):
    system, _ = system_with(
        Answer(200, {}, b""), operations=[Operation(SUBMISSION.system, SUBMISSION.operation, rule)]
    )
    attempt = Attempt(2, "m", datetime.now(UTC), "id")
    message = system._message(SUBMISSION, attempt, request=b"body", headers={"accept": "text/plain"})
    assert (message.operation, message.signer) == (SUBMISSION.operation, SUBMISSION.signer)
    assert (message.message_id, message.identity) == ("m", "id")
    assert (message.method, message.url, message.request) == ("POST", "https://plain.test/", b"body")
    assert not message.reuse  # a late answer to another message must not be read as the answer to this one
    assert (dict(message.secret_headers), message.evidence) == ({}, None)


async def test_it_sends_once_what_was_prepared():
    system, client = system_with(Answer(201, {}, b"done"))
    guard = SendGuard(lambda: True)
    assert await system.exchange(PREPARED, guard) == Answer(201, {}, b"done")
    headers = {"accept": "text/plain", "authorization": "key"}
    assert client.asked == [("PUT", "https://plain.test/post", headers, b"body", False)]
    assert guard.sent


async def test_it_sends_nothing_that_the_guard_refuses():
    system, client = system_with(Answer(201, {}, b"done"))
    with pytest.raises(SendRefused):
        await system.exchange(PREPARED, SendGuard(lambda: False))
    assert not client.asked


async def test_there_is_no_look_up_and_no_token():
    system, client = system_with(Answer(200, {}, b""))
    attempt = Attempt(1, "m", datetime.now(UTC), "id")
    assert await system.prepare_look_up(SUBMISSION, attempt, FOUND) is None
    assert system.settle(SUBMISSION, FOUND, PREPARED, Answer(200, {}, b"")) is FOUND
    await system.reauthorize(PREPARED)
    await system.close()
    assert client.closed


@pytest.mark.parametrize(
    ("reaction", "changes", "told"),
    [
        (Answer(200, {}, b""), {}, None),
        (Answer(404, {}, b""), {}, None),
        (Answer(503, {}, b""), {}, "Plain answers 503"),
        (Answer(500, {}, b""), {"failures": {502, 503}}, None),
        (Answer(429, {}, b""), {}, None),
        (DeliveryError("dns-failure", "no such host", sent=False), {}, "no such host"),
    ],
)
async def test_any_answer_below_500_shows_that_it_is_reachable(reaction, changes, told):
    system, client = system_with(reaction, **changes)
    assert await system.probe() == told
    assert client.asked == [("GET", "https://plain.test/", {}, b"", True)]


@pytest.mark.parametrize(
    ("url", "path", "asked"),
    [
        ("https://plain.test/", "/ping", "https://plain.test/ping"),
        ("https://plain.test/base", "/", "https://plain.test/base/"),
        ("https://plain.test/base/", "?wsdl", "https://plain.test/base/?wsdl"),
        ("https://plain.test/base", "?wsdl", "https://plain.test/base?wsdl"),
    ],
)
async def test_a_probe_asks_for_what_the_settings_say(url, path, asked):
    client = Client(Answer(200, {}, b""))
    system = PlainSystem(operations=[], signers=[], client=client, url=url, probe_path=path)
    assert await system.probe() is None
    assert [url for _, url, *_ in client.asked] == [asked]


async def test_without_a_path_nothing_is_asked_for():
    system, client = system_with(DeliveryError("dns-failure", "-", sent=False), probe_path=None)
    assert await system.probe() is None
    assert client.asked == []


def test_only_what_may_be_sent_twice_goes_over_an_idle_connection():
    assert {rule for rule in Recovery if not rule.reuses_connections} == {Recovery.HOLD}
