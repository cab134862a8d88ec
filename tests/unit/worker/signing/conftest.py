import logging
from datetime import UTC, datetime

import pytest

from tests.support.signing.certificates import issue, key_usage
from worker.signing.keys.pkcs12 import Pkcs12Key

# It writes whole messages to its debug log; it verifies here, and is no part of the worker.
logging.getLogger("signxml").setLevel(logging.WARNING)


@pytest.fixture(scope="session")
def doctor():
    return issue("Доктор Проба", usage=key_usage(digital_signature=True, content_commitment=True))


@pytest.fixture(scope="session")
def key(doctor):
    return Pkcs12Key("doctor", doctor.key, doctor.certificate, clock=lambda: datetime.now(UTC))
