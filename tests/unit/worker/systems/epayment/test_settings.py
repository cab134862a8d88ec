"""The settings: what they refuse, and what they say about it."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from tests.support.systems.epayment.reading import CLIENTS, PROVIDER, epayment_settings

CLIENT = CLIENTS["one"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"service_url": "http://pay.test"},
        {"service_url": "https://pay.test/?x=1"},
        {"service_url": "https://name:word@pay.test"},
        {"currency": "eur"},
        {"currency": "EURO"},
        {"clients": {"one": {"client_id": "c"}}},
        {"clients": {"one": {"client_id": "c", "secret": "x", "secret_file": "y"}}},
        {"clients": {"one": {"client_id": "a b", "secret": "x"}}},
        {"clients": {"one": {"client_id": "", "secret": "x"}}},
        {"clients": {"one": CLIENT, "two": {"client_id": CLIENT["client_id"], "secret": "x"}}},
        {"clients": {"one": {**CLIENT, "provider": {**PROVIDER, "iban": "BG 00"}}}},
        {"clients": {"one": {**CLIENT, "provider": {**PROVIDER, "bic": "XX"}}}},
        {"clients": {"one": {**CLIENT, "provider": {**PROVIDER, "name": " "}}}},
        {"unsigned_callback_networks": ["pay.egov.bg"]},
        {"unsigned_callback_networks": ["192.0.2.7/24"]},
        {"never_resend_obligation_types": ["0"]},
        {"look_up_page_size": 0},
        {"notification_url": "https://herald.test"},
    ],
)
def test_what_is_refused(wrong):
    with pytest.raises(ValidationError) as refused:
        epayment_settings(**wrong)
    assert "secret-of-one" not in str(refused.value)


def test_the_defaults_are_the_test_system_the_euro_and_no_unsigned_calls():
    settings = epayment_settings()
    assert settings.currency == "EUR"
    assert settings.unsigned_callback_networks == ()
    default = type(settings)()
    assert default.url("paymentJson") == "https://pay-test.egov.bg:44310/api/v1/eService/paymentJson"


@pytest.mark.parametrize("url", ["https://pay.test", "https://pay.test/", "https://pay.test/base/"])
def test_methods_are_under_the_service_url(url):
    base = url.rstrip("/")
    assert epayment_settings(service_url=url).url("accessCode") == f"{base}/api/v1/eService/accessCode"
