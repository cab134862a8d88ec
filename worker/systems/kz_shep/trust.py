"""Whether an answer is SHEP's own: signed by one of the certificates that the settings pin, read from their files."""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Lock
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from contracts.immutable import immutable
from worker.configuration_error import ConfigurationError
from worker.signing.algorithms import LEAST_KEY_BITS
from worker.signing.certificates import (
    pem_certificates,
    pss_problem,
    public_key_of,
    unreadable_validity,
    validity_problem,
)
from worker.signing.gost.certificate import gost_public_key
from worker.signing.wsse.verify import BadSignature, verify_body
from worker.systems.port import TrustedCertificate

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from pathlib import Path

    from worker.systems.kz_shep.settings import KzShepSettings

_MOST = 1000
"""Verdicts that are remembered."""
_PEM = b"-----BEGIN CERTIFICATE-----"
SOON = timedelta(days=30)


@immutable
class Pin:
    """A pinned certificate and its file."""

    file: Path
    certificate: x509.Certificate

    def told(self) -> TrustedCertificate:
        """Return the certificate with what operators see of it."""
        label = f"{self.file} (serial number {self.certificate.serial_number:x})"
        return TrustedCertificate(label, self.certificate.not_valid_after_utc)

    def problem(self, now: datetime) -> str | None:
        """Say that it is not valid, or not for long any more; None where all is well."""
        end = self.certificate.not_valid_after_utc
        soon = f"the certificate ends on {end:%Y-%m-%d %H:%M} UTC" if end - now < SOON else None
        return validity_problem(self.certificate, now) or soon


def load_pinned(path: Path) -> list[Pin]:
    """Return the certificates in a PEM file, or the one in a DER file. Raises ConfigurationError."""
    pins = [Pin(path, certificate) for certificate in _certificates(path)]
    for pin in pins:
        if problem := _key_problem(pin.certificate):
            raise ConfigurationError(
                f"the file {path} has a certificate that cannot verify answers: {problem}"
            )
    return pins


def read_pins(settings: KzShepSettings, now: datetime) -> list[Pin]:
    """Read all pinned certificates. Raises ConfigurationError with every problem, or where none is valid at `now`."""
    pins: list[Pin] = []
    problems: list[str] = []
    for path in settings.pinned_certificates:
        try:
            pins += load_pinned(path)
        except ConfigurationError as bad:
            problems += bad.under("pinned_certificates").problems
    invalid = [f"{pin.file}: {why}" for pin in pins if (why := validity_problem(pin.certificate, now))]
    if settings.verify_answers and pins and len(invalid) == len(pins):
        problems.append(f"pinned_certificates: none of them is valid now: {', '.join(invalid)}")
    if problems:
        raise ConfigurationError(*problems)
    return pins


def _certificates(path: Path) -> list[x509.Certificate]:
    try:
        content = path.read_bytes()
        if _PEM in content:
            return pem_certificates(content)
        return [x509.load_der_x509_certificate(content)]
    except OSError as error:
        raise ConfigurationError(f"the file {path} cannot be read: {error.strerror}") from None
    except Exception:  # noqa: BLE001 - whatever a parser makes of bytes of strangers
        raise ConfigurationError(f"the file {path} is not a certificate in PEM or DER") from None


def _key_problem(certificate: x509.Certificate) -> str | None:
    if unreadable := unreadable_validity(certificate):
        return unreadable
    if gost_public_key(certificate) is not None:
        return None
    if problem := pss_problem(certificate):
        return problem
    key = public_key_of(certificate)
    if not isinstance(key, RSAPublicKey):
        return "its key is neither RSA nor GOST 2015 with 512 bits"
    if key.key_size < LEAST_KEY_BITS:
        return f"its RSA key has {key.key_size} bits; at least {LEAST_KEY_BITS} are needed"
    return None


class Trust:
    """Checks signatures, and remembers the verdicts by the answers' digests.

    A GOST check of a large answer takes seconds of CPU: it runs in a thread when the answer comes, and reading the
    answer finds the verdict. The thread is not one of the event loop's default pool, because look-ups of host names
    would wait behind the checks; and it is a single thread, because each further one that computes makes the event
    loop wait longer for the interpreter lock. Without pinned certificates every answer is believed.
    """

    def __init__(self, pinned: Sequence[x509.Certificate] | None, *, now: Callable[[], datetime]) -> None:
        self._pinned = pinned
        self._now = now
        self._verdicts: OrderedDict[bytes, str | None] = OrderedDict()
        self._lock = Lock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="kz-shep-signatures")

    def pin(self, certificates: Sequence[x509.Certificate]) -> None:
        """Believe these and no others from now on."""
        with self._lock:
            self._pinned = certificates
            self._verdicts.clear()

    def ended(self) -> str | None:
        """Say that no pinned certificate is valid now; None where one is, or none is needed."""
        if self._pinned is None:
            return None
        now = self._now()
        if any(validity_problem(one, now) is None for one in self._pinned):
            return None
        return (
            "none of SHEP's pinned certificates is valid now, so no answer can be trusted; add SHEP's new one to "
            "pinned_certificates"
        )

    async def check(self, document: bytes) -> None:
        """Find the verdict on this answer in the thread, after those that came before it."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self.problem, document)

    def close(self) -> None:
        """End the thread after its current check; checks that still wait are cancelled."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def problem(self, document: bytes) -> str | None:
        """Return why this answer is not to be believed, as a plain sentence; None where it is."""
        pinned = self._pinned
        if pinned is None:
            return None
        digest = hashlib.sha256(document).digest()
        with self._lock:
            if digest in self._verdicts:
                return self._verdicts[digest]
        verdict = self._check(document, pinned)
        with self._lock:
            if (
                pinned is not self._pinned
            ):  # others were pinned meanwhile: the next question is answered by those
                return verdict
            self._verdicts[digest] = verdict
            if len(self._verdicts) > _MOST:
                self._verdicts.popitem(last=False)
        return verdict

    def _check(self, document: bytes, pinned: Sequence[x509.Certificate]) -> str | None:
        try:
            verify_body(document, pinned, now=self._now())
        except BadSignature as bad:
            return str(bad)
        return None
