"""The certificate of a signer whose provider does not return it, from a PEM file that the operator names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.configuration_error import ConfigurationError
from worker.signing.algorithms import algorithm_of
from worker.signing.certificates import pem_certificates, public_key_of, unreadable_part
from worker.signing.port import Identity

if TYPE_CHECKING:
    from pathlib import Path

    from cryptography import x509

    from worker.signing.algorithms import SignatureAlgorithm


def identity_in(path: Path, algorithm: SignatureAlgorithm | None = None) -> Identity:
    """Return the identity of the file's first certificate; those after it are its issuers. Raises ConfigurationError.

    Without ``algorithm`` it signs by that of the certificate's key.
    """
    leaf, *issuers = _certificates(path)
    if problem := unreadable_part(leaf):
        raise ConfigurationError(f"the certificate_file {path}: {problem}")
    chosen = algorithm or algorithm_of(public_key_of(leaf))
    if chosen is None:
        raise ConfigurationError(
            f"the key of the certificate in {path} is of a kind, or of a length, that cannot sign"
        )
    return Identity(leaf, tuple(issuers), chosen)


def _certificates(path: Path) -> list[x509.Certificate]:
    try:
        return pem_certificates(path.read_bytes())
    except OSError as error:
        raise ConfigurationError(f"the certificate_file {path} cannot be read: {error.strerror}") from None
    except ValueError:
        raise ConfigurationError(
            f"the certificate_file {path} does not hold whole PEM certificates that can be read"
        ) from None
