"""The receiver's certificate: what is no certificate with its key is refused, and replaces nothing."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

from sandbox.authority import Authority
from worker.configuration_error import ConfigurationError
from worker.inbound.settings import ReceiverTls
from worker.inbound.tls import check, server_context


@pytest.fixture(scope="module")
def server():
    return Authority.create("Invented authority").issue_server()


@pytest.fixture
def files(tmp_path, server):
    def write(key=None, cert=None):
        (tmp_path / "cert").write_bytes(server.certificate_pem() if cert is None else cert)
        (tmp_path / "key").write_bytes(server.key_pem() if key is None else key)
        return ReceiverTls(cert_file=tmp_path / "cert", key_file=tmp_path / "key")

    return write


def test_a_certificate_and_its_key_are_loaded(files):
    assert server_context(files()).minimum_version.name == "TLSv1_2"


def test_what_is_of_no_use_is_refused_without_its_content(files, server):
    encrypted = server.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x"))
    other = Authority.create("Another invented authority").issue_server()
    for settings in (files(key=b"none"), files(cert=b""), files(key=encrypted), files(key=other.key_pem())):
        with pytest.raises(ConfigurationError) as refused:
            check(settings)
        assert "receiver.tls" in str(refused.value)
        assert "BEGIN" not in str(refused.value)


def test_files_that_cannot_be_read_are_told(tmp_path):
    with pytest.raises(ConfigurationError, match="cannot be read: No such file"):
        check(ReceiverTls(cert_file=tmp_path / "none", key_file=tmp_path / "none"))
