"""What the ePayments package reads from files, and how it uses what has changed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from worker.reloading.reloadable import Reloadable, in_thread
from worker.systems.epayment.credentials import read_credentials, read_notification_url
from worker.systems.epayment.operations import SYSTEM
from worker.systems.reloads import ca_file, section

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from worker.reloading.reloadable import Apply
    from worker.systems.epayment.credentials import Secrets
    from worker.systems.epayment.settings import Client, EpaymentSettings


def reloadables(
    settings: EpaymentSettings, secrets: Secrets, *, trust: Callable[[], Apply]
) -> list[Reloadable]:
    """Return the CA file, every client's secret, and the address for calls. ``trust`` loads the CA file."""
    return [*ca_file(SYSTEM, settings.transport.ca_file, trust), *of_secrets(settings, secrets)]


def of_secrets(settings: EpaymentSettings, secrets: Secrets) -> list[Reloadable]:
    """Return every client's secret, and the address for calls."""
    found = []
    for signer, client in settings.clients.items():
        if client.secret_file is not None:
            prepare = partial(_client, signer, client, secrets)
            found.append(_of(f"clients.{signer}", client.secret_file, prepare, signer))
    if (file := settings.notification_url_file) is not None:
        found.append(_of("notification_url_file", file, partial(_url, file, secrets)))
    return found


def _of(where: str, file: Path, prepare: Callable[[], Apply], signer: str | None = None) -> Reloadable:
    return Reloadable(f"{section(SYSTEM)}.{where}", (file,), in_thread(prepare), SYSTEM, signer)


def _client(signer: str, client: Client, secrets: Secrets) -> Apply:
    return partial(secrets.use, signer, read_credentials(client))


def _url(file: Path, secrets: Secrets) -> Apply:
    return partial(secrets.call_at, read_notification_url(file))
