import pytest

from tests.support.signing.csc import GIVEN
from tests.support.signing.remote import SECRETS
from worker.signing.csc.client_key import client_key
from worker.signing.csc.settings import CscSigner
from worker.signing.port import SigningFailed

BY_CERTIFICATE = {"service_auth": "tls", "client_id": None, "client_secret": None}


def settings(**changes):
    return CscSigner(**{name: value for name, value in (GIVEN | changes).items() if value is not None})


@pytest.mark.parametrize("service_auth", ["oauth2-client", "basic"])
async def test_the_clients_secret(service_auth):
    assert await client_key(settings(service_auth=service_auth)) == SECRETS["secret"].encode()


async def test_the_key_file_where_the_certificate_alone_proves_who_asks(tmp_path):
    shown = {"certificate_file": str(tmp_path / "c.pem"), "key_file": str(tmp_path / "k.pem")}
    given = settings(**BY_CERTIFICATE, client_certificate=shown)
    with pytest.raises(SigningFailed, match=r"k\.pem cannot be read"):
        await client_key(given)
    (tmp_path / "k.pem").write_bytes(b"key")
    assert await client_key(given) == b"key"
