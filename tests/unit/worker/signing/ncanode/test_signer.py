"""What is not sent to an NCANode server at all."""

from __future__ import annotations

import pytest

from tests.support.signing.certificates import NOW
from tests.support.systems.kz_shep.answers import envelope
from worker.signing.ncanode.signer import NcanodeKey, NcanodeSigner
from worker.signing.port import SigningFailed


def unreachable():
    raise AssertionError("nothing may be sent")


async def test_soap_1_2_is_refused_with_a_sentence():
    signer = NcanodeSigner(
        "mis", "https://ncanode.test", NcanodeKey("a2V5", "password", None), unreachable, clock=lambda: NOW
    )
    document = envelope("<a/>", soap="http://www.w3.org/2003/05/soap-envelope").encode()
    with pytest.raises(SigningFailed, match="not those of SOAP") as failed:
        await signer.sign_document(document)
    assert not failed.value.transient
