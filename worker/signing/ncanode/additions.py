"""The check that NCANode added a signature to a document, and nothing else.

NCANode is given a key and its password, and the document that it returns is sent to SHEP. A malicious server could
hide both in the signature's random bytes, where no check finds them: only a trusted server may be given a key. This
check keeps a faulty server from leaking them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from worker.signing.wsse.names import HEADER, SECURITY, SIGNATURE, SOAP, WSU_ID
from worker.signing.wsse.signed_body import BadSignature

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MOST_ADDED_BYTES = 64 * 1024
LONGEST_ATTRIBUTE = 256
# Characters: a shorter secret occurs in base64 by chance.
LEAST_SECRET = 6
_ATTRIBUTES = {
    HEADER: frozenset[str](),
    SECURITY: frozenset({f"{{{SOAP}}}mustUnderstand", WSU_ID}),
    SIGNATURE: frozenset({"Id"}),
}


def require_only_a_signature(
    body: etree._Element, document: bytes, returned: etree._Element, secrets: Sequence[str]
) -> None:
    """Raise BadSignature where the returned document holds more than the one of `body` and a signature.

    The shape of `returned` is known already: one Header with one wsse:Security that has one ds:Signature.
    """
    sent = body.getroottree().getroot()
    if len(document) > len(etree.tostring(sent, encoding="UTF-8")) + MOST_ADDED_BYTES:
        raise BadSignature("It is much longer than the document and a signature.")
    if returned.getprevious() is not None or returned.getnext() is not None:
        raise BadSignature("There is other content beside its Envelope.")
    if sorted(returned.attrib.items()) != sorted(sent.attrib.items()):
        raise BadSignature("Its Envelope has other attributes.")
    if _is_odd(returned):
        raise BadSignature("Its Envelope holds text.")
    if len(returned[0][0]) != 1 or any(map(_is_odd, returned[0].iter("*"))):
        raise BadSignature("Its Header holds more than the signature.")
    if any(_holds(text, secret) for text in _texts(returned) for secret in secrets):
        raise BadSignature("It holds the key or its password.")


def _is_odd(element: etree._Element) -> bool:
    """Whether an element outside the Body has text between its children, or an attribute that is not needed."""
    between = [element.text, *(child.tail for child in element)] if len(element) else []
    allowed = _ATTRIBUTES.get(str(element.tag))
    return (
        any(text and not text.isspace() for text in between)
        or (allowed is not None and not allowed.issuperset(map(str, element.attrib)))
        or any(len(value) > LONGEST_ATTRIBUTE for value in element.attrib.values())
    )


def _texts(returned: etree._Element) -> Iterator[str]:
    """Yield the texts that the server wrote. The Body is left out: it is the one that the server was given."""
    for element in (returned, *returned[0].iter("*")):
        yield from (str(value) for value in element.attrib.values())
        yield from element.nsmap.values()
        yield element.text or ""
    yield str(returned[1].get(WSU_ID, ""))


def _holds(text: str, secret: str) -> bool:
    # Base64 may be broken into lines.
    return len(secret) >= LEAST_SECRET and (secret in text or secret in "".join(text.split()))
