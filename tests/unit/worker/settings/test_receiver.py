"""The receiver's section: what a worker would refuse is a problem of the configuration, with its path."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path

import pytest

from worker.composition.receiver import build_receiver, callers, served, unusable_files
from worker.configuration_error import ConfigurationError
from worker.settings.load import load
from worker.settings.problems import BadConfiguration


@pytest.fixture
def receiver(document):
    """Return the section, in order."""
    Path("secret").write_text("s" * 32)
    document["receiver"] = {
        "trusted_proxies": ["10.0.0.0/8", "fd00::/8"],
        "routes": {"nhis": {"secret_file": "secret"}},
    }
    return document["receiver"]


def problems(write, document):
    with pytest.raises(BadConfiguration) as refused:
        load(write(document), {})
    return {one.path: one.message for one in refused.value.problems}


def test_a_section_that_is_in_order(write, document, receiver):
    found = load(write(document), {}).receiver
    assert found.trusted_proxies == (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))
    assert (found.in_worker, found.port, found.max_body_bytes) == (False, 8443, 1024 * 1024)


def test_without_the_section_nothing_is_received(write, document):
    settings = load(write(document), {})
    assert (settings.receiver, served(settings)) == (None, None)


@pytest.mark.parametrize(
    "case",
    [
        ({"trusted_proxies": []}, "receiver", "give tls, or name the trusted_proxies"),
        ({"trusted_proxies": ["10.0.0.1/8"]}, "receiver.trusted_proxies[0]", "must be a network"),
        ({"routes": {}}, "receiver", "give at least one of routes, or the section files"),
        (
            {"routes": {"other": {"secret_file": "secret"}}},
            "receiver.routes.other",
            "does not exist, or it is not configured",
        ),
        ({"files": {}}, "receiver.files", "needs the section `files`"),
        (
            {"files": {"clients": {"his": {"sources": ["*"]}}}},
            "receiver.files.clients.his",
            "either subject or",
        ),
        (
            {"files": {"clients": {"his": {"subject": "CN=his", "sources": ["*"]}}}},
            "receiver",
            "files.clients needs tls.client_ca_file",
        ),
        ({"port": 70000}, "receiver.port", "less than or equal to 65535"),
        ({"tls": {"cert_file": "secret"}}, "receiver.tls.key_file", "is required"),
        ({"secret": "x"}, "receiver.secret", "must not contain a secret"),
    ],
    ids=range(10),
)
def test_what_is_wrong_is_told_by_its_path(write, document, receiver, case):
    changes, path, told = case
    receiver.update(changes)
    assert told in problems(write, document)[path]


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_on_a_loopback_address_plain_http_is_allowed(write, document, receiver, host):
    receiver |= {"trusted_proxies": [], "host": host}
    assert load(write(document), {}).receiver.tls is None


def test_a_process_receives_for_the_systems_that_it_serves(write, document, receiver):
    document["systems"]["nhif"] = {"senders": ["dr-a"]}
    settings = load(write(document), {})
    assert list(served(settings.serving(["nhis"])).routes) == ["nhis"]
    assert served(settings.serving(["nhif"])) is None


class Silent:
    """A system that makes no calls."""

    name = "nhis"


def test_a_route_of_a_system_that_makes_no_calls_leads_nowhere(write, document, receiver):
    settings = load(write(document), {}).receiver
    with pytest.raises(ConfigurationError, match="this system makes no calls"):
        callers(settings, [Silent()], lambda _: None, 0)


def test_all_files_that_are_of_no_use_are_told_at_once(write, document, receiver):
    Path("pem").write_text("no certificate")
    receiver["tls"] = {"cert_file": "pem", "key_file": "pem"}
    receiver["routes"]["nhis"]["secret_file"] = "none"
    # A worker beside the receiver has none of these files, and starts.
    settings = load(write(document), {}).receiver
    secret, certificate = unusable_files(settings)
    assert secret.startswith(
        "receiver.routes.nhis.secret_file: the file with the path's secrets none cannot be"
    )
    assert "no certificate and its key" in certificate
    with pytest.raises(ConfigurationError) as refused:
        build_receiver(settings, {}, None, None, hasten=None, look_soon=None, clock=None)
    assert refused.value.problems == (secret, certificate)
