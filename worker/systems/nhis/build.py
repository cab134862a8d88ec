"""Makes the NHIS system and the client of its nomenclatures from the settings."""

from __future__ import annotations

from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, cast

from schemas import shipped
from worker.configuration_error import ConfigurationError
from worker.signing.taken import NotTaken
from worker.systems.clients import MutualTlsClients, PlainClients, without_tls
from worker.systems.dependencies import require_keys
from worker.systems.nhis.auth import Authorisation, xml_headers
from worker.systems.nhis.nomenclatures import Nomenclatures
from worker.systems.nhis.operations import SYSTEM, exchanges
from worker.systems.nhis.system import NhisSystem
from worker.systems.unusable import Unusable
from worker.transport.clients import HttpClients
from worker.xml.bundle import SchemaBundle
from worker.xml.on_demand import OnDemand

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from worker.outcome import Blocked, Retry
    from worker.signing.port import DigestSigners, TlsKey
    from worker.systems.clients import Clients
    from worker.systems.dependencies import Dependencies
    from worker.systems.nhis.settings import NhisSettings
    from worker.systems.port import Operation
    from worker.systems.tokens import Granted
    from worker.xml.message import MessageSchema

PATTERN = "NHIS-{type}.xsd"
NOMENCLATURES = ("C001", "C003")


def build(settings: NhisSettings, dependencies: Dependencies) -> NhisSystem:
    """Make the system; opens no connection yet. With schemas of the operator about half a second of CPU.

    Raises ConfigurationError (schemas, CA file, a sender without a key, or with `auth: mtls` one
    whose key cannot be a TLS certificate).
    """
    require_keys(dependencies, settings.senders)
    clients = _clients(settings, dependencies.keys, HttpClients(settings.transport))
    return NhisSystem(
        settings,
        schemas=request_schemas(settings, [exchange.request for exchange in exchanges(settings).values()]),
        keys=dependencies.keys,
        clients=clients,
        code_lists=dependencies.code_lists,
        now=dependencies.now,
        monotonic=dependencies.monotonic,
        token_requested=dependencies.token_requested,
        unusable=Unusable(
            dependencies.unusable,
            clients.problems,
            NotTaken(dependencies.keys, settings.signature_algorithms),
        ),
    )


def operations(settings: NhisSettings) -> list[Operation]:
    """Return the operations with the recovery rules that these settings give them."""
    return [exchange.operation for exchange in exchanges(settings).values()]


def build_nomenclatures(
    settings: NhisSettings,
    *,
    now: Callable[[], datetime],
    new_id: Callable[[], str],
    http: HttpClients,
    schemas: Mapping[str, MessageSchema],
    keys: DigestSigners = MappingProxyType({}),
    pace: Callable[[], Awaitable[None]] | None = None,
) -> Nomenclatures:
    """Make the client of the nomenclature services; `http` stays the caller's to close. Raises ConfigurationError.

    ``schemas`` are those of `nomenclature_schemas`. ``keys`` has the key of `vaccine_lots_signer`, where the settings
    name one. ``pace`` is awaited between two requests.
    """
    token = _token_of_lots(settings, keys, http, now)
    return Nomenclatures(
        settings, schemas=schemas, client=http.plain(), now=now, new_id=new_id, token=token, pace=pace
    )


def nomenclature_schemas(settings: NhisSettings) -> Mapping[str, MessageSchema]:
    """Return the schemas of C001 and C003. Raises ConfigurationError.

    The ministry's bundle of one module need not hold them: then those that ship with Herald are used.
    """
    of_type = {type_: request_schemas(_with_schema(settings, type_), [type_]) for type_ in NOMENCLATURES}
    return OnDemand(NOMENCLATURES, lambda type_: of_type[type_][type_])


def _with_schema(settings: NhisSettings, type_: str) -> NhisSettings:
    mounted = settings.schema_dir
    if mounted is None or (mounted / PATTERN.format(type=type_)).exists():
        return settings
    return settings.model_copy(update={"schema_dir": None})


def _token_of_lots(
    settings: NhisSettings, keys: DigestSigners, http: HttpClients, now: Callable[[], datetime]
) -> Callable[[], Awaitable[Granted | Retry | Blocked]] | None:
    """Return what gets the token that goes with C003, None where it is sent without one."""
    signer = settings.vaccine_lots_signer
    if signer is None:
        return None
    clients = _clients(settings, {name: key for name, key in keys.items() if name == signer}, http)
    if signer not in keys or signer in clients.problems:
        why = clients.problems.get(signer, "its key cannot be used: `herald check` states the reason")
        raise ConfigurationError(f"vaccine_lots_signer: {why}")
    authorisation = Authorisation(
        str(settings.auth_url),
        keys=keys,
        client=clients.authorisation,
        by_challenge=settings.auth == "challenge",
        headers=xml_headers(settings.content_type),
        now=now,
        taken=settings.signature_algorithms,
    )
    return partial(authorisation.fetch, signer)


def request_schemas(settings: NhisSettings, types: Iterable[str]) -> Mapping[str, MessageSchema]:
    """Return the schemas of these message types, with the operator's element names. Raises ConfigurationError."""
    if settings.schema_dir is None and not settings.element_names:
        return OnDemand(types, lambda type_: _compiled(settings, (type_,))[type_])
    return _compiled(settings, tuple(types))


def _compiled(settings: NhisSettings, types: Sequence[str]) -> Mapping[str, MessageSchema]:
    bundle = SchemaBundle.load(
        settings.schema_dir or shipped(SYSTEM),
        pattern=PATTERN,
        prefix="nhis",
        root="message",
        types=types,
        variant=None if settings.message_order == "xsd-1.6.2" else settings.message_order,
    )
    return {type_: bundle.message(type_, rename=settings.element_names.get(type_)) for type_ in types}


def _clients(settings: NhisSettings, keys: DigestSigners, http: HttpClients) -> Clients:
    if settings.auth == "challenge":
        return PlainClients(http)
    if unfit := without_tls(keys, settings.senders):
        raise ConfigurationError(f"auth: mtls needs keys that TLS can use; unusable: {', '.join(unfit)}")
    fit = {signer: cast("TlsKey", keys[signer]) for signer in settings.senders if signer in keys}
    return MutualTlsClients(http, fit)
