"""Signing keys from PKCS#12 files."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization import pkcs12 as container

from worker.configuration_error import ConfigurationError
from worker.signing.certificates import chain, usage_problem, validity_problem
from worker.signing.keys.tls_identity import TlsIdentity
from worker.signing.port import SigningFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from pathlib import Path

    from cryptography import x509

    from worker.signing.settings import Pkcs12Signer, SignerSettings

LEAST_KEY_BITS = 2048


class Pkcs12Key:
    """One signing identity, in memory: the key is parsed once, because parsing costs a hundred signatures."""

    def __init__(
        self,
        name: str,
        key: RSAPrivateKey,
        certificate: x509.Certificate,
        *,
        issuers: Sequence[x509.Certificate] = (),
        clock: Callable[[], datetime],
    ) -> None:
        self.name = name
        self.certificate = certificate
        self._key = key
        self._issuers = tuple(issuers)
        self._clock = clock

    @property
    def expires(self) -> datetime:
        """The last moment at which the certificate is valid (UTC)."""
        return self.certificate.not_valid_after_utc

    def invalid_now(self) -> str | None:
        """Say why the certificate is not valid at this moment, or None."""
        return validity_problem(self.certificate, self._clock())

    async def sign(self, data: bytes) -> bytes:
        """Return the RSA PKCS#1 v1.5 signature over the SHA-256 of `data`.

        Raises SigningFailed where the certificate is not valid now: what it signs would be refused, or worse,
        accepted today and contested later.
        """
        if problem := self.invalid_now():
            raise SigningFailed(f'signer "{self.name}": {problem}', transient=False)
        # On the event loop, not in a thread: a signature takes about 0.4 ms, and the switch to a thread and back adds
        # a quarter of that to each submission.
        return self._key.sign(data, PKCS1v15(), SHA256())

    def tls_identity(self) -> TlsIdentity:
        """Return this identity for a TLS client certificate (mTLS)."""
        certificates = chain(self.certificate, self._issuers)
        return TlsIdentity(b"".join(one.public_bytes(Encoding.PEM) for one in certificates), self._key)

    def __repr__(self) -> str:
        return f"Pkcs12Key({self.name!r})"


def load_pkcs12(name: str, settings: Pkcs12Signer, *, clock: Callable[[], datetime]) -> Pkcs12Key:
    """Read and check one signing identity. Raises ConfigurationError with every problem found.

    A certificate that is not valid now is no problem here: one doctor's expired certificate must not keep a worker
    from starting for all the others. `sign` refuses it.
    """
    content = _open(settings.file, *read_pkcs12(settings))
    certificate = content.cert.certificate if content.cert else None
    if problems := _problems(content.key, certificate):
        raise ConfigurationError(*(f"{settings.file}: {problem}" for problem in problems))
    issuers = [extra.certificate for extra in content.additional_certs]
    # _problems has checked both types; the casts tell mypy.
    key, leaf = cast("RSAPrivateKey", content.key), cast("x509.Certificate", certificate)
    return Pkcs12Key(name, key, leaf, issuers=issuers, clock=clock)


def read_pkcs12(settings: SignerSettings) -> tuple[bytes, bytes]:
    """Return the file's bytes and the password. Raises ConfigurationError for all files that cannot be read."""
    problems: list[str] = []
    data = _bytes_of(settings.file, "file", problems)
    if settings.password_file is None:
        password = settings.password.get_secret_value().encode() if settings.password else b""
    else:
        # Editors and `echo` end a file with a line break, which is not part of the password; spaces may be.
        password = _bytes_of(settings.password_file, "password file", problems).rstrip(b"\r\n")
    if problems:
        raise ConfigurationError(*problems)
    return data, password


def _bytes_of(path: Path, what: str, problems: list[str]) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        problems.append(f"the {what} {path} cannot be read: {error.strerror}")
        return b""


def _open(path: Path, data: bytes, password: bytes) -> container.PKCS12KeyAndCertificates:
    try:
        return container.load_pkcs12(data, password)
    except UnsupportedAlgorithm:
        problem = "it is encrypted in a way that is not supported here; export it again with AES-256"
    except ValueError:
        problem = "the password is wrong, or it is not a PKCS#12 file"
    raise ConfigurationError(f"the file {path} cannot be opened: {problem}")


def _problems(key: object, certificate: x509.Certificate | None) -> list[str]:
    found = [_key_problem(key)]
    if certificate is None:
        found.append("it holds no certificate that belongs to the key")
    else:
        found += [usage_problem(certificate), _pair_problem(key, certificate)]
    return [problem for problem in found if problem]


def _key_problem(key: object) -> str | None:
    if key is None:
        return "it holds no private key"
    if not isinstance(key, RSAPrivateKey):
        return "its key is not RSA; the signatures made here are RSA with SHA-256"
    if key.key_size < LEAST_KEY_BITS:
        return f"its RSA key has {key.key_size} bits; at least {LEAST_KEY_BITS} are needed"
    return None


def _pair_problem(key: object, certificate: x509.Certificate) -> str | None:
    if isinstance(key, RSAPrivateKey) and key.public_key() != certificate.public_key():
        return "its certificate belongs to another key"
    return None
