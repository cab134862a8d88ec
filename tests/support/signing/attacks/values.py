"""What stands in the signature's own values: base64 that readers understand differently, and values cut in two."""

import base64

from lxml import etree

from tests.support.signing.attacks.attack import Attack, found, signed_again, tampered

_BROKEN = "DocumentInvalid|TypeError|ValueError|does not belong|contains an instruction"


def _value(name, edit):
    def change(root):
        element = found(root, name)
        element.text = edit(element.text)

    return change


def _child(name, tag="x"):
    """Put the second half of a value behind an element, where some readers take the first half alone."""

    def change(root):
        element = found(root, name)
        child = etree.SubElement(element, tag)
        half = len(element.text) // 2
        element.text, child.tail = element.text[:half], element.text[half:]

    return change


def _instruction(root):
    value = found(root, "SignatureValue")
    value.append(etree.ProcessingInstruction("x"))


def _flipped(text):
    raw = bytearray(base64.b64decode(text))
    raw[-1] ^= 1
    return base64.b64encode(raw).decode()


ATTACKS = {
    "SignatureValue empty": Attack(
        tampered(_value("SignatureValue", lambda _: "")), "does not belong to the pinned", _BROKEN
    ),
    "SignatureValue of white space": Attack(
        tampered(_value("SignatureValue", lambda _: " \n ")), "does not belong to the pinned", _BROKEN
    ),
    "SignatureValue of zeros": Attack(
        tampered(_value("SignatureValue", lambda _: base64.b64encode(bytes(256)).decode())),
        "does not belong to the pinned",
        _BROKEN,
    ),
    "SignatureValue with one bit changed": Attack(
        tampered(_value("SignatureValue", _flipped)), "does not belong to the pinned", _BROKEN
    ),
    "SignatureValue one byte short": Attack(
        tampered(
            _value("SignatureValue", lambda text: base64.b64encode(base64.b64decode(text)[:-1]).decode())
        ),
        "does not belong to the pinned",
        _BROKEN,
    ),
    "SignatureValue with a zero before it": Attack(
        tampered(
            _value("SignatureValue", lambda text: base64.b64encode(b"\0" + base64.b64decode(text)).decode())
        ),
        "does not belong to the pinned",
        _BROKEN,
    ),
    "SignatureValue in URL-safe base64": Attack(
        tampered(_value("SignatureValue", lambda text: "-_" + text[2:])),
        "SignatureValue is not base64",
        _BROKEN,
    ),
    "SignatureValue without padding": Attack(
        tampered(_value("SignatureValue", lambda text: text.rstrip().rstrip("="))),
        "SignatureValue is not base64",
        _BROKEN,
    ),
    "SignatureValue twice in one": Attack(
        tampered(_value("SignatureValue", lambda text: text + text)), "SignatureValue is not base64", _BROKEN
    ),
    "SignatureValue with a space that is none in XML": Attack(
        tampered(_value("SignatureValue", lambda text: f"{text[:8]}\u2003{text[8:]}")),
        "SignatureValue is not base64",
        _BROKEN,
    ),
    "SignatureValue cut by an element": Attack(
        tampered(_child("SignatureValue")), "SignatureValue must hold: nothing", _BROKEN
    ),
    "SignatureValue with an instruction": Attack(
        tampered(_instruction), "comment or a processing instruction", _BROKEN
    ),
    "DigestValue empty, signed over it": Attack(
        tampered(_value("DigestValue", lambda _: "")), "does not belong to the pinned", _BROKEN
    ),
    "DigestValue cut by an element": Attack(
        tampered(_child("DigestValue")), "DigestValue must hold: nothing", _BROKEN
    ),
    "an id at SignedInfo, signed, and then another": Attack(
        lambda document: tampered(lambda root: found(root, "SignedInfo").set("Id", "b"))(
            signed_again(lambda root: found(root, "SignedInfo").set("Id", "a"))(document)
        ),
        "does not belong to the pinned",
        _BROKEN,
    ),
}
