import pytest
from pydantic import ConfigDict, TypeAdapter, ValidationError

from worker.signing.settings import NcanodeSettings, Pkcs12Signer, SignerSettings

# The outermost model decides on the inputs in complaints; Settings decides so.
SIGNER = TypeAdapter(SignerSettings, config=ConfigDict(hide_input_in_errors=True))


def read(values):
    return SIGNER.validate_python(values)


def test_a_password_file_or_a_password():
    assert Pkcs12Signer(file="a.p12", password_file="a.password").password is None
    assert Pkcs12Signer(file="a.p12", password="secret").password_file is None


@pytest.mark.parametrize("given", [{}, {"password": "secret", "password_file": "a.password"}])
def test_exactly_one_of_the_two(given):
    with pytest.raises(ValidationError, match="exactly one of password_file and password"):
        Pkcs12Signer(file="a.p12", **given)


def test_an_unknown_field_is_refused():
    with pytest.raises(ValidationError, match="pin"):
        Pkcs12Signer(file="a.p12", password="secret", pin="1")


def test_the_password_is_not_in_the_repr_nor_in_a_complaint():
    assert "hidden-word" not in repr(Pkcs12Signer(file="a.p12", password="hidden-word"))
    with pytest.raises(ValidationError) as caught:
        read({"kind": "pkcs12", "password": "hidden-word"})
    assert "hidden-word" not in str(caught.value)


NCANODE = {"kind": "ncanode", "url": "http://127.0.0.1:14579", "file": "a.p12", "password": "hidden-word"}


def test_the_kind_decides_and_pkcs12_is_the_one_that_need_not_be_said():
    assert isinstance(read({"file": "a.p12", "password": "secret"}), Pkcs12Signer)
    assert isinstance(read({"kind": "pkcs12", "file": "a.p12", "password": "secret"}), Pkcs12Signer)
    assert isinstance(read(NCANODE), NcanodeSettings)
    assert read(read(NCANODE)) == read(NCANODE)


FILE = {"certificate_file": "a.pem", "token": "hidden-word"}
AT_PROVIDERS = {
    "csc": {"credential_id": "c", "client_id": "c", "client_secret": "hidden-word", "pin": "hidden-pin"},
    "btrust-ars": FILE,
    "vault": FILE | {"key": "k", "key_version": 1},
}


@pytest.mark.parametrize("kind", AT_PROVIDERS)
def test_signers_at_providers(kind):
    signer = read(AT_PROVIDERS[kind] | {"kind": kind, "url": "https://provider.invalid"})
    assert signer.kind == kind
    assert signer.batch.policy().most == 100
    assert "hidden" not in repr(signer) + signer.model_dump_json()


@pytest.mark.parametrize("kind", ["btrust-cqes", "evrotrust", "biss", "BISS"])
def test_a_kind_that_needs_a_person_is_refused_with_the_reason(kind):
    with pytest.raises(ValidationError, match=f"kind {kind.lower()} needs a person at each signature: "):
        read({"kind": kind, "url": "https://provider.invalid"})


@pytest.mark.parametrize("kind", ["hsm", "", None, ["ncanode"], "[ncanode]"])
def test_an_unknown_kind_is_refused(kind):
    with pytest.raises(
        ValidationError, match="kind must be pkcs12, pkcs11, ncanode, csc, btrust-ars or vault"
    ):
        read(NCANODE | {"kind": kind})


@pytest.mark.parametrize(
    "url", ["http://localhost:14579", "http://127.1.2.3", "http://[::1]:14579", "https://ncanode"]
)
def test_addresses_where_the_key_is_safe(url):
    assert read(NCANODE | {"url": url}).allow_plain_http is False


@pytest.mark.parametrize(
    "url", ["http://10.0.0.1", "http://ncanode", "http://localhost.example", "http://[::2]"]
)
def test_plain_http_elsewhere_only_by_the_switch(url):
    with pytest.raises(ValidationError, match="allow_plain_http") as caught:
        read(NCANODE | {"url": url})
    assert "hidden-word" not in str(caught.value)
    assert read(NCANODE | {"url": url, "allow_plain_http": True}).url.scheme == "http"


@pytest.mark.parametrize("change", [{"password": None}, {"password_file": "a.password"}])
def test_exactly_one_password_for_ncanode_too(change):
    with pytest.raises(ValidationError, match="exactly one of password_file and password"):
        read(NCANODE | change)


def test_the_password_for_ncanode_is_not_in_the_repr():
    assert "hidden-word" not in repr(read(NCANODE))
