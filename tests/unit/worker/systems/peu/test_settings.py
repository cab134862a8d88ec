"""What the settings of the portal must say, and what building tells of a WSDL that does not fit them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from tests.support.systems.peu.service import WSDL
from worker.configuration_error import ConfigurationError
from worker.systems.dependencies import Dependencies
from worker.systems.peu.build import build
from worker.systems.peu.operations import rule_of
from worker.systems.peu.settings import PeuSettings
from worker.systems.port import Recovery

ACCOUNT = {"username": "hospital", "password": "invented"}


def settings(**given):
    return PeuSettings.model_validate(
        {"wsdl_file": WSDL, "port": "Basic", "users": {"one": ACCOUNT}, **given}
    )


def built(**given):
    now = lambda: datetime(2026, 3, 1, tzinfo=UTC)  # noqa: E731
    return build(settings(**given), Dependencies({}, {}, {}, now=now, monotonic=lambda: 0.0))


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"wsdl_file": None}, "give the EgovService.wsdl that the ministry gave you"),
        ({"wsdl_file": None, "users": {}}, "give the EgovService.wsdl that the ministry gave you"),
        ({"users": {}}, "name at least one user"),
        ({"operations": {"UpdateService": {"recovery": "look-up-first"}}}, "must be hold or repeat"),
        ({"users": {"one": {"username": "a:b", "password": "x"}}}, "without a colon"),
        ({"users": {"one": {"username": "a"}}}, "exactly one of password_file and password"),
    ],
)
def test_what_is_missing_is_said(given, told):
    with pytest.raises(ValidationError, match=told):
        settings(**given)


def test_an_operation_that_the_wsdl_does_not_have_is_named():
    with pytest.raises(ConfigurationError) as error:
        built(operations={"Nothing": {}})
    assert error.value.problems == (
        "operations.Nothing: the WSDL has no such operation; it has: FindServices, UpdateService",
    )


def test_readers_need_the_esb():
    with pytest.raises(ConfigurationError, match="section esb"):
        built(senders=("one",))


def test_an_address_that_is_not_https_is_refused(tmp_path):
    for file in WSDL.parent.iterdir():
        text = file.read_text().replace("https://peu.invalid", "http://peu.invalid")
        (tmp_path / file.name).write_text(text)
    with pytest.raises(ConfigurationError, match="service_url"):
        built(wsdl_file=tmp_path / WSDL.name)


def test_the_operators_rule_is_that_of_the_called_operation():
    own = settings(operations={"FindServices": {"recovery": "repeat"}})
    assert rule_of("FindServices", own) is Recovery.REPEAT
    assert rule_of("UpdateService", own) is Recovery.HOLD
    assert rule_of(None, own) is Recovery.REPEAT
