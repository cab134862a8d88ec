from __future__ import annotations

import ssl

import pytest

from tests.support.trust import trusting_the_system

OURS = {"SSL_CERT_FILE": "/run/herald-tests-trust-1.pem"}
EARLIER = "HERALD_TEST_EARLIER_SSL_CERT_FILE"


def test_a_context_of_the_tests_trusts_one_authority():
    assert len(ssl.create_default_context().get_ca_certs()) == 1


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        (OURS, {}),
        ({**OURS, EARLIER: ""}, {}),
        ({**OURS, EARLIER: "/etc/a.pem"}, {"SSL_CERT_FILE": "/etc/a.pem"}),
        ({"SSL_CERT_FILE": "/etc/b.pem"}, {"SSL_CERT_FILE": "/etc/b.pem"}),
        ({"A": "b"}, {"A": "b"}),
    ],
)
def test_what_speaks_with_the_internet_trusts_what_was_named_before(environment, expected):
    assert trusting_the_system(environment) == expected
