"""The first document that a signer signs is verified before it leaves, by code that did not make it.

`CheckedSigner` sees to it that each signature belongs to the certificate and to the digest that was signed. What it
cannot see is the document: a library that writes another canonical form would let a hospital send unusable signatures
all day. One verified document shows that signer and writer fit together; the same two make all later ones, so those
are not verified as a whole.

`sign_enveloped` and `sign_body` call this by themselves, so that no system can leave it out.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from worker.signing import signxml_verifier
from worker.signing.certificates import named
from worker.signing.port import SigningFailed

if TYPE_CHECKING:
    from worker.signing.port import DigestSigner, Identity
    from worker.signing.signxml_verifier import Form

# The forms that are verified, by signer object: one that is loaded again is verified again.
_verified: WeakKeyDictionary[DigestSigner, set[str]] = WeakKeyDictionary()


async def verify_first(
    document: bytes, form: Form, signer: DigestSigner, identity: Identity, *, content: bytes
) -> None:
    """Return if this signer has a verified document of this form: an earlier one, or this one.

    `content` is what was signed, in canonical form. While nothing is verified yet, each of the documents that are
    signed at the same time is verified. Raises SigningFailed; the next document is then verified too.
    """
    if form.name in _verified.get(signer, ()):
        return
    try:
        await asyncio.to_thread(signxml_verifier.verify, document, form, identity, content=content)
    except signxml_verifier.NotVerified as failed:
        raise SigningFailed(f"{named(signer)}: {failed}", transient=False) from None
    _verified.setdefault(signer, set()).add(form.name)
