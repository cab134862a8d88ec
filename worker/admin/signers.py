"""What operators see of signers: certificates, how long they last, what keeps one from signing, and a test signature.

A certificate is named by its serial number. Its subject holds a person's name and number (EGN), and is never shown.
"""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from typing import TYPE_CHECKING

from contracts.immutable import immutable
from worker.admin.errors import ActFailed, WrongConfiguration
from worker.signing.certificates import chain
from worker.signing.port import SigningFailed
from worker.signing.trial import sign_at_random, sign_test_document

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from worker.signing.port import DigestSigner, Identity
    from worker.signing.registry import Signers
    from worker.signing.settings import SignerSettings


@immutable
class Certificate:
    """``serial``: the serial number in hexadecimal. Times are UTC; ``days_left`` is negative after the end."""

    serial: str
    starts: datetime
    expires: datetime
    days_left: int


@immutable
class SignerView:
    """One signer. ``certificate`` and ``algorithm`` are None where they are not known without asking.

    ``issuers``: the certificates above its own, up to the root as far as they came with it. ``problem``: why it cannot
    sign now, as far as that is known.
    """

    name: str
    kind: str
    algorithm: str | None
    certificate: Certificate | None
    issuers: tuple[Certificate, ...]
    problem: str | None


@immutable
class Tested:
    """A test signature that was made and verified, and how many seconds it took."""

    name: str
    seconds: float


def views(signers: Signers, settings: Mapping[str, SignerSettings], now: datetime) -> list[SignerView]:
    """Return all configured signers, as they are known without asking anybody."""
    return [_view(signers, name, one.kind, now) for name, one in settings.items()]


def _view(signers: Signers, name: str, kind: str, now: datetime) -> SignerView:
    if name in signers.problems:
        return SignerView(name, kind, None, None, (), "; ".join(signers.problems[name]))
    key = signers.keys.get(name)
    if key is None or key.known is None:
        return SignerView(name, kind, None, None, (), None)
    return _shown(name, kind, key.known, key.problem(), now)


def _shown(name: str, kind: str, identity: Identity, problem: str | None, now: datetime) -> SignerView:
    own, *issuers = (
        Certificate(
            f"{one.serial_number:x}",
            one.not_valid_before_utc,
            one.not_valid_after_utc,
            (one.not_valid_after_utc - now) // timedelta(days=1),
        )
        for one in chain(identity.certificate, identity.issuers)
    )
    return SignerView(name, kind, identity.algorithm, own, tuple(issuers), problem)


async def connected_views(
    signers: Signers, settings: Mapping[str, SignerSettings], *, seconds: float, now: datetime
) -> list[SignerView]:
    """Return all configured signers, each connected within `seconds` where it is elsewhere."""

    async def one(name: str) -> SignerView:
        try:
            return await show(signers, settings, name, seconds=seconds, now=now)
        except ActFailed as failed:
            return SignerView(name, settings[name].kind, None, None, (), str(failed))

    return await asyncio.gather(*map(one, settings))


async def show(
    signers: Signers, settings: Mapping[str, SignerSettings], name: str, *, seconds: float, now: datetime
) -> SignerView:
    """Return one signer, connected within `seconds` where it is elsewhere. Raises ActFailed, WrongConfiguration."""
    one = _configured(settings, name)
    key = signers.keys.get(name)
    if key is None:
        return _view(signers, name, one.kind, now)
    try:
        async with asyncio.timeout(seconds):
            identity = await key.unjudged()
    except TimeoutError:
        raise ActFailed(f"Signer {name} did not answer within {seconds:g} s.") from None
    except SigningFailed as failed:
        return SignerView(name, one.kind, None, None, (), str(failed))
    return _shown(name, one.kind, identity, await _problem(key, seconds), now)


async def _problem(key: DigestSigner, seconds: float) -> str | None:
    """Return why it cannot sign now, revocation included where the settings ask for that."""
    try:
        async with asyncio.timeout(seconds):
            await key.identity()
    except SigningFailed as failed:
        return str(failed)
    except TimeoutError:
        return f"its certificate could not be judged within {seconds:g} s"
    return None


async def make_test_signature(
    signers: Signers, settings: Mapping[str, SignerSettings], name: str, *, seconds: float
) -> Tested:
    """Make a test signature within `seconds`, and verify it. Raises ActFailed with why there is none."""
    _configured(settings, name)
    if name in signers.problems:
        raise ActFailed(f"Signer {name} cannot sign: {'; '.join(signers.problems[name])}")
    began = time.monotonic()
    try:
        async with asyncio.timeout(seconds):
            if name in signers.keys:
                await sign_at_random(signers.keys[name])
            else:
                await sign_test_document(signers.documents[name])
    except TimeoutError:
        raise ActFailed(f"Signer {name} made no signature within {seconds:g} s.") from None
    except SigningFailed as failed:
        raise ActFailed(str(failed)) from None
    return Tested(name, time.monotonic() - began)


def _configured(settings: Mapping[str, SignerSettings], name: str) -> SignerSettings:
    if name not in settings:
        known = ", ".join(settings) or "none is configured"
        raise WrongConfiguration(f"There is no signer {name!r} in the configuration: {known}.")
    return settings[name]
