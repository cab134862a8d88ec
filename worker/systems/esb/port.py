"""What a system that is reached through the state's ESB needs of it. `EsbSystem` makes most of it the usual answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from worker.outcome import Blocked, Retry
    from worker.reloading.reloadable import Apply, Reloadable
    from worker.signing.port import DigestSigner
    from worker.systems.esb.acting import Acting
    from worker.systems.esb.settings import OrnSettings
    from worker.systems.port import Endpoint, Prepared
    from worker.transport.port import HttpClient


class UnknownActing(LookupError):
    """The settings do not let this signer act under this name. The text is a plain sentence for the event's sender."""


class Esb(Protocol):
    """The ESB as one system uses it. Its settings are the installation's; tokens and connections are this system's.

    Signers are those that the system was built with; each shows its own certificate to the token service and the
    gateway.
    """

    gateway_url: str
    """The address of the gateway, without a slash at its end; a system appends its own path (`/ed2/api/messages`)."""

    orn: OrnSettings | None
    """The central generator of reference numbers, where the settings have one (see `orn.Numbers`)."""

    def acting(self, signer: str, name: str | None = None) -> Acting:
        """Return for whom a signer acts, by the name that the settings give it (`esb.acting.<signer>.<name>`).

        Without a name: the signer's entry `default` where the settings have one, else nobody but itself. Raises
        UnknownActing.
        """

    async def authorisation(self, signer: str, scope: str, acting: Acting) -> Mapping[str, str]:
        """Return the secret headers of a request: `authorization`, and `dp-miscinfo` where the settings want it.

        ``scope`` is one of the ESB's (`/ed2*`, `/ep*`, `/orn*`, `/epdeau*`). Checks the certificate first. Raises
        NotPrepared with Retry or Blocked; its `shared` names a token request that failed, which several may wait for.
        """

    def drop(self, prepared: Prepared) -> None:
        """Forget the token that this message carries, after a 401: a newer one stays. For `System.reauthorize`."""

    def client(self, signer: str) -> HttpClient:
        """Return the client that shows the signer's certificate: for signers to whom `authorisation` gave headers."""

    def any(self) -> HttpClient:
        """Return the client of some signer, or one without a certificate where there is none."""

    async def try_login(self, signer: str, scope: str, acting: Acting) -> Retry | Blocked | None:
        """Get a token anew and drop it. Return why there was none, or None; for `LogsIn.try_login`."""

    def problems(self) -> Mapping[str, str]:
        """Return what is wrong with signers that have no certificate to show, as plain sentences: a live view."""

    def endpoints(self) -> Sequence[Endpoint]:
        """Return token service and gateway, once for each signer with a valid certificate; for `TellsEndpoints`."""

    async def probe(self) -> str | None:
        """Say why the gateway cannot be reached, or None; for `System.probe`."""

    def renewal(self, signer: str, key: DigestSigner) -> Apply:
        """Load a signer's new certificate; for `Renews.renewal`. Raises ConfigurationError."""

    def reloadables(self) -> Sequence[Reloadable]:
        """Return what else the ESB's settings read from files; for `Renews.reloadables`."""

    async def aclose(self) -> None:
        """End token requests under way, and release connections."""
