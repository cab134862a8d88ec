"""The first signature that a key makes is verified before it leaves, by code that did not make it.

A key whose certificate is another's, a token that signs something else, a library that writes another canonical
form: each would let a hospital send unusable signatures all day. One verified signature shows that key, certificate
and writer fit together; what follows is made of the same parts, so the later ones cost nothing.

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

# What is known of a key belongs to the key object and goes with it: one that is loaded anew is verified anew. The
# certificate's fingerprint is for a key that changes its certificate in place, as a remote one may.
_verified: WeakKeyDictionary[SigningKey, set[tuple[str, bytes]]] = WeakKeyDictionary()


async def verify_first(document: bytes, form: Form, key: SigningKey, *, content: bytes) -> None:
    """Return where this key has a verified signature of this form: an earlier one, or the document's own.

    `content` is what was signed, in canonical form. While nothing is verified yet, signatures that are made at the
    same time are verified each by itself. Raises SigningFailed; the next signature is verified again then.
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
