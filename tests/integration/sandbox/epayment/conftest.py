"""One sandbox for each test, on certificates that are made once; a receiver of its callbacks; calls by hand."""

from __future__ import annotations

import json

import pytest

from sandbox.epayment.server import Sandbox
from sandbox.pki import Pki
from tests.support.sandbox.epayment.calls import form, payment
from tests.support.sandbox.epayment.raw import exchange
from tests.support.sandbox.epayment.receiver import Receiver


@pytest.fixture(scope="session")
def directory(tmp_path_factory):
    directory = tmp_path_factory.mktemp("epayment-sandbox")
    Pki.create(directory)
    return directory


@pytest.fixture
async def epayment(directory):
    async with Sandbox(directory, seed=7) as sandbox:
        yield sandbox


@pytest.fixture
async def receiver():
    async with Receiver() as receiver:
        yield receiver


@pytest.fixture
def secret(epayment):
    return epayment.clients[0].secret


@pytest.fixture
def send(epayment):
    """Send a call as the first client; give the answer as it came."""
    client = epayment.clients[0]

    async def send(method, content, **options):
        body = form(client.client_id, client.secret, content)
        return await exchange(epayment.service_url + method, epayment.ca_file, body, **options)

    return send


@pytest.fixture
def call(send):
    """Send a call; give status and JSON."""

    async def call(method, content, **options):
        answer = await send(method, content, **options)
        return answer.status, json.loads(answer.body)

    return call


@pytest.fixture
def register(call, receiver):
    """Register a payment request whose callbacks go to the receiver; give its identifier."""

    async def register(number=1, **changes):
        names = {"aisPaymentId": f"HIS-{number}", "paymentReferenceNumber": f"REF-{number}"}
        names["administrativeServiceNotificationURL"] = receiver.url
        status, body = await call("paymentJson", payment(**{**names, **changes}))
        assert (status, body["unacceptedReceiptJson"]) == (200, None)
        return body["acceptedReceiptJson"]["id"]

    return register
