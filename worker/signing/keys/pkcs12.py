"""Signing keys from PKCS#12 files."""

from __future__ import annotations

import codecs
import logging
import warnings
from contextlib import suppress
from typing import TYPE_CHECKING

from cryptography.exceptions import InternalError, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization import pkcs12 as container

from worker.configuration_error import ConfigurationError
from worker.signing.algorithms import SignatureAlgorithm, algorithm_of
from worker.signing.certificates import chain, named
from worker.signing.keys.file_forms import other_form
from worker.signing.keys.pairs import belongs, chosen
from worker.signing.keys.pkcs12_encryption import conversion, old_encryption
from worker.signing.keys.pkcs12_keys import number_of_keys, private_keys
from worker.signing.port import Identity, SigningFailed
from worker.signing.tls_identity import TlsIdentity

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from pathlib import Path

    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

    from worker.signing.algorithms import PrivateKey
    from worker.signing.keys.pairs import Pair
    from worker.signing.settings import NcanodeSettings, Pkcs12Signer


log = logging.getLogger(__name__)


class Pkcs12Key:
    """A digest signer in memory. The key is parsed once, because parsing costs as much as a hundred signatures."""

    def __init__(
        self,
        name: str,
        key: PrivateKey,
        certificate: x509.Certificate,
        *,
        issuers: Sequence[x509.Certificate] = (),
        algorithm: SignatureAlgorithm = SignatureAlgorithm.RSA_SHA256,
    ) -> None:
        self.name = name
        self._key = key
        self._identity = Identity(certificate, tuple(issuers), algorithm)
        self.verifies_itself = algorithm.verified_as_made

    @property
    def known(self) -> Identity:
        """Its identity, which is always known."""
        return self._identity

    async def identity(self) -> Identity:
        """Return its identity."""
        return self._identity

    async def sign_digests(self, digests: Sequence[bytes]) -> Sequence[bytes]:
        """Return the raw signatures over these digests. Raises SigningFailed where the key cannot sign."""
        # The event loop makes the signature: it takes about 0.4 ms, and a thread would add a quarter of that for the
        # switch to it and back.
        try:
            return [self._identity.algorithm.sign(self._key, digest) for digest in digests]
        except (ValueError, TypeError, UnsupportedAlgorithm, InternalError):
            problem = "its private key cannot sign; export the key and its certificate again"
            raise SigningFailed(f"{named(self)}: {problem}", transient=False) from None

    async def close(self) -> None:
        """Do nothing: it holds no connection."""

    def tls_identity(self) -> TlsIdentity:
        """Return this identity for a TLS client certificate (mTLS)."""
        certificates = chain(self._identity.certificate, self._identity.issuers)
        return TlsIdentity(b"".join(one.public_bytes(Encoding.PEM) for one in certificates), self._key)

    def __repr__(self) -> str:
        return f"Pkcs12Key({self.name!r})"


def load_pkcs12(name: str, settings: Pkcs12Signer, *, clock: Callable[[], datetime]) -> Pkcs12Key:
    """Read and check one signing identity. Raises ConfigurationError with every problem found.

    A certificate that is not valid now raises nothing: the worker must start for the other signers, and `CheckedSigner`
    refuses such a certificate.
    """
    data, password = read_pkcs12(settings)
    content = _open(settings, data, password)
    held = [one.certificate for one in (content.cert, *content.additional_certs) if one]
    try:
        key, leaf = chosen(_pairs(content, held, data, password), clock)
        algorithm = _algorithm(key, settings.algorithm)
    except ConfigurationError as bad:
        raise bad.under(str(settings.file)) from None
    if is_old := old_encryption(data):
        log.warning(
            "the file %s is encrypted with %s; convert it: %s", settings.file, is_old, conversion(settings)
        )
    return Pkcs12Key(name, key, leaf, issuers=[one for one in held if one != leaf], algorithm=algorithm)


def _algorithm(key: PrivateKey, wanted: SignatureAlgorithm | None) -> SignatureAlgorithm:
    """Return how the key signs. Raises ConfigurationError where it cannot sign with what is configured."""
    public = key.public_key()
    found = wanted or algorithm_of(public)
    if found is None or not found.fits(public):
        raise ConfigurationError(f"its key cannot sign with {wanted}: see the signer's setting algorithm")
    return found


def read_pkcs12(settings: Pkcs12Signer | NcanodeSettings) -> tuple[bytes, bytes]:
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


def _open(settings: Pkcs12Signer, data: bytes, password: bytes) -> container.PKCS12KeyAndCertificates:
    path = settings.file
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
            problem = _unreadable_certificate(settings, data)
        elif not password:
            problem = "the configured password is empty, and it needs one, or it is not a PKCS#12 file"
        elif old := old_encryption(data):
            problem = (
                f"the password is wrong, or {old}, with which it is encrypted, is switched off here; convert it: "
                f"{conversion(settings)}"
            )
        else:
            problem = "the password is wrong, or it is not a PKCS#12 file"
    raise ConfigurationError(f"the file {path} cannot be opened: {problem}")


def _unreadable_certificate(settings: Pkcs12Signer, data: bytes) -> str:
    """Return what is wrong where the password opens the key: exporters encrypt the two parts with other algorithms."""
    if old := old_encryption(data):
        return (
            f"{old}, with which it is encrypted, is switched off here, or a certificate in it is malformed; "
            f"convert it: {conversion(settings)}"
        )
    return "a certificate in it is malformed"


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


def _has_one_key(data: bytes) -> bool:
    with suppress(Exception):  # the parser may raise anything
        return number_of_keys(data) == 1
    return False


def _pairs(
    content: container.PKCS12KeyAndCertificates,
    certificates: Sequence[x509.Certificate],
    data: bytes,
    password: bytes,
) -> list[Pair]:
    """Return every key with each of its certificates; the pair that the library found comes first."""
    first = (content.key, content.cert.certificate if content.cert else None)
    # To decrypt a key takes as long as to open the file: the one that the library returned is not decrypted again.
    keys = [content.key] if content.key is not None and _has_one_key(data) else _keys(data, password)
    found = [(key, one) for key in keys for one in certificates if belongs(key, one)]
    return [first, *(pair for pair in found if pair[1] != first[1])]
