"""Building the NHIF package from its settings: what the composition root calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from worker.configuration_error import ConfigurationError
from worker.signing.taken import NotTaken
from worker.systems.clients import SignerClients, without_tls
from worker.systems.dependencies import require_keys
from worker.systems.nhif.catalogue.load import load_catalogue
from worker.systems.nhif.operations import OPERATIONS
from worker.systems.nhif.system import NhifSystem
from worker.systems.unusable import Unusable
from worker.transport.clients import HttpClients

if TYPE_CHECKING:
    from worker.signing.port import TlsKey
    from worker.systems.dependencies import Dependencies
    from worker.systems.nhif.settings import NhifSettings
    from worker.systems.port import Operation


def build(settings: NhifSettings, dependencies: Dependencies) -> NhifSystem:
    """Make the system; opens no connection yet.

    Raises ConfigurationError (CA file, the catalogue and its schemas, senders without keys, keys that cannot be TLS
    certificates).
    """
    require_keys(dependencies, settings.senders)
    catalogue = load_catalogue(settings.catalogue_file)
    if unfit := without_tls(dependencies.keys, settings.senders):
        raise ConfigurationError(f"senders need keys that TLS can use; unusable: {', '.join(unfit)}")
    fit = {
        name: cast("TlsKey", dependencies.keys[name])
        for name in settings.senders
        if name in dependencies.keys
    }
    clients = SignerClients(HttpClients(settings.transport), fit)
    return NhifSystem(
        settings,
        catalogue=catalogue,
        keys=dependencies.keys,
        clients=clients,
        now=dependencies.now,
        unusable=Unusable(
            dependencies.unusable,
            clients.problems,
            NotTaken(dependencies.keys, settings.signature_algorithms),
        ),
    )


def operations(settings: NhifSettings) -> list[Operation]:
    """Return the operations with the most careful of their entries' recovery rules."""
    del settings
    return list(OPERATIONS.values())
