from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    NoEncryption,
    load_pem_private_key,
    pkcs12,
)

from tests.support.signing.certificates import (
    NOW,
    YEAR,
    Issued,
    certificate_builder,
    issue,
    key_usage,
    rsa_key,
)
from tests.support.signing.signers import identity_of
from worker.configuration_error import ConfigurationError
from worker.signing.algorithms import SignatureAlgorithm
from worker.signing.keys.pairs import pair_problems
from worker.signing.keys.pkcs12 import Pkcs12Key, load_pkcs12
from worker.signing.port import SigningFailed
from worker.signing.settings import Pkcs12Signer

PASSWORD = "open-sesame-73"
DIGEST = sha256(b"bytes").digest()


@pytest.fixture(scope="module")
def authority():
    root = issue("Root", authority=True)
    return issue("Issuing", issuer=root, authority=True)


@pytest.fixture(scope="module")
def doctor(authority):
    return issue("Doctor", issuer=authority, usage=key_usage(digital_signature=True))


@pytest.fixture
def load(tmp_path):
    def load_content(content, *, password=PASSWORD, at=NOW):
        file = tmp_path / "signer.p12"
        file.write_bytes(content if isinstance(content, bytes) else content.pkcs12(PASSWORD))
        return load_pkcs12("doctor", Pkcs12Signer(file=file, password=password), clock=lambda: at)

    return load_content


def problems_of(load, content, **options):
    with pytest.raises(ConfigurationError) as caught:
        load(content, **options)
    assert PASSWORD not in str(caught.value)
    return caught.value.problems


async def test_signs_with_rsa_sha256(load, doctor):
    key = load(doctor)
    (signature,) = await key.sign_digests([DIGEST])
    doctor.key.public_key().verify(signature, b"bytes", PKCS1v15(), SHA256())
    assert (key.name, await key.identity()) == ("doctor", identity_of(doctor))


def test_its_repr_says_the_name_alone(load, doctor):
    assert repr(load(doctor)) == "Pkcs12Key('doctor')"


@pytest.mark.parametrize("ending", ["", "\n", "\r\n"])
def test_the_password_may_be_in_a_file(ending, tmp_path, doctor):
    (tmp_path / "signer.p12").write_bytes(doctor.pkcs12(" spaces count "))
    (tmp_path / "password").write_text(f" spaces count {ending}", newline="")
    signer = Pkcs12Signer(file=tmp_path / "signer.p12", password_file=tmp_path / "password")
    assert load_pkcs12("doctor", signer, clock=lambda: NOW).known.certificate == doctor.certificate


def test_the_password_files_byte_order_mark_is_none_of_it():
    cases = Path(__file__).parent / "cases"
    files = {
        "file": cases / "subject-cp1251.p12",
        "password_file": cases / "password-with-byte-order-mark.txt",
    }
    assert files["password_file"].read_bytes().startswith(b"\xef\xbb\xbf")
    assert load_pkcs12("doctor", Pkcs12Signer(**files), clock=lambda: NOW).name == "doctor"


def test_a_password_file_in_utf_16_is_reported(tmp_path, doctor):
    (tmp_path / "signer.p12").write_bytes(doctor.pkcs12(PASSWORD))
    (tmp_path / "password").write_text(PASSWORD, encoding="utf-16")
    signer = Pkcs12Signer(file=tmp_path / "signer.p12", password_file=tmp_path / "password")
    with pytest.raises(ConfigurationError, match=r"password is text in UTF-16; save it as UTF-8"):
        load_pkcs12("doctor", signer, clock=lambda: NOW)


async def test_a_key_that_makes_no_signature_is_a_failure_to_sign(doctor):
    class Broken:
        def sign(self, *_):
            raise ValueError

    key = Pkcs12Key("doctor", Broken(), doctor.certificate)
    with pytest.raises(SigningFailed, match="its private key cannot sign") as caught:
        await key.sign_digests([DIGEST])
    assert caught.value.transient is False


def test_a_missing_file(tmp_path):
    signer = Pkcs12Signer(file=tmp_path / "none.p12", password=PASSWORD)
    with pytest.raises(ConfigurationError) as caught:
        load_pkcs12("doctor", signer, clock=lambda: NOW)
    assert caught.value.problems == (
        f"the file {tmp_path}/none.p12 cannot be read: No such file or directory",
    )


def test_both_files_missing_are_reported_together(tmp_path):
    signer = Pkcs12Signer(file=tmp_path / "none.p12", password_file=tmp_path / "none")
    with pytest.raises(ConfigurationError) as caught:
        load_pkcs12("doctor", signer, clock=lambda: NOW)
    assert caught.value.problems == (
        f"the file {tmp_path}/none.p12 cannot be read: No such file or directory",
        f"the password file {tmp_path}/none cannot be read: No such file or directory",
    )


@pytest.mark.parametrize("content", [b"", b"not a container", b"\x30\x82"])
def test_not_a_container(load, content):
    (problem,) = problems_of(load, content)
    assert problem.endswith("cannot be opened: the password is wrong, or it is not a PKCS#12 file")


def test_a_wrong_password(load, doctor):
    with pytest.raises(ConfigurationError, match="the password is wrong") as caught:
        load(doctor, password="another-word")
    assert "another-word" not in str(caught.value)
    assert caught.value.__cause__ is None


def serialized(key, certificate, cas=None):
    return pkcs12.serialize_key_and_certificates(
        b"x", key, certificate, cas, BestAvailableEncryption(PASSWORD.encode())
    )


def test_no_key(load, doctor):
    found = problems_of(load, serialized(None, None, [doctor.certificate]))
    assert [problem.partition(": ")[2] for problem in found] == [
        "it holds no private key",
        "it holds no certificate that belongs to the key",
    ]


def test_no_certificate(load, doctor):
    (problem,) = problems_of(load, serialized(doctor.key, None))
    assert problem.endswith("it holds no certificate that belongs to the key")


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        (
            ec.generate_private_key(ec.SECP521R1()),
            "its key is on the curve secp521r1; P-256 or P-384 is needed",
        ),
        (
            ed25519.Ed25519PrivateKey.generate(),
            "its key is neither RSA nor of an elliptic curve (P-256, P-384)",
        ),
    ],
    ids=["P-521", "Ed25519"],
)
def test_a_key_of_a_kind_that_does_not_sign(load, key, problem):
    builder = certificate_builder("Odd", key.public_key())
    digest = None if isinstance(key, ed25519.Ed25519PrivateKey) else SHA256()
    assert problem in problems_of(load, serialized(key, builder.sign(key, digest)))[0]


@pytest.mark.parametrize(
    ("curve", "algorithm"),
    [
        (ec.SECP256R1, SignatureAlgorithm.ECDSA_P256_SHA256),
        (ec.SECP384R1, SignatureAlgorithm.ECDSA_P384_SHA384),
    ],
)
async def test_a_key_of_an_elliptic_curve_signs_by_its_curve(load, curve, algorithm):
    key = ec.generate_private_key(curve())
    certificate = certificate_builder("Elliptic", key.public_key()).sign(key, SHA256())
    signer = load(serialized(key, certificate))
    assert signer.known.algorithm is algorithm
    digest = algorithm.digest(b"bytes")
    (signature,) = await signer.sign_digests([digest])
    assert algorithm.verify(key.public_key(), digest, signature)


def test_the_algorithm_may_be_configured_where_the_key_takes_it(tmp_path, doctor):
    (tmp_path / "signer.p12").write_bytes(doctor.pkcs12(PASSWORD))
    options = {"file": tmp_path / "signer.p12", "password": PASSWORD}
    pss = Pkcs12Signer(**options, algorithm="rsa-pss-sha256")
    assert load_pkcs12("doctor", pss, clock=lambda: NOW).known.algorithm == "rsa-pss-sha256"
    with pytest.raises(ConfigurationError, match="its key cannot sign with ecdsa-p256-sha256"):
        load_pkcs12("doctor", Pkcs12Signer(**options, algorithm="ecdsa-p256-sha256"), clock=lambda: NOW)


def test_a_certificate_of_another_key(doctor):
    # The serializer refuses to write such a file, so the rule is asked directly.
    assert pair_problems(rsa_key("another"), doctor.certificate) == ["its certificate belongs to another key"]


def test_every_problem_is_reported_at_once(load):
    weak = issue(
        "Weak", key=rsa_key("weak", 1024), usage=key_usage(), start=NOW - YEAR, end=NOW - timedelta(days=1)
    )
    found = [problem.partition(": ")[2] for problem in problems_of(load, weak)]
    assert found == [
        "its RSA key has 1024 bits; at least 2048 are needed",
        "the certificate's KeyUsage allows neither digitalSignature nor nonRepudiation",
    ]


@pytest.mark.parametrize(
    "usage",
    [None, key_usage(digital_signature=True), key_usage(content_commitment=True)],
    ids=["no extension", "digitalSignature", "nonRepudiation"],
)
def test_usages_that_allow_a_signature(load, usage):
    assert load(issue("Usage", usage=usage)).name == "doctor"


def test_tls_identity_has_the_chain_in_order_and_the_key_behind_a_password(load, doctor):
    shuffled = Issued(doctor.certificate, doctor.key, tuple(reversed(doctor.issuers)))
    unrelated = issue("Unrelated", authority=True).certificate
    identity = load(Issued(doctor.certificate, doctor.key, (unrelated, *shuffled.issuers))).tls_identity()
    assert x509.load_pem_x509_certificates(identity.certificates) == [doctor.certificate, *doctor.issuers]
    pem = identity.encrypted_key(b"once")
    assert b"ENCRYPTED" in pem
    assert load_pem_private_key(pem, b"once").private_numbers() == doctor.key.private_numbers()
    assert "key=" not in repr(identity)


def test_a_file_without_password_where_one_is_configured(load, doctor):
    plain = pkcs12.serialize_key_and_certificates(b"x", doctor.key, doctor.certificate, None, NoEncryption())
    (problem,) = problems_of(load, plain)
    assert "it has no password, but one is configured" in problem


def test_an_empty_password_where_the_file_needs_one(tmp_path, doctor):
    (tmp_path / "signer.p12").write_bytes(doctor.pkcs12(PASSWORD))
    (tmp_path / "password").write_text("\n")
    signer = Pkcs12Signer(file=tmp_path / "signer.p12", password_file=tmp_path / "password")
    with pytest.raises(ConfigurationError, match="the configured password is empty, and it needs one"):
        load_pkcs12("doctor", signer, clock=lambda: NOW)


def test_an_empty_password_file_opens_a_file_without_password(tmp_path, doctor):
    plain = pkcs12.serialize_key_and_certificates(b"x", doctor.key, doctor.certificate, None, NoEncryption())
    (tmp_path / "signer.p12").write_bytes(plain)
    (tmp_path / "password").write_text("")
    signer = Pkcs12Signer(file=tmp_path / "signer.p12", password_file=tmp_path / "password")
    assert load_pkcs12("doctor", signer, clock=lambda: NOW).known.certificate == doctor.certificate


def test_bytes_behind_the_file_are_a_sentence_and_no_warning_of_a_library(tmp_path, doctor, caplog, recwarn):
    (tmp_path / "signer.p12").write_bytes(doctor.pkcs12(PASSWORD) + b"\r\n")
    signer = Pkcs12Signer(file=tmp_path / "signer.p12", password=PASSWORD)
    assert load_pkcs12("doctor", signer, clock=lambda: NOW).known.certificate == doctor.certificate
    (said,) = caplog.messages
    assert said.startswith(
        f"the file {tmp_path}/signer.p12 is not plain DER, or bytes follow its end; export it again"
    )
    assert not recwarn.list
