from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from sandbox.authority import Authority
from sandbox.pki import DOCTORS
from sandbox.regix.answers import Registers
from sandbox.regix.stand_in import RegiX
from sandbox.regix.variants import Variants
from sandbox.stand_in import Request
from tests.support.systems.regix.envelopes import ACTION, execute, question, soap11, soap12

NAMES = ("hospital", "clinic", "former", "unregistered")


@pytest.fixture(scope="session")
def credentials():
    authority = Authority.create("Test CA")
    return {name: authority.issue_signer(DOCTORS[0]) for name in (*NAMES, "signing", "stranger")}


@pytest.fixture(scope="session")
def certificates(credentials):
    return {name: credentials[name].certificate.public_bytes(Encoding.DER) for name in NAMES}


class Time:
    """A clock that stands still until it is moved."""

    def __init__(self):
        self.moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

    def now(self):
        return self.moment

    def pass_by(self, seconds):
        self.moment += timedelta(seconds=seconds)


class World:
    """A stand-in with its clock, and a client of it for each consumer."""

    def __init__(self, credentials, certificates, variants):
        self.time = Time()
        self.certificates = certificates
        registers = Registers(credentials["signing"], credentials["stranger"], self.time.now)
        self.regix = RegiX(certificates, registers, now=self.time.now, seed=3, variants=variants)

    def request(self, content, action="Execute", consumer="hospital", *, version="1.1", **headers):
        path = "/RegiXEntryPointV2.svc" + ("/basic" if version == "1.1" else "")
        kind = "text/xml" if version == "1.1" else "application/soap+xml"
        given = {"content-type": f"{kind}; charset=utf-8", "soapaction": f'"{ACTION}{action}"', **headers}
        return Request("POST", path, "", given, content, self.certificates.get(consumer))

    def execute(self, *what, consumer="hospital", version="1.1", **how):
        envelope = soap11 if version == "1.1" else soap12
        return self.regix.answer(
            self.request(envelope(execute(*what, **how)), consumer=consumer, version=version)
        )

    def ask(self, operation, call_id, code, consumer="hospital"):
        content = soap11(question(operation, call_id, code))
        return self.regix.answer(self.request(content, operation, consumer))

    @property
    def ledger(self):
        return self.regix.ledger()


@pytest.fixture
def make(credentials, certificates):
    def make(**variants):
        return World(credentials, certificates, Variants(**variants))

    return make


@pytest.fixture
def world(make):
    return make()
