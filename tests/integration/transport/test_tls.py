import errno
import os
import ssl
import stat
import tempfile
from pathlib import Path

import pytest

from tests.support.signing.certificates import issue
from worker.configuration_error import ConfigurationError
from worker.signing.tls_identity import TlsIdentity
from worker.transport import tls
from worker.transport.clients import HttpClients
from worker.transport.settings import TransportSettings
from worker.transport.tls import client_context


def test_verifies_the_server_and_refuses_old_tls(ca_file):
    context = client_context(ca_file)
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2


def test_trusts_only_the_given_file(ca_file, authority):
    subjects = [dict(pair[0] for pair in one["subject"]) for one in client_context(ca_file).get_ca_certs()]
    assert subjects == [{"commonName": "Test CA"}]


def test_a_ca_file_that_is_missing(tmp_path):
    with pytest.raises(ConfigurationError, match="cannot be read: No such file or directory"):
        HttpClients(TransportSettings(ca_file=tmp_path / "none.pem"))


@pytest.mark.parametrize("content", ["", "not a certificate"])
def test_a_ca_file_without_certificates(content, tmp_path):
    (tmp_path / "ca.pem").write_text(content)
    with pytest.raises(ConfigurationError, match="holds no PEM certificate"):
        client_context(tmp_path / "ca.pem")


@pytest.fixture(params=["in memory", "on a disk"])
def place(request, monkeypatch):
    if request.param == "on a disk":
        monkeypatch.delattr(os, "memfd_create")
    return request.param


def test_the_key_stands_in_a_file_encrypted_unreadable_to_others_and_only_for_a_moment(
    ca_file, monkeypatch, place
):
    doctor = issue("doctor")
    seen = []

    class Watching(ssl.SSLContext):
        def load_cert_chain(self, certfile, keyfile=None, password=None):
            file = Path(certfile)
            seen.append((file, stat.S_IMODE(file.stat().st_mode), file.read_bytes()))
            super().load_cert_chain(certfile, keyfile, password)

    monkeypatch.setattr(tls, "_trusting", lambda _: Watching(ssl.PROTOCOL_TLS_CLIENT))
    client_context(ca_file, TlsIdentity(doctor.pem(), doctor.key))
    ((file, mode, content),) = seen
    assert mode == 0o600
    assert b"BEGIN ENCRYPTED PRIVATE KEY" in content
    assert b"BEGIN PRIVATE KEY" not in content
    assert not file.exists()
    assert file.parent == Path("/proc/self/fd" if place == "in memory" else tempfile.gettempdir())


def _no_folder(*_, **__):
    raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found in ['/tmp']")


def test_a_read_only_file_system_is_enough(ca_file, monkeypatch):
    monkeypatch.setattr(tempfile, "_gettempdir", _no_folder)
    client_context(ca_file, TlsIdentity(issue("doctor").pem(), issue("doctor").key))


def test_no_file_at_all_is_a_sentence(ca_file, monkeypatch):
    monkeypatch.delattr(os, "memfd_create")
    monkeypatch.setattr(tempfile, "_gettempdir", _no_folder)
    with pytest.raises(ConfigurationError, match="mount a writable folder and name it in TMPDIR"):
        client_context(ca_file, TlsIdentity(issue("doctor").pem(), issue("doctor").key))


def test_an_identity_that_openssl_does_not_take_is_a_sentence(ca_file):
    doctor, another = issue("doctor"), issue("another")
    with pytest.raises(
        ConfigurationError, match=r"does not take its certificates or its key \(key_values_mismatch\)"
    ):
        client_context(ca_file, TlsIdentity(doctor.pem(), another.key))


def test_a_certificate_is_offered_after_the_handshake_too(ca_file):
    assert client_context(
        ca_file, TlsIdentity(issue("doctor").pem(), issue("doctor").key)
    ).post_handshake_auth
    assert not client_context(ca_file).post_handshake_auth
