"""The platform's hook for cases as this system reaches it: its own address, and its own token."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from worker.configuration_error import ConfigurationError
from worker.reloading.reloadable import Reloadable, in_thread
from worker.secret_file import read_secret
from worker.systems.eforms.case_message import HEADERS
from worker.systems.eforms.operations import SYSTEM
from worker.systems.port import Endpoint
from worker.systems.reloads import ca_file_at
from worker.transport.clients import HttpClients
from worker.transport.tls import client_context

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from worker.reloading.reloadable import Apply
    from worker.systems.eforms.settings import CaseMessages
    from worker.transport.port import HttpClient

SECTION = f"systems.{SYSTEM}.case_messages"


class Hook:
    """Where case messages go. ``client`` sends them."""

    def __init__(self, settings: CaseMessages, client: HttpClient | None = None) -> None:
        """Read the token; opens no connection yet. Raises ConfigurationError."""
        self._settings = settings
        self._token = None if settings.token_file is None else _token(settings.token_file)
        self.client = client or HttpClients(settings.transport).plain()
        self.url = str(settings.url)

    def headers(self) -> Mapping[str, str]:
        """Return the headers that are no secret."""
        miscinfo = self._settings.miscinfo
        return HEADERS if miscinfo is None else {**HEADERS, "dp-miscinfo": miscinfo}

    def secret_headers(self) -> Mapping[str, str]:
        """Return the header with the token, where there is one."""
        return {} if self._token is None else {"authorization": f"Bearer {self._token}"}

    def endpoint(self) -> Endpoint:
        """Return the host; nothing says what it answers to a probe."""
        return Endpoint("case messages", self.url, self.client)

    def reloadables(self) -> list[Reloadable]:
        """Return the token and the CA file."""
        transport = self._settings.transport
        found = ca_file_at(f"{SECTION}.transport.ca_file", SYSTEM, transport.ca_file, self._trust)
        if (file := self._settings.token_file) is not None:
            load = in_thread(partial(self._load, file))
            found.append(Reloadable(f"{SECTION}.token_file", (file,), load, SYSTEM))
        return found

    def _trust(self) -> Apply:
        return partial(self.client.renew, client_context(self._settings.transport.ca_file))

    def _load(self, file: Path) -> Apply:
        return partial(setattr, self, "_token", _token(file))


def _token(file: Path) -> str:
    """Return the token in a file. Raises ConfigurationError."""
    token = read_secret(file, "token_file")
    if not token.isascii() or not token.isprintable() or " " in token:
        raise ConfigurationError(
            f"case_messages.token_file: the file {file} must hold a token without spaces"
        )
    return token
