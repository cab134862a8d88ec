"""What an answer of NCANode's /wsse/sign means: the signed document, or why there is none. No I/O.

The server's words are never quoted: it was given a key and a password, and may repeat them.
"""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

from worker.signing.ncanode.additions import require_only_a_signature
from worker.signing.port import SigningFailed
from worker.signing.wsse.names import WSU_ID
from worker.signing.wsse.sign import MAX_DOCUMENT_BYTES, exclusive_form
from worker.signing.wsse.signed_body import BadSignature, signed_body
from worker.xml.safe import RefusedXml, parse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lxml import etree

    from worker.transport.port import Answer

_OK = 200
_SERVER_ERRORS = 500
_TRY_AGAIN = frozenset({408, 425, 429})
_KEY_PROBLEM = "Key reading error"
_KEY_PROBLEMS = {
    "Password incorrect": "the password is wrong",
    "alias": "the file has no key with the name in key_alias",
    "Base64": "the file arrived incomplete",
}


def signed_document(body: etree._Element, answer: Answer, *, secrets: Sequence[str] = ()) -> bytes:
    """Return the signed document as the server wrote it. Raises SigningFailed.

    `body` is the Body that was to be signed: the answer must hold the same, and a signature over it, and nothing
    else. `secrets` are the key and its password, which the document must not contain.
    """
    content = _json(answer)
    if answer.status != _OK:
        raise _refusal(answer.status, str(content.get("message")))
    text = content.get("xml")
    if content.get("status") != _OK or not isinstance(text, str):
        raise SigningFailed("NCANode's answer has no signed document", transient=False)
    try:
        document = text.encode()
        returned = parse(document, max_bytes=MAX_DOCUMENT_BYTES)
        _require_same(body, returned)
        require_only_a_signature(body, document, returned, secrets)
    except UnicodeEncodeError:
        raise SigningFailed("NCANode's answer is not text", transient=False) from None
    except (RefusedXml, BadSignature) as refused:
        raise SigningFailed(f"NCANode's answer cannot be sent: {refused}", transient=False) from None
    return document


def _json(answer: Answer) -> dict[str, Any]:
    """Return the answer's JSON object; an empty one for anything else."""
    if answer.truncated:
        raise SigningFailed("NCANode's answer is too long", transient=False)
    try:
        content = json.loads(answer.body)
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _refusal(status: int, message: str) -> SigningFailed:
    # On some of its paths NCANode answers 500 to a wrong password too: its message decides before the status does.
    if _KEY_PROBLEM in message:
        why = next(
            (words for mark, words in _KEY_PROBLEMS.items() if mark in message), "it is not a key file"
        )
        return SigningFailed(f"NCANode cannot read the key: {why}", transient=False)
    if status >= _SERVER_ERRORS or status in _TRY_AGAIN:
        return SigningFailed(f"NCANode answered with HTTP status {status}", transient=True)
    return SigningFailed(
        f"NCANode refused the document or is not at this url: HTTP status {status}", transient=False
    )


def _require_same(body: etree._Element, returned: etree._Element) -> None:
    """Raise BadSignature where `returned` is not an envelope with this Body and a signature over it."""
    signed = signed_body(returned)
    if len(returned[0]) != 1:
        raise BadSignature("Its Header holds more than the signature.")
    if exclusive_form(body) != exclusive_form(_without_id(signed.body)):
        raise BadSignature("Its Body is not the one that was to be signed.")
    # Exclusive C14N does not cover a prefix that is used only in values, as in xsi:type.
    for one, other in zip(body.iter("*"), signed.body.iter("*"), strict=True):
        ours, theirs = _meanings(one), _meanings(other)
        if ours.get(None) != theirs.get(None) or not ours.items() <= theirs.items():
            raise BadSignature("Its Body declares other namespaces than the one that was to be signed.")


def _meanings(element: etree._Element) -> dict[str | None, str]:
    """Return the namespaces of the prefixes in scope, without xmlns="": NCANode drops one that changes nothing."""
    return {prefix: uri for prefix, uri in element.nsmap.items() if uri}


def _without_id(body: etree._Element) -> etree._Element:
    alone = copy.deepcopy(body)
    if WSU_ID in alone.attrib:
        del alone.attrib[WSU_ID]
    return alone
