"""What an operator configures of every signer at a provider: the way there, and the batches."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from worker.setting_types import SettingsModel
from worker.signing.remote.gathering import BatchPolicy


class ClientCertificate(SettingsModel):
    """The certificate that Herald shows to a provider in the TLS handshake."""

    certificate_file: Path
    """The certificate in PEM, followed by its issuers where the provider needs them."""
    key_file: Path
    """Its private key in PEM."""
    key_password_file: Path | None = None
    """A file that holds the key's password, where the key is encrypted."""


class BatchSettings(SettingsModel):
    """How digests of several submissions share one call to the provider."""

    most: Annotated[int, Field(ge=1, le=1000)] = 100
    """The largest number of digests in one call; the provider's own limit counts as well."""
    calls: Annotated[int, Field(ge=1, le=32)] = 1
    """Calls in flight at the same time; while there are as many, the next one gathers digests."""
    linger: Annotated[float, Field(ge=0, le=5)] = 0.0
    """The least time that a call which is not full waits for further digests."""

    def policy(self) -> BatchPolicy:
        """Return them as the batches' policy."""
        return BatchPolicy(self.most, self.calls, self.linger)


class RemoteSigner(SettingsModel):
    """The settings that all providers have."""

    ca_file: Path | None = None
    """PEM certificates to trust instead of the system's."""
    client_certificate: ClientCertificate | None = None
    """The certificate for mutual TLS, where the provider asks for one."""
    timeout: Annotated[float, Field(gt=0, le=600)] = 30.0
    """The longest time for the answer to one request."""
    batch: BatchSettings = BatchSettings()
    """How digests of several submissions share one call."""
