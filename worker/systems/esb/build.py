"""Makes the access of one system to the ESB: what the composition gives each system as `Dependencies.esb`."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from worker.configuration_error import ConfigurationError
from worker.signing.taken import NotTaken
from worker.systems.clients import SignerClients, without_tls
from worker.systems.esb.access import EsbAccess
from worker.systems.mutual_tls import ClientCertificates
from worker.systems.unusable import Unusable
from worker.transport.clients import HttpClients

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from datetime import datetime

    from worker.observability.metrics.labels import TokenOutcome
    from worker.signing.port import DigestSigners, TlsKey
    from worker.systems.esb.settings import EsbSettings


def build(
    settings: EsbSettings,
    signers: Collection[str],
    *,
    system: str,
    keys: DigestSigners,
    unusable: Mapping[str, str],
    now: Callable[[], datetime],
    monotonic: Callable[[], float],
    requested: Callable[[TokenOutcome], None],
) -> EsbAccess:
    """Make the access; opens no connection yet. Signers without a key are told as unusable.

    Raises ConfigurationError (CA file, keys that cannot be TLS certificates).
    """
    if unfit := without_tls(keys, signers):
        raise ConfigurationError(f"its signers need keys that TLS can use; unusable: {', '.join(unfit)}")
    fit = {name: cast("TlsKey", keys[name]) for name in signers if name in keys}
    clients = SignerClients(HttpClients(settings.transport), fit)
    problems = Unusable(unusable, clients.problems, NotTaken(keys, settings.signature_algorithms))
    certificates = ClientCertificates(
        signers, keys=keys, now=now, accepted=settings.signature_algorithms, unusable=problems
    )
    return EsbAccess(
        settings,
        system=system,
        signers=signers,
        certificates=certificates,
        clients=clients,
        unusable=problems,
        now=now,
        monotonic=monotonic,
        requested=requested,
    )
