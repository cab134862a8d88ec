"""What the checks around a signer refuse: certificates that cannot be used, and signatures that are not theirs."""

from datetime import timedelta

import pytest

from tests.support.signing.certificates import NOW, YEAR, issue, key_usage, rsa_key
from tests.support.signing.signers import Signer, failing, file_key
from worker.signing.algorithms import SignatureAlgorithm
from worker.signing.assignment import assigned
from worker.signing.checked import checked
from worker.signing.keys.pkcs12 import Pkcs12Key
from worker.signing.port import SigningFailed, TlsKey, VerifiesItself

SECOND = timedelta(seconds=1)
DOCTOR = issue("Doctor")
RSA = SignatureAlgorithm.RSA_SHA256
DIGESTS = [RSA.digest(text) for text in (b"one", b"two", b"three")]


@pytest.fixture
def key():
    return Pkcs12Key("doctor", DOCTOR.key, DOCTOR.certificate)


def at(signer, now=NOW):
    return checked(signer, clock=lambda: now)


def signing(key, change):
    async def sign(digests):
        return change(list(await key.sign_digests(digests)))

    return Signer(key, sign)


def answering(key, change):
    return at(signing(key, change))


async def test_one_signature_for_each_digest_in_their_order(key):
    expected = [RSA.sign(DOCTOR.key, digest) for digest in DIGESTS]
    assert list(await at(key).sign_digests(DIGESTS)) == expected
    assert list(await answering(key, sorted).sign_digests(DIGESTS)) == expected


@pytest.mark.parametrize(
    ("change", "told", "transient"),
    [
        (lambda found: found[:2], "it returned 2 signatures for 3 digests", True),
        (lambda found: found[:0], "it returned 0 signatures for 3 digests", True),
        (lambda found: [*found[:2], found[0]], "does not belong to its certificate", False),
        (lambda found: [*found[:2], b""], "does not belong to its certificate", False),
        (lambda found: [*found, found[0]], "does not belong to its certificate", False),
    ],
)
async def test_no_signature_is_used_where_one_is_missing_or_not_its_own(key, change, told, transient):
    with pytest.raises(SigningFailed, match=told) as caught:
        await answering(key, change).sign_digests(DIGESTS)
    assert caught.value.transient is transient
    assert str(caught.value).startswith(
        f'signer "doctor" (certificate serial number {DOCTOR.certificate.serial_number:x}): '
    )


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        (lambda _: [], False),
        (lambda found: [found[0], b"", b""], False),
        (lambda _: [b"", b"", b""], True),
    ],
    ids=["none", "one of three", "wrong ones"],
)
async def test_one_whose_signatures_are_all_wrong_is_broken_until_it_signs(key, change, broken):
    first = True

    def answered(found):
        nonlocal first
        was_first, first = first, False
        return change(found) if was_first else found

    signer = answering(key, answered)
    with pytest.raises(SigningFailed):
        await signer.sign_digests(DIGESTS)
    assert signer.broken is broken
    await signer.sign_digests(DIGESTS)
    assert signer.broken is False


@pytest.mark.parametrize("transient", [True, False])
async def test_one_that_an_operator_must_act_for_is_broken(key, transient):
    signer = at(failing(key, "the token fails", transient=transient))
    with pytest.raises(SigningFailed):
        await signer.sign_digests(DIGESTS)
    assert signer.broken is not transient


async def test_one_whose_certificate_has_expired_is_broken(key):
    signer = at(key, NOW + 2 * YEAR)
    with pytest.raises(SigningFailed):
        await signer.identity()
    assert signer.broken is True


async def test_every_signature_is_verified_and_not_the_first_alone(key):
    wrong = False

    def change(found):
        return [one[::-1] for one in found] if wrong else found

    signer = answering(key, change)
    await signer.sign_digests(DIGESTS)
    wrong = True
    with pytest.raises(SigningFailed, match="does not belong to its certificate"):
        await signer.sign_digests(DIGESTS)


def verifying_itself(key, change):
    signer = signing(key, change)
    signer.verifies_itself = True
    return at(signer)


async def test_of_one_that_verifies_itself_only_the_first_signature_is_verified(key, monkeypatch):
    asked = []
    monkeypatch.setattr(
        "worker.signing.checked.assigned", lambda *given: asked.append(given) or assigned(*given)
    )
    signer = verifying_itself(key, list)
    assert list(await signer.sign_digests([])) == []
    expected = [RSA.sign(DOCTOR.key, digest) for digest in DIGESTS]
    for _ in range(3):
        assert list(await signer.sign_digests(DIGESTS)) == expected
    assert [len(digests) for _, _, digests, _ in asked] == [0, 3], "until one was right, each is verified"


async def test_one_that_verifies_itself_is_not_believed_before_its_first_right_signature(key):
    wrong = True
    signer = verifying_itself(key, lambda found: [one[::-1] for one in found] if wrong else found)
    for _ in range(2):
        with pytest.raises(SigningFailed, match="does not belong to its certificate"):
            await signer.sign_digests(DIGESTS)
        assert signer.broken is True
    wrong = False
    await signer.sign_digests(DIGESTS)
    assert signer.broken is False


async def test_one_that_verifies_itself_must_still_return_a_signature_for_each_digest(key):
    missing = False
    signer = verifying_itself(key, lambda found: found[:-1] if missing else found)
    await signer.sign_digests(DIGESTS)
    missing = True
    with pytest.raises(SigningFailed, match="it returned 2 signatures for 3 digests"):
        await signer.sign_digests(DIGESTS)


@pytest.mark.parametrize(
    ("algorithm", "verifies_itself"),
    [(RSA, True), (SignatureAlgorithm.RSA_PSS_SHA256, True), (SignatureAlgorithm.ECDSA_P256_SHA256, False)],
)
def test_only_rsa_keys_in_files_verify_what_they_sign(algorithm, verifies_itself):
    signer = Pkcs12Key("doctor", DOCTOR.key, DOCTOR.certificate, algorithm=algorithm)
    assert isinstance(signer, VerifiesItself)
    assert signer.verifies_itself is verifies_itself
    assert not isinstance(Signer(signer, signer.sign_digests), VerifiesItself)


async def test_what_the_signer_raises_comes_through(key):
    with pytest.raises(SigningFailed, match="the token is missing") as caught:
        await at(failing(key, "the token is missing", transient=True)).sign_digests(DIGESTS)
    assert caught.value.transient


@pytest.mark.parametrize(
    ("now", "problem"),
    [
        (NOW - YEAR - SECOND, "the certificate is valid only from"),
        (NOW - YEAR, None),
        (NOW + YEAR, None),
        (NOW + YEAR + SECOND, "the certificate expired on"),
    ],
)
async def test_a_certificate_that_is_not_valid_signs_nothing(key, now, problem):
    signer = at(key, now)
    if problem is None:
        assert signer.problem() is None
        assert await signer.identity() == key.known
        return
    assert problem in signer.problem()
    assert await signer.unjudged() == key.known
    for attempt in (signer.identity(), signer.sign_digests(DIGESTS)):
        with pytest.raises(SigningFailed, match=problem) as caught:
            await attempt
        assert caught.value.transient is False
        assert f"{DOCTOR.certificate.serial_number:x}" in str(caught.value)


async def test_a_certificate_that_expires_meanwhile_signs_no_more(key):
    now = NOW
    signer = checked(key, clock=lambda: now)
    assert await signer.sign_digests(DIGESTS)
    now = NOW + YEAR + SECOND
    with pytest.raises(SigningFailed, match="expired on"):
        await signer.sign_digests(DIGESTS)


@pytest.mark.parametrize(
    ("issued", "algorithm", "problem"),
    [
        (issue("Encrypts", usage=key_usage()), RSA, "KeyUsage allows neither"),
        (issue("Weak", key=rsa_key("weak", 1024)), RSA, "the certificate's key cannot sign with rsa-sha256"),
        (DOCTOR, SignatureAlgorithm.ECDSA_P256_SHA256, "cannot sign with ecdsa-p256-sha256"),
    ],
)
async def test_a_certificate_that_can_never_sign(issued, algorithm, problem):
    signer = at(Pkcs12Key("odd", issued.key, issued.certificate, algorithm=algorithm))
    assert problem in signer.problem()
    with pytest.raises(SigningFailed, match=problem) as caught:
        await signer.identity()
    assert caught.value.transient is False


async def test_one_that_nobody_has_asked_yet_has_no_problem(key):
    remote = Signer(key, key.sign_digests)
    remote.known = None
    assert at(remote).problem() is None
    assert at(remote).known is None


def test_only_a_key_that_may_leave_can_be_a_tls_certificate(key):
    assert isinstance(file_key("doctor", DOCTOR), TlsKey)
    assert isinstance(at(key), TlsKey)
    assert not isinstance(at(Signer(key, key.sign_digests)), TlsKey)


async def test_closing_closes_the_signer(key):
    closed = []

    class Closing(Signer):
        async def close(self):
            closed.append(self.name)

    await at(Closing(key, key.sign_digests)).close()
    assert closed == ["doctor"]
