import ssl
import stat
import tempfile
from pathlib import Path

import pytest

from tests.support.signing.certificates import issue
from worker.configuration_error import ConfigurationError
from worker.signing.keys.tls_identity import TlsIdentity
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


def test_the_key_touches_the_disk_encrypted_unreadable_to_others_and_only_for_a_moment(ca_file, monkeypatch):
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
    assert file.parent == Path(tempfile.gettempdir())
