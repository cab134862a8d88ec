"""Signatures over digests, and the ways in which a provider may return wrong ones."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256

from sandbox.stand_in import InvalidControl

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

ORDERS = ("request", "reversed", "sorted")
PKCS1, PSS_SHA256 = "pkcs1v15", "pss"
_SHA256_BYTES = 32


@dataclass(frozen=True, slots=True)
class Faults:
    """What is wrong with signatures; the defaults are right ones."""

    order: str = "request"
    """The order of the answer: that of the request, reversed, or that of the digests (a known provider sorts them)."""
    half: bool = False
    """Only the first half of the signatures is returned."""
    other_key: bool = False
    """Another signer's key makes the signatures."""
    other_algorithm: bool = False
    """The other padding of RSA is used than the one that was asked for."""

    def shown(self) -> dict[str, Any]:
        """Return them ready for JSON."""
        return asdict(self)

    def changed(self, body: Any) -> Faults:
        """Return them with what a control request sets. Raises InvalidControl."""
        names = {field.name for field in fields(self)}
        if not isinstance(body, dict) or not set(body) <= names:
            raise InvalidControl(f"signatures must be an object of {', '.join(sorted(names))}")
        if body.get("order", "request") not in ORDERS:
            raise InvalidControl(f"signatures: order must be one of {', '.join(ORDERS)}")
        if not all(isinstance(value, bool) for name, value in body.items() if name != "order"):
            raise InvalidControl("signatures: all but order must be true or false")
        return replace(self, **body)


def is_sha256(digest: bytes) -> bool:
    """Whether it has the length of such a digest."""
    return len(digest) == _SHA256_BYTES


def signed(
    digests: Sequence[bytes],
    key: RSAPrivateKey,
    other: RSAPrivateKey,
    *,
    padding: str = PKCS1,
    faults: Faults,
) -> list[bytes]:
    """Return the signatures over SHA-256 digests, as the faults want them; ``other`` is another signer's key."""
    if faults.other_algorithm:
        padding = PSS_SHA256 if padding == PKCS1 else PKCS1
    how = PKCS1v15() if padding == PKCS1 else PSS(MGF1(SHA256()), _SHA256_BYTES)
    maker = other if faults.other_key else key
    made = [maker.sign(one, how, Prehashed(SHA256())) for one in _ordered(digests, faults.order)]
    return made[: len(made) // 2] if faults.half else made


def _ordered(digests: Sequence[bytes], order: str) -> Sequence[bytes]:
    if order == "sorted":
        return sorted(digests)
    return digests[::-1] if order == "reversed" else digests
