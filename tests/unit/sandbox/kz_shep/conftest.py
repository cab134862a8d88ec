from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sandbox.authority import Authority
from sandbox.kz_shep.credential import SUBJECT
from sandbox.kz_shep.stand_in import ShepGateway
from sandbox.kz_shep.variants import Variants
from sandbox.pki import DOCTORS
from tests.support.systems.kz_shep.client import posted


@pytest.fixture(scope="session")
def authority():
    return Authority.create("Test CA")


@pytest.fixture(scope="session")
def client(authority):
    return authority.issue_signer(DOCTORS[0])


@pytest.fixture(scope="session")
def credential(authority):
    return authority.issue_seal(SUBJECT)


@pytest.fixture
def make(authority, credential):
    now = datetime.now(UTC)

    def shep(variants=Variants(), seed=0, now=now):  # noqa: B008 - frozen
        return ShepGateway(
            authority=authority.certificate,
            gateway=credential,
            now=lambda: now,
            seed=seed,
            variants=variants,
        )

    return shep


@pytest.fixture
def shep(make):
    return make()


@pytest.fixture
def post():
    return posted
