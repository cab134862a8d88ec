import logging

import pytest

from tests.support.signing.certificates import issue, key_usage
from tests.support.signing.signers import file_key

# It writes whole messages to its debug log; it verifies here, and is no part of the worker.
logging.getLogger("signxml").setLevel(logging.WARNING)


@pytest.fixture(scope="session")
def doctor():
    return issue("Доктор Проба", usage=key_usage(digital_signature=True, content_commitment=True))


@pytest.fixture(scope="session")
def key(doctor):
    return file_key("doctor", doctor)
