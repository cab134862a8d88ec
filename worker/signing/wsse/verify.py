"""Verification of WS-Security signatures over a SOAP Body, by certificates that the operator has pinned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from worker.signing.certificates import validity_problem
from worker.signing.wsse.named_certificates import named_certificates
from worker.signing.wsse.schemes import scheme_of
from worker.signing.wsse.sign import MAX_DOCUMENT_BYTES, exclusive_form
from worker.signing.wsse.signed_body import BadSignature, signed_body
from worker.xml.safe import RefusedXml, parse

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from cryptography import x509

__all__ = ["BadSignature", "verify_body"]

MAX_INFO_BYTES = 16 * 1024
"""Bytes of the canonical SignedInfo, which is hashed before its author is known. Real ones have 1 KB."""


def verify_body(document: bytes, pinned: Sequence[x509.Certificate], *, now: datetime) -> None:
    """Return if the document's one Body is signed by one of `pinned` that is valid at `now`.

    What else the document holds is not signed: read the Body and nothing beside it. Takes milliseconds for RSA,
    much longer for GOST (docs/signing.md): call it in a thread where that matters. Raises BadSignature.
    """
    try:
        signed = signed_body(parse(document, max_bytes=MAX_DOCUMENT_BYTES))
        scheme = scheme_of(signed.signature_method, signed.digest_method)
        certificates = _valid(named_certificates(signed.key_info, pinned), now)
        info = exclusive_form(signed.info, signed.info_prefixes)
        if len(info) > MAX_INFO_BYTES:
            raise BadSignature("The signature's SignedInfo is too long.")
        # The signature first: a large Body costs a digest only under a SignedInfo that a pinned key once signed.
        if not any(scheme.verify(one, signed.signature, info) for one in certificates):
            raise BadSignature("The signature does not belong to the pinned certificate that it names.")
        if scheme.digest(exclusive_form(signed.body, signed.body_prefixes)) != signed.digest:
            raise BadSignature("The Body is not the one that was signed.")
    except RefusedXml as refused:
        raise BadSignature(str(refused)) from None
    except etree.C14NError:
        raise BadSignature("The document has no canonical form.") from None


def _valid(certificates: list[x509.Certificate], now: datetime) -> list[x509.Certificate]:
    problems = [validity_problem(one, now) for one in certificates]
    valid = [one for one, problem in zip(certificates, problems, strict=True) if problem is None]
    if not valid:
        raise BadSignature(f"The pinned certificate cannot be used: {problems[0]}.")
    return valid
