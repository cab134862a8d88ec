from __future__ import annotations

import ssl

import pytest

from tests.support.trust import applies, trusting_the_system

OURS = {"SSL_CERT_FILE": "/run/herald-tests-trust-1.pem"}
EARLIER = "HERALD_TEST_EARLIER_SSL_CERT_FILE"


def test_a_context_of_the_tests_trusts_one_authority(pytestconfig):
    assert (len(ssl.create_default_context().get_ca_certs()) == 1) == applies(pytestconfig)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (["tests/unit", "tests/integration", "tests/docs"], True),
        (["tests/unit/support/test_trust.py::test_it"], True),
        (["tests/image"], False),
        (["tests/unit", "tests/deploy"], False),
        (["tests"], False),
    ],
)
def test_it_is_for_the_tests_that_speak_with_no_one_outside(pytestconfig, monkeypatch, asked, expected):
    monkeypatch.setattr(pytestconfig, "args", [str(pytestconfig.rootpath / one) for one in asked])
    assert applies(pytestconfig) is expected


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
