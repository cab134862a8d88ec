"""Signing keys from PKCS#12 files."""

from __future__ import annotations

import codecs
import logging
import warnings
from contextlib import suppress
from typing import TYPE_CHECKING

from cryptography.exceptions import InternalError, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization import pkcs12 as container

from worker.configuration_error import ConfigurationError
from worker.signing.certificates import chain, named, validity_problem
from worker.signing.keys.file_forms import other_form
from worker.signing.keys.pairs import belongs, chosen
from worker.signing.keys.pkcs12_keys import private_keys
from worker.signing.keys.tls_identity import TlsIdentity
from worker.signing.port import SigningFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from pathlib import Path

    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

    from worker.signing.keys.pairs import Pair
    from worker.signing.settings import Pkcs12Signer, SignerSettings


log = logging.getLogger(__name__)


class Pkcs12Key:
    """One signing identity in memory. The key is parsed once, because parsing costs as much as a hundred signatures."""

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

        Raises SigningFailed if the certificate is not valid now: the receiver would refuse the signature, or accept it
        and contest it later.
        """
        if problem := self.invalid_now():
            raise SigningFailed(f'signer "{self.name}": {problem}', transient=False)
        # The event loop makes the signature: it takes about 0.4 ms, and a thread would add a quarter of that for the
        # switch to it and back.
        try:
            return self._key.sign(data, PKCS1v15(), SHA256())
        except (ValueError, TypeError, UnsupportedAlgorithm, InternalError):
            problem = "its private key cannot sign; export the key and its certificate again"
            raise SigningFailed(f"{named(self)}: {problem}", transient=False) from None

    def tls_identity(self) -> TlsIdentity:
        """Return this identity for a TLS client certificate (mTLS)."""
        certificates = chain(self.certificate, self._issuers)
        return TlsIdentity(b"".join(one.public_bytes(Encoding.PEM) for one in certificates), self._key)

    def __repr__(self) -> str:
        return f"Pkcs12Key({self.name!r})"


def load_pkcs12(name: str, settings: Pkcs12Signer, *, clock: Callable[[], datetime]) -> Pkcs12Key:
    """Read and check one signing identity. Raises ConfigurationError with every problem found.

    A certificate that is not valid now raises nothing: the worker must start for the other signers, and `sign` refuses
    such a certificate.
    """
    data, password = read_pkcs12(settings)
    content = _open(settings.file, data, password)
    held = [one.certificate for one in (content.cert, *content.additional_certs) if one]
    try:
        key, leaf = chosen(_pairs(content, held, data, password), clock)
    except ConfigurationError as bad:
        raise bad.under(str(settings.file)) from None
    return Pkcs12Key(name, key, leaf, issuers=[one for one in held if one != leaf], clock=clock)


def read_pkcs12(settings: SignerSettings) -> tuple[bytes, bytes]:
    """Return the file's bytes and the password. Raises ConfigurationError with a problem for each unreadable file."""
    problems: list[str] = []
    data = _bytes_of(settings.file, "file", problems)
    if settings.password_file is None:
        password = settings.password.get_secret_value().encode() if settings.password else b""
    else:
        password = _password_in(settings.password_file, problems)
    if problems:
        raise ConfigurationError(*problems)
    return data, password


def _password_in(path: Path, problems: list[str]) -> bytes:
    content = _bytes_of(path, "password file", problems)
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        problems.append(f"the password file {path} is text in UTF-16; save it as UTF-8")
    # Editors and `echo` end a file with a line break, and editors of Windows begin it with a byte order mark. Neither
    # is part of the password; spaces may be.
    return content.removeprefix(codecs.BOM_UTF8).rstrip(b"\r\n")


def _bytes_of(path: Path, what: str, problems: list[str]) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        problems.append(f"the {what} {path} cannot be read: {error.strerror}")
        return b""


def _open(path: Path, data: bytes, password: bytes) -> container.PKCS12KeyAndCertificates:
    try:
        return _parsed(path, data, password)
    except UnsupportedAlgorithm:
        problem = "its encryption is not supported; export it again with AES-256"
    except Exception:  # noqa: BLE001 - the parser may raise anything; only this signer becomes unusable
        # The library raises the same error for a wrong password, an unreadable certificate and any other kind of file.
        if form := other_form(data):
            problem = form
        elif password and _opens_without(data):
            problem = (
                "it has no password, but one is configured; export it with one, or empty the password file"
            )
        elif _keys(data, password):
            problem = "a certificate in it is malformed"
        elif not password:
            problem = "the configured password is empty, and it needs one, or it is not a PKCS#12 file"
        else:
            problem = "the password is wrong, or it is not a PKCS#12 file"
    raise ConfigurationError(f"the file {path} cannot be opened: {problem}")


def _parsed(path: Path, data: bytes, password: bytes) -> container.PKCS12KeyAndCertificates:
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        content = container.load_pkcs12(data, password)
    if warned:  # the text of the library is written for programmers, and goes to stderr
        log.warning(
            "the file %s is not plain DER, or bytes follow its end; export it again: later versions may not read it",
            path,
        )
    return content


def _opens_without(data: bytes) -> bool:
    with warnings.catch_warnings(action="ignore"), suppress(Exception):
        container.load_pkcs12(data, None)
        return True
    return False


def _keys(data: bytes, password: bytes) -> list[PrivateKeyTypes]:
    """Return every key in the file; an empty list if only the library can read the file."""
    try:
        return private_keys(data, password)
    except Exception:  # noqa: BLE001 - the parser may raise anything
        return []


def _pairs(
    content: container.PKCS12KeyAndCertificates,
    certificates: Sequence[x509.Certificate],
    data: bytes,
    password: bytes,
) -> list[Pair]:
    """Return every key with each of its certificates; the pair that the library found comes first."""
    first = (content.key, content.cert.certificate if content.cert else None)
    found = [(key, one) for key in _keys(data, password) for one in certificates if belongs(key, one)]
    return [first, *(pair for pair in found if pair[1] != first[1])]
