import pytest
from pydantic import TypeAdapter, ValidationError

from herald.worker.signing.settings import Pkcs12Signer, SignerSettings


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
        TypeAdapter(SignerSettings).validate_python({"kind": "pkcs12", "password": "hidden-word"})
    assert "hidden-word" not in str(caught.value)
