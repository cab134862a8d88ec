import pytest

from tests.support.signing.certificates import issue, rsa_key
from worker.configuration_error import ConfigurationError
from worker.signing.algorithms import SignatureAlgorithm
from worker.signing.remote.certificate_file import identity_in


def test_the_first_certificate_is_the_signers_and_those_after_it_its_issuers(tmp_path):
    authority = issue("CA", authority=True)
    seal = issue("Seal", issuer=authority)
    (tmp_path / "seal.pem").write_bytes(seal.pem() + authority.pem())
    identity = identity_in(tmp_path / "seal.pem")
    assert identity.certificate == seal.certificate
    assert identity.issuers == (authority.certificate,)
    assert identity.algorithm is SignatureAlgorithm.RSA_SHA256
    pss = identity_in(tmp_path / "seal.pem", SignatureAlgorithm.RSA_PSS_SHA256)
    assert pss.algorithm is SignatureAlgorithm.RSA_PSS_SHA256


@pytest.mark.parametrize(
    ("content", "problem"),
    [(None, "cannot be read: No such file"), (b"x", "does not hold whole"), (b"", "does not hold whole")],
)
def test_files_that_cannot_be_used(tmp_path, content, problem):
    if content is not None:
        (tmp_path / "seal.pem").write_bytes(content)
    with pytest.raises(ConfigurationError, match=problem):
        identity_in(tmp_path / "seal.pem")


def test_a_key_that_is_too_short(tmp_path):
    weak = issue("Weak", key=rsa_key("weak", 1024))
    (tmp_path / "seal.pem").write_bytes(weak.pem())
    with pytest.raises(ConfigurationError, match="of a length, that cannot sign"):
        identity_in(tmp_path / "seal.pem")
