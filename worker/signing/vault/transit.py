"""Bodies and answers of the transit engine's `sign`. No I/O."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode, b64encode
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from worker.signing.algorithms import SignatureAlgorithm
from worker.signing.port import SigningFailed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from worker.signing.remote.exchange import Reply

_HASHES = MappingProxyType({"sha256": "sha2-256", "sha384": "sha2-384"})
_OPTIONS: Mapping[SignatureAlgorithm, Mapping[str, str]] = MappingProxyType(
    {
        # The engine's own default is PSS with the longest salt.
        SignatureAlgorithm.RSA_SHA256: {"signature_algorithm": "pkcs1v15"},
        SignatureAlgorithm.RSA_PSS_SHA256: {"signature_algorithm": "pss", "salt_length": "hash"},
        SignatureAlgorithm.ECDSA_P256_SHA256: {"marshaling_algorithm": "asn1"},
        SignatureAlgorithm.ECDSA_P384_SHA384: {"marshaling_algorithm": "asn1"},
    }
)
_SIGNATURE = re.compile(r"vault:v([1-9][0-9]{0,9}):([A-Za-z0-9+/]+={0,2})")
_REFUSED = 403
_REFUSALS = MappingProxyType(
    {
        400: "refuses the request: check key, key_version and algorithm",
        _REFUSED: "refuses the token, or its policy does not allow to sign with the key",
        404: "has no such path: check url, mount and namespace",
    }
)


def sign_body(digests: Sequence[bytes], algorithm: SignatureAlgorithm, key_version: int) -> Mapping[str, Any]:
    """Return the body that asks for signatures over these digests."""
    return {
        "batch_input": [{"input": b64encode(one).decode()} for one in digests],
        "prehashed": True,
        "hash_algorithm": _HASHES[algorithm.hash_name],
        "key_version": key_version,
        **_OPTIONS[algorithm],
    }


def refuses_token(reply: Reply) -> bool:
    """Whether the server refuses the token."""
    return reply.status == _REFUSED


def signatures_in(reply: Reply, key_version: int) -> Sequence[bytes]:
    """Return the signatures of an answer. Raises SigningFailed.

    The server's words are not quoted: it was given a token, and may repeat it.
    """
    data = reply.content.get("data")
    results = data.get("batch_results") if isinstance(data, dict) else None
    if not isinstance(results, list):
        raise _refusal(reply)
    texts = [str(one["signature"]) for one in results if isinstance(one, dict) and one.get("signature")]
    if not texts and not reply.passing and any(isinstance(one, dict) and one.get("error") for one in results):
        raise SigningFailed(f"Vault {_REFUSALS[400]}", transient=False)
    if not texts:
        raise _refusal(reply)
    return [_signature(one, key_version) for one in texts]


def _refusal(reply: Reply) -> SigningFailed:
    told = _REFUSALS.get(reply.status)
    if told is not None:
        return SigningFailed(f"Vault {told} (HTTP status {reply.status})", transient=False)
    # Besides, the status of a standby server, of one that is sealed, and of a page that a proxy writes.
    passing = reply.passing or reply.successful or reply.status in _STANDBY
    return SigningFailed(f"Vault answered without signatures (HTTP status {reply.status})", transient=passing)


_STANDBY = frozenset({412, 472, 473})


def _signature(text: str, key_version: int) -> bytes:
    found = _SIGNATURE.fullmatch(text)
    if found is None:
        raise SigningFailed("Vault's answer holds something else than a signature", transient=False)
    if int(found[1]) != key_version:
        raise SigningFailed("Vault signed with another version of the key than key_version", transient=False)
    try:
        return b64decode(found[2])
    except (ValueError, binascii.Error):
        raise SigningFailed("Vault's signature is not base64", transient=False) from None
