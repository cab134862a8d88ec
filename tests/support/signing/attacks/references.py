"""References to something else than the content, to several things, or to nothing."""

import copy

from tests.support.signing.attacks.attack import Attack, found, inserted, signed_again, tampered
from tests.support.systems.kz_shep.soap import DS

_ELSEWHERE = "does not refer to the Body"
_ONE = "SignedInfo must hold: CanonicalizationMethod, SignatureMethod, Reference"
_REFUSED = "InvalidInput|InvalidDigest|DocumentInvalid|does not belong|other content"
_MANIFEST = (
    '<ds:Object><ds:Manifest Id="manifest"><ds:Reference URI=""><ds:DigestMethod '
    'Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><ds:DigestValue/></ds:Reference></ds:Manifest></ds:Object>'
)


def _to(uri):
    return lambda root: found(root, "Reference").set("URI", uri)


def _no_reference(root):
    found(root, "SignedInfo").remove(found(root, "Reference"))


def _twice(root):
    reference = found(root, "Reference")
    reference.addnext(copy.deepcopy(reference))


def _to_a_manifest(root):
    """The signature covers a list of digests, which a verifier that does not know Manifest never compares."""
    inserted("Signature", _MANIFEST, 9)(root)
    reference = found(root, "Reference")
    reference.set("Type", f"{DS}Manifest")
    reference.set("URI", "#manifest")


def _to_key_info(root):
    found(root, "KeyInfo").set("Id", "key-info")
    _to("#key-info")(root)


def _to_an_object(root):
    inserted("Signature", '<ds:Object Id="object"><forged/></ds:Object>', 9)(root)
    _to("#object")(root)


_URIS = {
    "a file": "file:///etc/hostname",
    "a server": "http://127.0.0.1:9/body",
    "a name beside the document": "body.xml",
    "an id with spaces around": "# body-1 ",
    "an id in another case": "#BODY-1",
    "an escaped id": "#body%2D1",
    "an id without #": "body-1",
    "no id": "#",
}
ATTACKS = {
    "no Reference": Attack(tampered(_no_reference), _ONE, _REFUSED),
    "two References, signed": Attack(signed_again(_twice), _ONE, _REFUSED),
    "an empty SignedInfo": Attack(tampered(lambda root: found(root, "SignedInfo").clear()), _ONE, _REFUSED),
    "Reference to a Manifest": Attack(
        signed_again(_to_a_manifest), "Signature must hold: SignedInfo, SignatureValue, KeyInfo", _REFUSED
    ),
    "Reference to an Object": Attack(
        signed_again(_to_an_object), "Signature must hold: SignedInfo, SignatureValue, KeyInfo", _REFUSED
    ),
    "Reference to KeyInfo": Attack(signed_again(_to_key_info), _ELSEWHERE, _REFUSED),
    "Reference by xpointer(/)": Attack(tampered(_to("#xpointer(/)")), _ELSEWHERE, _REFUSED),
    "Reference by xpointer(id()), signed": Attack(
        signed_again(_to("#xpointer(id('body-1'))")), _ELSEWHERE, _REFUSED, enveloped=False
    ),
    **{
        f"Reference to {name}": Attack(tampered(_to(uri)), _ELSEWHERE, _REFUSED)
        for name, uri in _URIS.items()
    },
}
