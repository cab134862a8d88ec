"""The attacks on the shape of a signed message, made by an NCANode that signs something else than it was given."""

import json

import pytest
from lxml import etree

from tests.support.signing.attacks.corpus import CORPUS
from tests.support.signing.wsse import GATEWAY
from tests.support.systems.kz_shep.soap import ANSWER, signed_by_xmlsec
from worker.signing.ncanode.answer import signed_document
from worker.signing.port import SigningFailed
from worker.transport.port import Answer

# Here the shape of what NCANode returns is looked at, and that it holds the right Body; its signature: test_proof.
ON_THE_SHAPE = {
    name: attack
    for name, attack in CORPUS.items()
    if name.split(":")[0] in {"wrapping", "references", "transforms"}
    and "does not belong" not in attack.reason
}


@pytest.fixture(scope="module")
def returned():
    return signed_by_xmlsec(GATEWAY)


def test_these_are_most_of_the_corpus_that_concern_the_shape():
    assert len(ON_THE_SHAPE) >= 60


@pytest.mark.parametrize("attack", ON_THE_SHAPE.values(), ids=ON_THE_SHAPE)
def test_an_attack_is_not_sent(attack, returned):
    assert taken(returned) == returned
    with pytest.raises(SigningFailed, match=f"cannot be sent: .*({attack.reason})"):
        taken(attack.forge(returned))


def taken(document):
    body = etree.fromstring(ANSWER).find("{*}Body")
    content = {"status": 200, "message": "OK", "xml": document.decode()}
    return signed_document(body, Answer(200, {}, json.dumps(content).encode()))
