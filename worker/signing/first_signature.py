"""The first signature that a key makes is verified before the message leaves, by code that did not make it.

A key with the certificate of another key, a token that signs other bytes, a library that writes another canonical
form: each would let a hospital send unusable signatures all day. One verified signature shows that key, certificate
and writer fit together; the same three make all later signatures, so those are not verified.

`sign_enveloped` and `sign_body` call this by themselves, so that no system can leave it out.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from cryptography.hazmat.primitives.hashes import SHA256

from worker.signing import signxml_verifier
from worker.signing.certificates import named
from worker.signing.port import SigningFailed

if TYPE_CHECKING:
    from worker.signing.port import SigningKey
    from worker.signing.signxml_verifier import Form

# The forms that are verified, by key object: a key that is loaded again is verified again. The certificate's
# fingerprint is part of the entry because a remote key may change its certificate in place.
_verified: WeakKeyDictionary[SigningKey, set[tuple[str, bytes]]] = WeakKeyDictionary()


async def verify_first(document: bytes, form: Form, key: SigningKey, *, content: bytes) -> None:
    """Return if this key has a verified signature of this form: an earlier one, or the one in this document.

    `content` is what was signed, in canonical form. While nothing is verified yet, each of the signatures that are
    made at the same time is verified. Raises SigningFailed; the next signature is then verified too.
    """
    certificate = key.certificate
    proof = (form.name, certificate.fingerprint(SHA256()))
    if proof in _verified.get(key, ()):
        return
    try:
        await asyncio.to_thread(signxml_verifier.verify, document, form, certificate, content=content)
    except signxml_verifier.NotVerified as failed:
        raise SigningFailed(f"{named(key)}: {failed}", transient=False) from None
    _verified.setdefault(key, set()).add(proof)
