"""Checks of the signing identities: each by itself, so that one that fails fails alone."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from worker.admin.preflight import signer_policy
from worker.admin.preflight.findings import Check, Finding, NotAsked, fail, ok, skipped
from worker.signing.certificates import public_key_of
from worker.signing.port import SigningFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from worker.signing.keys.pkcs12 import Pkcs12Key
    from worker.signing.port import DocumentSigner
    from worker.signing.registry import Signers

_REPLACE = "Export the key and its certificate again, and replace the signer's file."
_NCANODE = "Check the signer's url, that NCANode runs, and the file and its password."
_TEST_TEXT = b"A test signature of herald check --connect. It belongs to no message."
_ENVELOPE = (
    b'<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>'
    b'<test xmlns="urn:herald:check">A test signature. It belongs to no message.</test></soap:Body></soap:Envelope>'
)


class SignerChecks:
    """The checks of all signers. ``unusable`` has, by system and signer, what keeps a loaded one from signing there."""

    def __init__(
        self,
        signers: Signers,
        unusable: Mapping[tuple[str, str], str],
        *,
        seconds: float,
        now: Callable[[], datetime],
    ) -> None:
        self._signers = signers
        self._unusable = unusable
        self._seconds = seconds
        self._now = now

    def all(self) -> list[Check]:
        """Return the checks, in the order of the table."""
        return [
            Check("signers.load", self._load, vital=False),
            Check("signers.validity", self._validity, vital=False),
            Check("signers.chain", self._chain, vital=False),
            Check("signers.signature", self._signature, vital=False),
            Check("signers.ncanode", self._ncanode, vital=False),
        ]

    async def _load(self) -> Iterable[Finding]:
        step = "Correct the signer's file or password in `signers`."
        told = [fail("; ".join(found), step, name) for name, found in self._signers.problems.items()]
        told += [
            fail(f"{system} cannot use it: {problem}", step, name)
            for (system, name), problem in self._unusable.items()
        ]
        count = len(self._signers.keys) + len(self._signers.documents)
        return told or [
            ok(f"all {count} signers are loaded") if count else skipped("no signer is configured")
        ]

    async def _validity(self) -> Iterable[Finding]:
        now = self._now()
        return self._each(lambda key: signer_policy.validity(key.certificate, now, key.name))

    async def _chain(self) -> Iterable[Finding]:
        now = self._now()
        return self._each(
            lambda key: signer_policy.chain(
                x509.load_pem_x509_certificates(key.tls_identity().certificates), now, key.name
            )
        )

    async def _signature(self) -> Iterable[Finding]:
        self._keys()
        return [await try_signature(key) for key in self._signers.keys.values()]

    async def _ncanode(self) -> Iterable[Finding]:
        if not self._signers.documents:
            raise NotAsked("no signer uses NCANode")
        return await asyncio.gather(*map(self._test_document, self._signers.documents.values()))

    async def _test_document(self, signer: DocumentSigner) -> Finding:
        try:
            async with asyncio.timeout(self._seconds):
                await signer.sign_document(_ENVELOPE)
        except SigningFailed as error:
            return fail(str(error), _NCANODE, signer.name)
        except TimeoutError:
            return fail(f"no signature within {self._seconds:g} s", _NCANODE, signer.name)
        return ok("NCANode signs a test document with it", signer.name)

    def _each(self, judge: Callable[[Pkcs12Key], Finding]) -> list[Finding]:
        self._keys()
        return [_alone(judge, key) for key in self._signers.keys.values()]

    def _keys(self) -> None:
        if not self._signers.keys:
            raise NotAsked("no signer with a key of its own is loaded")


def _alone(judge: Callable[[Pkcs12Key], Finding], key: Pkcs12Key) -> Finding:
    """Judge one key; one that no parser reads must not hide the others."""
    try:
        return judge(key)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # noqa: BLE001 - whatever a parser makes of bytes of strangers
        return fail(f"its certificates cannot be read ({type(error).__name__})", _REPLACE, key.name)


async def try_signature(key: Pkcs12Key) -> Finding:
    """Sign a text that is no message, and verify the signature by the certificate's key."""
    if problem := key.invalid_now():
        return skipped(f"no test signature: {problem}", subject=key.name)
    try:
        signature = await key.sign(_TEST_TEXT)
    except SigningFailed as error:
        return fail(str(error), _REPLACE, key.name)
    public = public_key_of(key.certificate)
    if not isinstance(public, RSAPublicKey):
        return fail("its certificate has no RSA key", _REPLACE, key.name)
    try:
        public.verify(signature, _TEST_TEXT, PKCS1v15(), SHA256())
    except InvalidSignature:
        return fail("its signature does not fit its certificate: the key is another's", _REPLACE, key.name)
    return ok("a test signature was made and verified", key.name)
