from __future__ import annotations

import os
import ssl

import pytest

from tests.support.trust import applies, trusting_the_system
from worker.settings.model import Settings
from worker.settings.variables import unknown_variables

OURS = {"SSL_CERT_FILE": "/run/herald-tests-trust-1.pem"}
EARLIER = "TESTS_EARLIER_SSL_CERT_FILE"


def test_a_context_of_the_tests_trusts_one_authority(pytestconfig):
    assert (len(ssl.create_default_context().get_ca_certs()) == 1) == applies(pytestconfig)


def test_what_it_leaves_in_the_environment_is_no_setting_of_herald(pytestconfig):
    if applies(pytestconfig):
        assert EARLIER in os.environ
    assert not unknown_variables(Settings, os.environ)


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
