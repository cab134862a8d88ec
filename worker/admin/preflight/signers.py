"""Checks of the signing identities: each by itself, so that one that fails fails alone."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from worker.admin.preflight import signer_policy
from worker.admin.preflight.findings import Check, Finding, NotAsked, Verdict, fail, ok, skipped
from worker.signing.certificates import chain
from worker.signing.port import SigningFailed
from worker.signing.trial import sign_at_random, sign_test_document

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from worker.signing.checked import CheckedSigner
    from worker.signing.port import DocumentSigner, Identity
    from worker.signing.registry import Signers

_REPLACE = "Export the key and its certificate again, and replace the signer's file."
_MAY_NOT_SIGN = "Replace the signer's certificate, or correct `signing.trust_anchors`."
_NCANODE = "Check the signer's url, that NCANode runs, and the file and its password."
_CONNECT = "Check that the signer's token or provider can be reached, and its settings."


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
        return await self._each(self._may_sign)

    def _may_sign(self, name: str, identity: Identity) -> Finding:
        found = signer_policy.validity(identity.certificate, self._now(), name)
        problem = self._signers.keys[name].problem()
        if problem is not None and found.verdict is not Verdict.FAIL:
            return fail(problem, _MAY_NOT_SIGN, name)
        return found

    async def _chain(self) -> Iterable[Finding]:
        now = self._now()
        return await self._each(
            lambda name, one: signer_policy.chain([*chain(one.certificate, one.issuers)], now, name)
        )

    async def _signature(self) -> Iterable[Finding]:
        self._keys()
        return await asyncio.gather(
            *(try_signature(key, seconds=self._seconds) for key in self._signers.keys.values())
        )

    async def _ncanode(self) -> Iterable[Finding]:
        if not self._signers.documents:
            raise NotAsked("no signer uses NCANode")
        return await asyncio.gather(*map(self._test_document, self._signers.documents.values()))

    async def _test_document(self, signer: DocumentSigner) -> Finding:
        try:
            async with asyncio.timeout(self._seconds):
                await sign_test_document(signer)
        except SigningFailed as error:
            return fail(str(error), _NCANODE, signer.name)
        except TimeoutError:
            return fail(f"no signature within {self._seconds:g} s", _NCANODE, signer.name)
        return ok("NCANode signs a test document with it", signer.name)

    async def _each(self, judge: Callable[[str, Identity], Finding]) -> list[Finding]:
        self._keys()
        return await asyncio.gather(*(self._judged(judge, key) for key in self._signers.keys.values()))

    async def _judged(self, judge: Callable[[str, Identity], Finding], key: CheckedSigner) -> Finding:
        """Judge one certificate; one that no parser reads must not hide the others."""
        try:
            async with asyncio.timeout(self._seconds):
                identity = await key.unjudged()
            return judge(key.name, identity)
        except SigningFailed as error:
            return fail(str(error), _CONNECT, key.name)
        except TimeoutError:
            return fail(f"its certificate is not known after {self._seconds:g} s", _CONNECT, key.name)
        except (KeyboardInterrupt, SystemExit, asyncio.CancelledError):
            raise
        except BaseException as error:  # noqa: BLE001 - whatever a parser makes of bytes of strangers
            return fail(f"its certificates cannot be read ({type(error).__name__})", _REPLACE, key.name)

    def _keys(self) -> None:
        if not self._signers.keys:
            raise NotAsked("no signer with a key of its own is loaded")


async def try_signature(key: CheckedSigner, *, seconds: float) -> Finding:
    """Sign a random digest that belongs to no message; the signer verifies the signature by its certificate."""
    if problem := key.problem():
        return skipped(f"no test signature: {problem}", subject=key.name)
    try:
        async with asyncio.timeout(seconds):
            await sign_at_random(key)
    except SigningFailed as error:
        step = _CONNECT if error.transient or key.known is None else _REPLACE
        return fail(str(error), step, key.name)
    except TimeoutError:
        return fail(f"no signature within {seconds:g} s", _CONNECT, key.name)
    return ok("a test signature was made and verified", key.name)
