"""A digest signer whose key is in a token or HSM."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from worker.signing.algorithms import SignatureAlgorithm
from worker.signing.pkcs11.choosing import choose_key
from worker.signing.pkcs11.login import User
from worker.signing.pkcs11.mechanisms import MECHANISMS, input_of
from worker.signing.pkcs11.pin import PinSource
from worker.signing.port import Identity, SigningFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from cryptography import x509

    from worker.signing.pkcs11.choosing import ChosenKey, Inventory
    from worker.signing.pkcs11.lanes import Lanes
    from worker.signing.pkcs11.settings import KeySettings, Pkcs11Settings
    from worker.signing.port import RefusedSecrets

NO_CERTIFICATE = "the token holds no certificate with the key's id; import it there, or set certificate_file"
OTHER_CERTIFICATE = (
    "the token holds another certificate for the key than before; restart the worker to use it"
)


class Pkcs11Signer:
    """One key of a token that it shares with other signers. Nothing is opened before the first use."""

    def __init__(
        self,
        name: str,
        settings: Pkcs11Settings,
        token: Lanes,
        *,
        certificates: Sequence[x509.Certificate] = (),
        memory: RefusedSecrets,
        clock: Callable[[], datetime],
        release: Callable[[], Lanes | None],
    ) -> None:
        """Make it. ``certificates``: its own and then its issuers, where they are not taken from the token.

        ``release`` returns the token once no other signer uses it.
        """
        self.name = name
        self._wanted: KeySettings = settings.key
        self._from_token = not certificates
        self._algorithm = SignatureAlgorithm(settings.algorithm)
        self._mechanism = MECHANISMS[settings.algorithm]
        self._token = token
        self._clock = clock
        self._release = release
        pin = PinSource(settings.pin_file, settings.pin)
        self._user = User(name, pin, memory, settings.ignore_pin_warnings)
        self._identity: Identity | None = None
        if certificates:
            leaf, *issuers = certificates
            self._identity = Identity(leaf, tuple(issuers), self._algorithm)
        self._chosen: WeakKeyDictionary[Inventory, ChosenKey] = WeakKeyDictionary()

    @property
    def known(self) -> Identity | None:
        """Its identity: from the beginning where a file holds its certificate, else once the token was opened."""
        return self._identity

    @property
    def processes(self) -> tuple[int, ...]:
        """The numbers of the processes that have its token open."""
        return self._token.pids

    async def identity(self) -> Identity:
        """Return its identity; opens the token the first time. Raises SigningFailed."""
        if self._identity is None:
            try:
                chosen = await self._token.choose(self._user, self._choose_certified)
                self._identity = self._identity or self._identity_of(chosen)
            except SigningFailed as failed:
                raise self._named(failed) from None
        return self._identity

    async def sign_digests(self, digests: Sequence[bytes]) -> Sequence[bytes]:
        """Return the signatures, in the order of the digests. Raises SigningFailed."""
        sign = partial(self._token.sign, self._user, self._choose_same, self._mechanism)
        try:
            return [await sign(input_of(self._algorithm, digest)) for digest in digests]
        except SigningFailed as failed:
            raise self._named(failed) from None

    async def close(self) -> None:
        """End the token's process where no other signer uses it."""
        await self._token.leave(self._user)
        if (unused := self._release()) is not None:
            await unused.close()

    def _choose(self, inventory: Inventory) -> ChosenKey:
        chosen = self._chosen.get(inventory)
        if chosen is None:
            self._chosen[inventory] = chosen = choose_key(inventory, self._wanted, self._clock())
        return chosen

    def _choose_certified(self, inventory: Inventory) -> ChosenKey:
        """Choose the key; one without a certificate is as good as none, so that the token is looked at again."""
        chosen = self._choose(inventory)
        self._identity_of(chosen)
        return chosen

    def _choose_same(self, inventory: Inventory) -> ChosenKey:
        """Choose the key, and insist on the certificate that the message may already name."""
        chosen = self._choose(inventory)
        known = self._identity if self._from_token else None
        if known is not None and chosen.certificate != known.certificate:
            raise SigningFailed(OTHER_CERTIFICATE, transient=False)
        return chosen

    def _identity_of(self, chosen: ChosenKey) -> Identity:
        if chosen.certificate is None:
            raise SigningFailed(NO_CERTIFICATE, transient=False)
        return Identity(chosen.certificate, chosen.issuers, self._algorithm)

    def _named(self, failed: SigningFailed) -> SigningFailed:
        return failed.saying(f'signer "{self.name}": {failed}')

    def __repr__(self) -> str:
        return f"Pkcs11Signer({self.name!r})"
