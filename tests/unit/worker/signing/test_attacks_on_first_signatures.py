"""The attack corpus against the verification of a signer's first document, in both forms that Herald writes.

Nobody stands between the writer and this verification. The corpus shows that it accepts the agreed form and no other,
however a writer or a library may come to write another.
"""

import asyncio

import pytest
from lxml import etree

from tests.support.signing.attacks.corpus import CORPUS
from tests.support.signing.signers import file_key
from tests.support.signing.wsse import GATEWAY
from tests.support.systems.kz_shep.soap import ANSWER
from worker.signing.signxml_verifier import ENVELOPED, NotVerified, soap_body, verify
from worker.signing.wsse.names import HEADER
from worker.signing.wsse.sign import exclusive_form, sign_body
from worker.signing.xmldsig import sign_enveloped

SOAP_BODY = soap_body(HEADER)
MESSAGE = '<m xmlns="urn:m"><data>ТҰМАР</data></m>'
IN_SOAP = {name: attack for name, attack in CORPUS.items() if attack.first}
IN_ENVELOPED = {name: attack for name, attack in IN_SOAP.items() if attack.enveloped}


@pytest.fixture(scope="module")
def key():
    return file_key("doctor", GATEWAY)


@pytest.fixture(scope="module")
def soap(key):
    """Our own SOAP message, and the content that was meant."""
    signed = asyncio.run(sign_body(etree.fromstring(ANSWER), key, new_id=lambda: "body-1"))
    return signed, exclusive_form(etree.fromstring(signed)[1])


@pytest.fixture(scope="module")
def enveloped(key):
    """Our own enveloped signature, and the content that was meant."""
    message = etree.fromstring(MESSAGE)
    return asyncio.run(sign_enveloped(message, key)), etree.tostring(message, method="c14n")


def test_most_of_the_corpus_concerns_these_forms():
    assert len(IN_SOAP) >= 110
    assert len(IN_ENVELOPED) >= 80


@pytest.mark.parametrize("attack", IN_SOAP.values(), ids=IN_SOAP)
def test_an_attack_on_a_soap_message(attack, soap, key):
    require_refused(attack, SOAP_BODY, key.known, *soap)


@pytest.mark.parametrize("attack", IN_ENVELOPED.values(), ids=IN_ENVELOPED)
def test_an_attack_on_an_enveloped_signature(attack, enveloped, key):
    require_refused(attack, ENVELOPED, key.known, *enveloped)


def require_refused(attack, form, identity, document, content):
    verify(document, form, identity, content=content)
    forged = attack.forge(document)
    assert forged != document
    with pytest.raises(NotVerified, match=attack.first):
        verify(forged, form, identity, content=content)
