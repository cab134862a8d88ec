"""A signer whose files have changed is loaded and checked, and then takes the place of the earlier one."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from worker.configuration_error import ConfigurationError
from worker.reloading.files import paths_in
from worker.reloading.reloadable import Apply, NotReloaded, Reloadable
from worker.signing.checked import CheckedSigner
from worker.signing.gate.anchors import load_anchors
from worker.signing.port import SecretInDoubt, SecretRefused, SigningFailed, WrongSignature
from worker.signing.settings import Pkcs12Signer
from worker.signing.trial import sign_at_random, sign_test_document

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from worker.reloading.contents import Contents
    from worker.signing.gate.settings import SigningSettings
    from worker.signing.port import DocumentSigner, Identity
    from worker.signing.registry import Signers
    from worker.signing.settings import SignerSettings

T = TypeVar("T")
log = logging.getLogger(__name__)

Prepare: TypeAlias = Callable[[str, CheckedSigner], Apply]
"""Makes a system ready for the new signer of a name, in a thread. Raises ConfigurationError where it cannot use it."""
_NEVER_AGAIN = (SecretRefused, WrongSignature)
"""Failures that the same files would have again, at the price of a locked token or of a signature for each try."""
CLOSE_AFTER = 600.0
"""Seconds for which an earlier signer stays open: what began with it ends with it."""


class SignerRenewals:
    """``contents`` has what the files held before the signers were made of them.

    ``prepare``: what each system does to use another certificate. ``sleep`` waits for seconds.
    """

    def __init__(
        self,
        signers: Signers,
        settings: Mapping[str, SignerSettings],
        *,
        contents: Contents,
        prepare: Sequence[Prepare],
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._signers = signers
        self._loader = signers.loader
        self._settings = settings
        self._prepare = prepare
        self._sleep = sleep
        self._closing: dict[asyncio.Task[None], CheckedSigner] = {}
        self._contents = contents
        self._loaded = {name: contents.at_first(paths_in(one)) for name, one in settings.items()}
        """What the files held that each signer was made of."""
        # One at a time: of many signers whose Secret was replaced, all threads would else decrypt keys for seconds.
        self._turn = asyncio.Lock()

    def reloadables(self) -> list[Reloadable]:
        """Return one for each signer with files."""
        return [
            Reloadable(f"signers.{name}", files, partial(self._renew, name), "signers", name)
            for name, one in self._settings.items()
            if (files := tuple(paths_in(one)))
        ]

    def anchors(self, signing: SigningSettings) -> list[Reloadable]:
        """Return one for the trust anchors, where there are any. Renewed signers are checked by them."""
        path = signing.trust_anchors
        if path is None:
            return []

        async def trust() -> None:
            self._loader.gate.trust(await asyncio.to_thread(load_anchors, path))

        return [Reloadable("signing.trust_anchors", (path,), trust, "signers")]

    async def close(self) -> None:
        """Close the earlier signers that are still open."""
        closing, self._closing = self._closing, {}
        for task in closing:
            task.cancel()
        await asyncio.gather(*closing, *(one.close() for one in closing.values()), return_exceptions=True)

    async def _renew(self, name: str) -> None:
        settings = self._settings[name]
        content = await self._in_turn(lambda: self._contents.of(paths_in(settings)))
        if self._complete_in_files(name) and content == self._loaded[name]:
            return
        new = await self._load(name)
        if not isinstance(new, CheckedSigner):
            await self._try_document(name, new)
            self._signers.replace(name, new)
            return
        try:
            applies = await self._checked(name, new, changed=content != self._loaded[name])
        except NotReloaded as refused:
            await new.close()
            self._signers.note(name, (str(refused),))
            raise
        old = self._signers.keys.get(name)
        # All in one go: between two of these no message may be prepared, or it would have the token of another key.
        self._signers.replace(name, new)
        for apply in applies:
            apply()
        self._loaded[name] = content
        if old is not None:
            self._retire(old)

    def _complete_in_files(self, name: str) -> bool:
        """Whether the signer that is used was made of files alone, so that the same files make the same signer.

        To load 200 keys again takes seconds, in which hardly anything else runs.
        """
        return name in self._signers.keys and isinstance(self._settings[name], Pkcs12Signer)

    async def _load(self, name: str) -> CheckedSigner | DocumentSigner:
        """Return what is made of the signer's files. Raises ConfigurationError."""
        try:
            return await self._in_turn(partial(self._loader.load, name, self._settings[name]))
        except ConfigurationError as bad:
            self._signers.note(name, bad.problems)
            raise

    async def _in_turn(self, work: Callable[[], T]) -> T:
        async with self._turn:
            return await asyncio.to_thread(work)

    async def _try_document(self, name: str, new: DocumentSigner) -> None:
        """Raise NotReloaded where there is an earlier signer, and the new one cannot sign."""
        if name not in self._signers.documents:
            return
        try:
            await sign_test_document(new)
        except SigningFailed as failed:
            raise NotReloaded(str(failed)) from None

    async def _checked(self, name: str, new: CheckedSigner, *, changed: bool) -> list[Apply]:
        """Return what the systems have to do. Raises NotReloaded where the new signer cannot sign.

        It signs something where an earlier one may work: a wrong PIN, and a key that is not the certificate's, show
        only then, and must not take its place. Where nothing works, nothing can become worse, and the
        secret that is tried again after `herald signers unblock` must be the new one. Where neither files nor
        certificate have ``changed``, a signature at a provider is not worth its price.
        """
        old = self._signers.keys.get(name)
        try:
            applies = await self._prepared(name, new, None if old is None else old.known)
            if old is not None and not old.broken and (changed or old.known != new.known):
                await sign_at_random(new)
        except SigningFailed as failed:
            if old is not None and old.broken and isinstance(failed, SecretRefused | SecretInDoubt):
                return []  # A client's secret, and a token's PIN, are tried already for the identity.
            raise NotReloaded(str(failed), retry=not isinstance(failed, _NEVER_AGAIN)) from None
        except ConfigurationError as bad:
            raise NotReloaded(str(bad)) from None
        return applies

    async def _prepared(self, name: str, new: CheckedSigner, old: Identity | None) -> list[Apply]:
        """Return what the systems have to do for another certificate, or other issuers: TLS shows those too."""
        identity = await new.identity()
        if identity == old:
            return []
        if old is None or identity.certificate != old.certificate:
            serial = f"{identity.certificate.serial_number:x}"
            log.info(
                "a signer gets another certificate",
                extra={"signer": name, "detail": f"serial number {serial}"},
            )
        return [await self._in_turn(partial(prepare, name, new)) for prepare in self._prepare]

    def _retire(self, old: CheckedSigner) -> None:
        task = asyncio.create_task(self._close_later(old), name=f"closing an earlier {old.name}")
        self._closing[task] = old
        task.add_done_callback(lambda ended: self._closing.pop(ended, None))

    async def _close_later(self, old: CheckedSigner) -> None:
        await self._sleep(CLOSE_AFTER)
        await old.close()
