import pytest

from worker.signing.csc.service import read_service
from worker.signing.csc.settings import CscSigner
from worker.signing.port import SigningFailed
from worker.signing.remote.exchange import Reply

GIVEN = {
    "kind": "csc",
    "url": "https://signing.invalid",
    "credential_id": "c-1",
    "client_id": "herald",
    "client_secret": "hidden-secret-41",
}
METHODS = ["credentials/info", "credentials/authorize", "signatures/signHash"]


def read(content, **changes):
    return read_service(Reply(200, content), CscSigner(**GIVEN | changes))


def test_a_provider():
    service = read({"methods": METHODS, "oauth2": "https://login.invalid/base/"})
    assert service.token_url() == "https://login.invalid/base/oauth2/token"
    assert service.offers("credentials/info")
    assert not service.offers("credentials/extendTransaction")


def test_one_that_names_no_methods_is_taken_to_have_them():
    assert read({}).offers("signatures/signHash")


@pytest.mark.parametrize(
    ("methods", "changes", "missing"),
    [
        (METHODS[:2], {}, "signatures/signHash"),
        (["credentials/info", "signatures/signHash"], {}, "credentials/authorize"),
        (METHODS, {"service_auth": "basic"}, "auth/login"),
        (METHODS, {"asynchronous": True}, "signatures/signPolling"),
        (["info"], {}, "credentials/info, signatures/signHash, credentials/authorize"),
    ],
)
def test_one_that_lacks_a_method_is_refused(methods, changes, missing):
    with pytest.raises(SigningFailed, match=f"^the provider does not offer {missing}$"):
        read({"methods": methods}, **changes)


def test_a_method_that_is_not_needed_may_be_missing():
    read({"methods": ["credentials/info", "signatures/signHash"]}, credential_auth="access-token")


@pytest.mark.parametrize("oauth2", [None, "", "http://login.invalid", "ftp://login.invalid", 7])
def test_the_clients_secret_goes_to_no_address_without_tls(oauth2):
    with pytest.raises(SigningFailed, match="set token_url"):
        read({"methods": METHODS, "oauth2": oauth2}).token_url()
