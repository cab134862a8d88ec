"""A system that knows each signer by the client certificate in the TLS handshake: what it adds to the usual answers."""

from __future__ import annotations

from itertools import count
from types import MappingProxyType
from typing import TYPE_CHECKING

from worker.signing.certificates import validity_problem
from worker.signing.port import SigningFailed
from worker.signing.taken import identity_for
from worker.systems.base import HttpSystem
from worker.systems.port import Endpoint, NotPrepared
from worker.systems.reloads import ca_file, tls_key
from worker.systems.signers import not_signed, signer_of
from worker.transport.status_classes import SERVER_ERROR

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Container, Iterable, Mapping
    from datetime import datetime
    from pathlib import Path

    from worker.reloading.reloadable import Apply, Reloadable
    from worker.signing.algorithms import SignatureAlgorithm
    from worker.signing.port import DigestSigner, DigestSigners, Identity, TlsKey
    from worker.systems.clients import SignerClients
    from worker.systems.port import Operation
    from worker.transport.port import HttpClient

_NONE: Mapping[str, str] = MappingProxyType({})


class ClientCertificates:
    """Which of a system's signers have a certificate that can be shown now.

    ``accepted``: the algorithms that the settings let the certificates' keys have.
    """

    def __init__(
        self,
        signers: Collection[str],
        *,
        keys: DigestSigners,
        now: Callable[[], datetime],
        accepted: Collection[SignatureAlgorithm],
        unusable: Mapping[str, str] = _NONE,
    ) -> None:
        self._signers = signers
        self._keys = keys
        self._now = now
        self._accepted = accepted
        self._unusable = unusable
        self._turns = count()

    def able(self) -> list[str]:
        """Return the signers that have a certificate that is valid now."""
        return [name for name in self._signers if self._can_show(name)]

    def next_able(self) -> str | None:
        """Return one of these, each in its turn; None where there is none."""
        able = self.able()
        return able[next(self._turns) % len(able)] if able else None

    def renewed(self, signer: str, key: DigestSigner) -> TlsKey:
        """Return a signer's new key for TLS. Raises ConfigurationError where it cannot be shown."""
        return tls_key(signer, key, self._accepted)

    async def check(self, signer: str) -> Identity:
        """Check a certificate first: with an expired one, the TLS handshake fails without saying why.

        Raises NotPrepared.
        """
        key = signer_of(self._keys, signer, self._unusable)
        try:
            return await identity_for(key, self._accepted)
        except SigningFailed as error:
            raise NotPrepared(not_signed(error)) from None

    def _can_show(self, name: str) -> bool:
        key = None if name in self._unusable else self._keys.get(name)
        known = None if key is None else key.known
        return known is not None and validity_problem(known.certificate, self._now()) is None


class MutualTlsSystem(HttpSystem):
    """The System port, where each signer comes with a client certificate of its own."""

    def __init__(
        self,
        *,
        operations: Iterable[Operation],
        signers: Collection[str],
        url: object,
        keys: DigestSigners,
        clients: SignerClients,
        now: Callable[[], datetime],
        accepted: Collection[SignatureAlgorithm],
        ca: Path | None,
        probe_path: str | None = None,
        failures: Container[int] = SERVER_ERROR,
        unusable: Mapping[str, str] = _NONE,
    ) -> None:
        """Keep what `HttpSystem` needs, and the clients that show the signers' certificates.

        ``accepted``: the algorithms that the settings let the certificates' keys have. ``ca``: the CA file, where
        there is one.
        """
        super().__init__(
            operations=operations,
            signers=signers,
            client=clients.any(),
            url=url,
            probe_path=probe_path,
            failures=failures,
            unusable=unusable,
        )
        self._keys = keys
        self._clients = clients
        self._now = now
        self._ca = ca
        self._certificates = ClientCertificates(
            signers, keys=keys, now=now, accepted=accepted, unusable=unusable
        )

    async def probe(self) -> str | None:
        """Ask with a certificate that is valid: without one the system may end the handshake.

        The signers take turns, so that one whose certificate the system refuses does not make all probes fail. Where no
        signer has a valid one, nothing is asked: submissions are blocked for that reason, and the system may be well.
        """
        able = self._certificates.next_able()
        return None if able is None else await self._probe_with(self._clients.of(able))

    def endpoints(self) -> list[Endpoint]:
        """Return the host once for each signer that has a valid certificate to show."""
        return [
            Endpoint("services", self._url, self._clients.of(name), signer=name, probe=self._probe_url)
            for name in self._certificates.able()
        ]

    def renewal(self, signer: str, key: DigestSigner) -> Apply:
        """Let the signer's client show the new certificate."""
        if signer not in self._signers:
            return super().renewal(signer, key)
        return self._clients.renewal(signer, self._certificates.renewed(signer, key))

    def reloadables(self) -> list[Reloadable]:
        """Return the CA file."""
        return ca_file(self.name, self._ca, self._clients.trust)

    async def close(self) -> None:
        """Release the connections of all signers."""
        await self._clients.aclose()

    def _client_of(self, signer: str) -> HttpClient:
        return self._clients.of(signer)

    async def _check_certificate(self, signer: str) -> None:
        """Check the client certificate before anything is sent. Raises NotPrepared."""
        await self._certificates.check(signer)
