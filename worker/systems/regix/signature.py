"""The verdict on a report's signature (XAdES over `#data`): best-effort, and it decides nothing. Total.

The signature is checked first, by the certificate that it brings; then the digests under it. Data is taken from the
very element that the reply is read from, so that nothing else can be signed in its place.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from lxml import etree

from contracts.fields import utc_text
from contracts.immutable import immutable
from worker.signing.certificates import public_key_of, unreadable_part, validity_problem
from worker.signing.wsse.names import DS, SIGNATURE_VALUE, SIGNED_INFO
from worker.systems.regix.response import text_in
from worker.systems.regix.standalone import C14n, canonical_forms
from worker.systems.stated import without_gaps

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from worker.systems.regix.response import Parts

_ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
_PROPERTIES = "http://uri.etsi.org/01903#SignedProperties"
_SHA1 = "http://www.w3.org/2000/09/xmldsig#sha1"
_DIGESTS = {
    _SHA1: "sha1",
    "http://www.w3.org/2001/04/xmlenc#sha256": "sha256",
    "http://www.w3.org/2001/04/xmldsig-more#sha384": "sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512": "sha512",
}
_RSA_SHA1 = f"{DS}rsa-sha1"
_METHODS: dict[str, type[hashes.HashAlgorithm]] = {
    _RSA_SHA1: hashes.SHA1,
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256": hashes.SHA256,
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384": hashes.SHA384,
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512": hashes.SHA512,
}
_MOST_REFERENCES = 10
LARGEST_CHECKED = 8 * 1024 * 1024
"""Bytes of an answer whose signatures are checked: canonical forms take several times its memory."""


class Verdict(StrEnum):
    """What was found, as the contract names it."""

    TRUSTED = "trusted"
    UNTRUSTED = "untrusted"
    INVALID = "invalid"
    NOT_CHECKED = "not-checked"
    ABSENT = "absent"


@immutable
class SignatureRules:
    """Which certificates are trusted, and whether signatures with SHA-1 are checked."""

    trusted: Sequence[x509.Certificate] = ()
    accept_sha1: bool = False


class _NotChecked(Exception):
    """The signature has a form that is not read here; the message says which."""


class _Invalid(Exception):
    """The signature does not hold; the message says what does not."""


def verdict_on(parts: Parts, size: int, rules: SignatureRules, now: datetime) -> Mapping[str, Any]:
    """Return the reply's member `signature`: of several signatures the worst verdict. ``size``: the answer's bytes."""
    if not parts.signatures:
        return {"verdict": Verdict.ABSENT.value}
    if size > LARGEST_CHECKED:
        return _not_checked("the answer is too large", {})
    found = [_verdict(one, parts.data, rules, now) for one in parts.signatures[:_MOST_REFERENCES]]
    order = (Verdict.INVALID, Verdict.NOT_CHECKED, Verdict.UNTRUSTED, Verdict.TRUSTED)
    return min(found, key=lambda one: order.index(Verdict(one["verdict"])))


def _verdict(
    signature: etree._Element, data: etree._Element, rules: SignatureRules, now: datetime
) -> dict[str, Any]:
    info = signature.find(SIGNED_INFO)
    method = None if info is None else _algorithm(info, "SignatureMethod")
    certificate = _certificate(signature)
    told = _told(method, certificate)
    if info is None or certificate is None:
        return _not_checked("it has no SignedInfo, or brings no certificate that can be read", told)
    try:
        _check(signature, info, data, certificate, rules)
    except _NotChecked as why:
        return _not_checked(str(why), told)
    except _Invalid as why:
        return {"verdict": Verdict.INVALID.value, "detail": str(why), **told}
    except (etree.LxmlError, ValueError):
        return _not_checked("its parts have no canonical form", told)
    return {**_trust(certificate, rules, now), **told}


def _not_checked(why: str, told: Mapping[str, Any]) -> dict[str, Any]:
    detail = f"the signature is not checked: {why}"
    return {"verdict": Verdict.NOT_CHECKED.value, "detail": detail, **told}


def _told(method: str | None, certificate: x509.Certificate | None) -> dict[str, Any]:
    known = method if method in _METHODS else None
    if certificate is None:
        return without_gaps(algorithm=known)
    return without_gaps(
        algorithm=known,
        certificateSha256=certificate.fingerprint(hashes.SHA256()).hex(),
        certificateEnds=utc_text(certificate.not_valid_after_utc),
    )


def _trust(certificate: x509.Certificate, rules: SignatureRules, now: datetime) -> dict[str, Any]:
    if not any(_vouches(one, certificate) for one in rules.trusted):
        detail = "the signature holds; the settings do not name its certificate as trusted"
        return {"verdict": Verdict.UNTRUSTED.value, "detail": detail}
    if problem := validity_problem(certificate, now):
        return {"verdict": Verdict.UNTRUSTED.value, "detail": f"the signature holds; {problem}"}
    return {"verdict": Verdict.TRUSTED.value}


def _vouches(trusted: x509.Certificate, certificate: x509.Certificate) -> bool:
    """Whether a trusted certificate is this one, or issued it."""
    if trusted == certificate:
        return True
    try:
        certificate.verify_directly_issued_by(trusted)
    except Exception:  # noqa: BLE001 - whatever a parser makes of bytes of strangers
        return False
    return True


def _check(
    signature: etree._Element,
    info: etree._Element,
    data: etree._Element,
    certificate: x509.Certificate,
    rules: SignatureRules,
) -> None:
    """Return where the signature holds over Data. Raises _NotChecked, _Invalid."""
    references = list(info.iterchildren(f"{{{DS}}}Reference"))
    if not 1 <= len(references) <= _MOST_REFERENCES:
        raise _NotChecked("it has no references, or too many")
    _refuse_sha1(info, references, rules)
    _check_value(signature, info, certificate)
    covered = [_check_reference(one, signature, data) for one in references]
    if not any(covered):
        raise _Invalid("the signature does not cover the report")


def _refuse_sha1(info: etree._Element, references: Iterable[etree._Element], rules: SignatureRules) -> None:
    algorithms = {
        _algorithm(info, "SignatureMethod"),
        *(_algorithm(one, "DigestMethod") for one in references),
    }
    if not rules.accept_sha1 and algorithms & {_RSA_SHA1, _SHA1}:
        raise _NotChecked("it uses SHA-1, which the setting signatures.accept_sha1 does not take")


def _check_value(signature: etree._Element, info: etree._Element, certificate: x509.Certificate) -> None:
    method = _METHODS.get(_algorithm(info, "SignatureMethod") or "")
    key = public_key_of(certificate)
    if method is None or not isinstance(key, RSAPublicKey):
        raise _NotChecked("its algorithm is none that is read here")
    value = _decoded(signature.find(SIGNATURE_VALUE))
    form = _form(_algorithm(info, "CanonicalizationMethod"))
    if not any(_holds(key, value, one, method()) for one in canonical_forms(info, form, signature)):
        raise _Invalid(
            "the signature does not belong to the certificate that it brings, or SignedInfo was changed"
        )


def _holds(key: RSAPublicKey, value: bytes, signed: bytes, method: hashes.HashAlgorithm) -> bool:
    try:
        key.verify(value, signed, padding.PKCS1v15(), method)
    except InvalidSignature:
        return False
    except UnsupportedAlgorithm:
        raise _NotChecked("its algorithm is none that is read here") from None
    return True


def _check_reference(reference: etree._Element, signature: etree._Element, data: etree._Element) -> bool:
    """Check one digest; return whether it is that of Data. Raises _NotChecked, _Invalid."""
    uri = reference.get("URI") or ""
    is_data = uri == f"#{data.get('id')}" and bool(data.get("id"))
    if is_data:
        element, boundary = data, data
    elif reference.get("Type") == _PROPERTIES:
        element, boundary = _properties(signature, uri), signature
    else:
        raise _NotChecked("it refers to something else than the report and its own properties")
    name = _DIGESTS.get(_algorithm(reference, "DigestMethod") or "")
    if name is None:
        raise _NotChecked("its digest is none that is read here")
    expected = _decoded(reference.find(f"{{{DS}}}DigestValue"))
    forms = canonical_forms(element, _transformed(reference), boundary)
    if not any(hmac.compare_digest(hashlib.new(name, one).digest(), expected) for one in forms):
        raise _Invalid(f"the {'report' if is_data else 'signature'} is not what was signed")
    return is_data


def _properties(signature: etree._Element, uri: str) -> etree._Element:
    found = [one for one in signature.iter("{*}SignedProperties") if uri == f"#{one.get('Id')}"]
    if len(found) != 1:
        raise _NotChecked("its signed properties are not there, or there twice")
    return found[0]


def _transformed(reference: etree._Element) -> C14n:
    """Return the canonical form in which a reference is digested. Raises _NotChecked for other transforms."""
    transforms = [str(one.get("Algorithm")) for one in reference.iter(f"{{{DS}}}Transform")]
    forms = [one for one in transforms if one != _ENVELOPED]
    if len(forms) > 1:
        raise _NotChecked("it has transforms that are not read here")
    return _form(forms[0]) if forms else C14n.INCLUSIVE


def _form(algorithm: str | None) -> C14n:
    if algorithm not in set(C14n):
        raise _NotChecked("it has a canonical form that is not read here")
    return C14n(algorithm)


def _algorithm(element: etree._Element, name: str) -> str | None:
    found = element.find(f"{{{DS}}}{name}")
    return None if found is None else found.get("Algorithm")


def _decoded(element: etree._Element | None) -> bytes:
    text = text_in(element)
    try:
        return base64.b64decode("".join((text or "").split()), validate=True)
    except (binascii.Error, ValueError):
        raise _Invalid("a value in the signature is not base64") from None


def _certificate(signature: etree._Element) -> x509.Certificate | None:
    """Return the first certificate in KeyInfo; None where there is none that can be read."""
    found = signature.find(f"{{{DS}}}KeyInfo/{{{DS}}}X509Data/{{{DS}}}X509Certificate")
    try:
        certificate = x509.load_der_x509_certificate(_decoded(found))
    except Exception:  # noqa: BLE001 - whatever a parser makes of bytes of strangers
        return None
    return None if unreadable_part(certificate) else certificate
