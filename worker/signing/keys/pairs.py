"""Which pair of key and certificate a file is used for, where it holds several, and what a pair must be."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias, cast

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from worker.configuration_error import ConfigurationError
from worker.signing.algorithms import LEAST_KEY_BITS, PrivateKey, algorithm_of
from worker.signing.certificates import pss_problem, unreadable_part, usage_problem, validity_problem

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from cryptography import x509

_PUBLIC = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

Pair: TypeAlias = "tuple[object, x509.Certificate | None]"
"""A private key of any kind, and a certificate of it."""


def chosen(pairs: Sequence[Pair], clock: Callable[[], datetime]) -> tuple[PrivateKey, x509.Certificate]:
    """Return the pair to sign with: the one that is valid now, or where none is the one that ends last.

    Raises ConfigurationError where no pair can sign, with the problems of the first; and where pairs of several keys
    are valid: they may be several people's.
    """
    # pair_problems has checked both types; the cast tells mypy.
    fit = cast(
        "list[tuple[PrivateKey, x509.Certificate]]", [pair for pair in pairs if not pair_problems(*pair)]
    )
    if not fit:
        raise ConfigurationError(*pair_problems(*pairs[0]))
    if len(fit) == 1:
        return fit[0]
    now = clock()
    valid = [pair for pair in fit if validity_problem(pair[1], now) is None]
    if len({key.public_key().public_bytes(*_PUBLIC) for key, _ in valid}) > 1:
        serials = ", ".join(f"{certificate.serial_number:x}" for _, certificate in valid)
        raise ConfigurationError(
            f"it holds {len(valid)} keys whose certificates are valid now (serial numbers {serials}); "
            "keep only the one to sign with"
        )
    return max(valid or fit, key=lambda pair: pair[1].not_valid_after_utc)


def pair_problems(key: object, certificate: x509.Certificate | None) -> list[str]:
    """Return what keeps this pair from signing, as plain sentences."""
    found = [_key_problem(key)]
    if certificate is None:
        found.append("it holds no certificate that belongs to the key")
    elif unreadable := unreadable_part(certificate):
        found.append(unreadable)
    else:
        found += [
            pss_problem(certificate),
            usage_problem(certificate),
            None if belongs(key, certificate) else "its certificate belongs to another key",
        ]
    return [problem for problem in found if problem]


def belongs(key: object, certificate: x509.Certificate) -> bool:
    """Whether the certificate is the key's; of keys that cannot sign here nothing is said."""
    if not isinstance(key, PrivateKey):
        return True
    return unreadable_part(certificate) is None and key.public_key() == certificate.public_key()


def _key_problem(key: object) -> str | None:
    if key is None:
        return "it holds no private key"
    if isinstance(key, RSAPrivateKey):
        short = f"its RSA key has {key.key_size} bits; at least {LEAST_KEY_BITS} are needed"
        return short if key.key_size < LEAST_KEY_BITS else None
    if isinstance(key, EllipticCurvePrivateKey):
        other = f"its key is on the curve {key.curve.name}; P-256 or P-384 is needed"
        return other if algorithm_of(key.public_key()) is None else None
    return "its key is neither RSA nor of an elliptic curve (P-256, P-384)"
