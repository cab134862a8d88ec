"""A signer by its name, and what a failed signature ends in."""

from __future__ import annotations

import pytest

from contracts.reasons import Reason
from worker.outcome import Blocked, Retry
from worker.signing.port import CertificateNotValid, SigningFailed
from worker.systems.port import NotPrepared
from worker.systems.signers import not_signed, signer_of


def test_a_signer_without_anything_to_sign_with_is_blocked():
    assert signer_of({"one": "key"}, "one") == "key"
    with pytest.raises(NotPrepared) as caught:
        signer_of({"one": "key"}, "two")
    detail = 'signer "two" has no key that this system can use; `herald check` states the reason'
    assert caught.value.outcome == Blocked(Reason.SIGNING_FAILED, detail)


def test_one_that_could_not_be_loaded_is_blocked_with_its_problem():
    with pytest.raises(NotPrepared) as caught:
        signer_of({"one": "key"}, "two", {"two": "/two.p12: its key is not RSA"})
    assert caught.value.outcome == Blocked(
        Reason.SIGNING_FAILED, 'signer "two": /two.p12: its key is not RSA'
    )


@pytest.mark.parametrize(("transient", "kind"), [(True, Retry), (False, Blocked)])
def test_a_failed_signature_is_tried_again_where_it_may_pass(transient, kind):
    error = SigningFailed("the card is away", transient=transient)
    assert not_signed(error) == kind(Reason.SIGNING_FAILED, "the card is away")
    assert not_signed(error, "the challenge: ") == kind(
        Reason.SIGNING_FAILED, "the challenge: the card is away"
    )


def test_a_certificate_that_is_not_valid_is_its_signers_matter_alone():
    error = CertificateNotValid("the certificate expired")
    assert not_signed(error) == Blocked(Reason.CERTIFICATE_NOT_VALID, "the certificate expired")
