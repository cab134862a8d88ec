"""Which ways to speak to Kafka fit together."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
from pydantic import ValidationError

from worker.kafka.settings import KafkaSecurity

LOGIN = {"mechanism": "PLAIN", "username": "u", "password": "p"}


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"protocol": "ssl"},
        {"protocol": "ssl", "ca_file": "ca", "cert_file": "c", "key_file": "k"},
        {"protocol": "sasl_plaintext", **LOGIN},
        {
            "protocol": "sasl_ssl",
            "ca_file": "ca",
            "mechanism": "SCRAM-SHA-512",
            "username": "u",
            "password_file": "f",
        },
    ],
)
def test_these_fit(given):
    KafkaSecurity(**given)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"username": "u"}, ["protocol plaintext does not use username"]),
        ({"password": "p"}, ["protocol plaintext does not use a password"]),
        ({"ca_file": "ca"}, ["protocol plaintext does not use ca_file"]),
        ({"protocol": "ssl", "cert_file": "c"}, ["cert_file and key_file belong together"]),
        (
            {"protocol": "sasl_ssl"},
            ["sasl_ssl needs mechanism", "sasl_ssl needs username", "sasl_ssl needs password_file"],
        ),
        (
            {"protocol": "sasl_ssl", **LOGIN, "password_file": "f"},
            ["needs password_file or the password by variable"],
        ),
    ],
)
def test_these_do_not_and_all_reasons_are_said(given, said):
    with pytest.raises(ValidationError) as refused:
        KafkaSecurity(**given)

    message = refused.value.errors()[0]["msg"]
    assert [part for part in said if part not in message] == []


def test_a_connection_in_the_clear_has_no_tls():
    assert KafkaSecurity().ssl_context() is None


def test_tls_checks_the_broker():
    context = KafkaSecurity(protocol="ssl").ssl_context()

    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


def test_a_ca_file_that_is_none_is_not_taken(tmp_path: Path):
    (tmp_path / "ca.pem").write_text("nothing")

    with pytest.raises(ssl.SSLError):
        KafkaSecurity(protocol="ssl", ca_file=tmp_path / "ca.pem").ssl_context()
