"""The attack corpus against the verification of answers: each is refused for its own reason, and its models pass."""

import pytest
from lxml import etree

from tests.support.signing.attacks.corpus import CORPUS
from tests.support.signing.certificates import issue, rsa_key
from tests.support.signing.wsse import GATEWAY, changed, check
from tests.support.systems.kz_shep.soap import ANSWER, DS, NAMESPACES, signed_by_xmlsec
from worker.signing.wsse.verify import BadSignature


@pytest.fixture(scope="module")
def answer():
    return signed_by_xmlsec(GATEWAY)


def test_the_corpus_is_as_large_as_is_claimed():
    assert len(CORPUS) >= 130


@pytest.mark.parametrize("attack", CORPUS.values(), ids=CORPUS)
def test_an_attack_is_refused(attack, answer):
    check(answer)
    forged = attack.forge(answer)
    assert forged != answer
    with pytest.raises(BadSignature, match=attack.reason):
        check(forged)


def answered(content):
    """Return an answer with this content that was signed so."""
    return signed_by_xmlsec(GATEWAY, ANSWER.replace("ТҰМАР", content))


def in_lines(document):
    def change(root):
        value = root.find(".//ds:SignatureValue", NAMESPACES)
        value.text = "\r\n\t ".join(value.text.split())

    return changed(document, change)


LOOK_LIKE_ATTACKS = {
    "CDATA": lambda document: document.replace("ТҰМАР".encode(), "<![CDATA[ТҰМАР]]>".encode()),
    "a letter by its number": lambda document: document.replace("ТҰ".encode(), b"&#x422;&#x4b0;"),
    "a byte order mark": lambda document: b"\xef\xbb\xbf" + document,
    "a comment beside the envelope": lambda document: document + b"<!-- -->",
    "white space in base64": in_lines,
    "a signature in the signed content": lambda _: answered(
        f'<ds:Signature xmlns:ds="{DS}"><ds:SignedInfo/></ds:Signature>'
    ),
    "an id of another name in the signed content": lambda _: answered('<x Id="x"/>'),
    "SOAP 1.2": lambda _: signed_by_xmlsec(
        GATEWAY, ANSWER.replace(NAMESPACES["S"], "http://www.w3.org/2003/05/soap-envelope")
    ),
    **{
        f"InclusiveNamespaces: {prefixes}": lambda _, prefixes=prefixes: signed_by_xmlsec(
            GATEWAY, prefixes=prefixes
        )
        for prefixes in ("S", "xs S")
    },
}


@pytest.mark.parametrize("change", LOOK_LIKE_ATTACKS.values(), ids=LOOK_LIKE_ATTACKS)
def test_what_changes_nothing_is_no_attack(change, answer):
    document = change(answer)
    assert document != answer
    check(document)
    assert etree.fromstring(document) is not None


def test_a_pinned_key_of_1024_bits_is_not_believed():
    small = issue("small", key=rsa_key("small", 1024))
    with pytest.raises(BadSignature, match="RSA key has fewer than 2048 bits"):
        check(signed_by_xmlsec(small), [small.certificate])
