"""The secrets that the settings name, read once, and what is signed with them. No repr shows a secret."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from contracts.immutable import immutable
from worker.configuration_error import ConfigurationError
from worker.secret_file import read_secret

if TYPE_CHECKING:
    from collections.abc import MutableMapping
    from pathlib import Path

    from worker.systems.epayment.settings import Client, EpaymentSettings

_URL = re.compile(r"https://[!-~]{1,1000}")


@immutable
class Credentials:
    """A client's identifier and its secret."""

    client_id: str
    secret: str = field(repr=False)

    def sign(self, data: str) -> str:
        """Return `hmac`: HMAC-SHA256 over the text `data`, by the secret's UTF-8 bytes, in base64."""
        digest = hmac.new(self.secret.encode(), data.encode(), hashlib.sha256).digest()
        return base64.b64encode(digest).decode()

    def signed(self, data: str, signature: str) -> bool:
        """Whether the signature is that of the text; compared in constant time."""
        return hmac.compare_digest(self.sign(data).encode(), signature.encode())


@dataclass(slots=True)
class Secrets:
    """``clients`` by signer: those whose secret could be read. A changed one is put in its place.

    ``unusable`` says of the others what is wrong with them, as a plain sentence. ``notification_url`` is the address
    that the system calls: its path holds a secret.
    """

    clients: MutableMapping[str, Credentials]
    unusable: MutableMapping[str, str]
    notification_url: str | None = field(default=None, repr=False)

    def use(self, signer: str, credentials: Credentials) -> None:
        """Sign with this secret for the signer from now on."""
        self.clients[signer] = credentials
        self.unusable.pop(signer, None)

    def call_at(self, notification_url: str) -> None:
        """Ask for calls at this address from now on."""
        self.notification_url = notification_url

    def signer_of(self, client_id: str) -> str | None:
        """Return the signer whose client this is and whose secret could be read."""
        found = self.of_client(client_id)
        return None if found is None else found[0]

    def of_client(self, client_id: str) -> tuple[str, Credentials] | None:
        """Return the signer whose client this is, with its secret."""
        return next(
            ((signer, one) for signer, one in self.clients.items() if one.client_id == client_id), None
        )


def read_secrets(settings: EpaymentSettings) -> Secrets:
    """Read every secret. Raises ConfigurationError where the address for calls cannot be read."""
    clients: dict[str, Credentials] = {}
    unusable: dict[str, str] = {}
    for signer, client in settings.clients.items():
        try:
            clients[signer] = read_credentials(client)
        except ConfigurationError as error:
            unusable[signer] = "; ".join(error.problems)
    file = settings.notification_url_file
    return Secrets(clients, unusable, None if file is None else read_notification_url(file))


def read_credentials(client: Client) -> Credentials:
    """Read the secret of a client. Raises ConfigurationError."""
    if client.secret_file is not None:
        return Credentials(client.client_id, read_secret(client.secret_file, "secret file"))
    found = client.secret.get_secret_value() if client.secret else ""
    if not found:
        raise ConfigurationError("the secret is empty")
    return Credentials(client.client_id, found)


def read_notification_url(file: Path) -> str:
    """Read the address that the system calls. Raises ConfigurationError, whose sentence does not quote it."""
    url = read_secret(file, "notification_url_file")
    if not _URL.fullmatch(url):
        raise ConfigurationError(
            f"the notification_url_file {file} must hold one address that begins with https://"
        )
    return url
