"""The receiver of the systems' calls: its server, what it publishes, and what it loads again. Nothing is started."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from contracts.immutable import immutable
from worker.configuration_error import ConfigurationError
from worker.inbound import tls
from worker.inbound.connections import Bounds
from worker.inbound.meter import UNMETERED
from worker.inbound.rates import Rates
from worker.inbound.routes import Routes
from worker.inbound.secrets import secrets_in
from worker.inbound.server import ReceiverServer
from worker.inbound.taking import Caller, Taking
from worker.reloading.reloadable import Apply, Reloadable, in_thread
from worker.systems.calls import ReceivesCalls

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    from worker.inbound.files.serving import FileServing
    from worker.inbound.meter import ReceiverMeter
    from worker.inbound.outbox import Outbox
    from worker.inbound.ports import Hasten, LookSoon, Notifications
    from worker.inbound.settings import ReceiverSettings
    from worker.pipeline.ports import Clock
    from worker.settings.model import Settings
    from worker.systems.port import System


@immutable
class BuiltReceiver:
    """The parts of a receiver. ``tls`` is None where it speaks plain HTTP to a proxy."""

    server: ReceiverServer
    taking: Taking
    tls: ssl.SSLContext | None
    reloadables: Sequence[Reloadable]
    files: FileServing | None = None

    def take(self) -> None:
        """Take calls and serve files from now on; until then each is answered with 503."""
        self.taking.waits_for = None
        if self.files is not None:
            self.files.ready = True


def callers(
    settings: ReceiverSettings,
    systems: Collection[System],
    topic_of: Callable[[str], str | None],
    largest: int,
) -> Mapping[str, Caller]:
    """Return the systems that have a route. Raises ConfigurationError with all routes that lead nowhere."""
    by_name = {one.name: one for one in systems}
    found: dict[str, Caller] = {}
    problems: list[str] = []
    for name in settings.routes:
        system = by_name.get(name)
        if system is None:
            problems.append(f"receiver.routes.{name}: this system does not exist, or it is not configured")
        elif not isinstance(system, ReceivesCalls):
            problems.append(f"receiver.routes.{name}: this system makes no calls; leave its route out")
        else:
            found[name] = Caller(system, topic_of(name) or "", largest)
    if problems:
        raise ConfigurationError(*problems)
    return found


def served(settings: Settings) -> ReceiverSettings | None:
    """Return the receiver with the routes of the systems that this process serves; None where there are none."""
    if settings.receiver is None:
        return None
    names = settings.systems.configured()
    routes = {name: route for name, route in settings.receiver.routes.items() if name in names}
    if not routes and settings.receiver.files is None:
        return None
    return settings.receiver.model_copy(update={"routes": routes})


def unusable_files(settings: ReceiverSettings) -> Iterator[str]:
    """Yield what keeps a receiver from starting because of its files: the secrets of routes, and the certificate."""
    looks: list[Callable[[], object]] = [
        partial(_secrets, name, route.secret_file) for name, route in settings.routes.items()
    ]
    if settings.tls is not None:
        looks.append(partial(tls.check, settings.tls))
    for look in looks:
        try:
            look()
        except ConfigurationError as bad:
            yield from bad.problems


def build_receiver(
    settings: ReceiverSettings,
    found: Mapping[str, Caller],
    notifications: Notifications,
    outbox: Outbox,
    *,
    hasten: Hasten,
    look_soon: LookSoon,
    clock: Clock,
    meter: ReceiverMeter = UNMETERED,
    files: FileServing | None = None,
) -> BuiltReceiver:
    """Put a receiver together; its files are read. Raises ConfigurationError."""
    if problems := list(unusable_files(settings)):
        raise ConfigurationError(*problems)
    secrets = {name: route.secret_file for name, route in settings.routes.items()}
    routes = Routes({name: _secrets(name, file) for name, file in secrets.items()})
    context = None if settings.tls is None else tls.server_context(settings.tls)
    taking = Taking(
        found,
        notifications,
        outbox,
        hasten,
        clock,
        look_soon=look_soon,
        meter=meter,
        seconds=settings.answer_seconds,
    )
    server = ReceiverServer(
        taking,
        routes,
        Rates(
            {name: route.requests_per_second for name, route in settings.routes.items()},
            settings.requests_per_second_per_peer,
        ),
        clock,
        bounds=Bounds(
            body=int(settings.max_body_bytes),
            seconds=settings.read_seconds,
            connections=settings.max_connections,
            per_peer=settings.max_connections_per_peer,
        ),
        trusted=settings.trusted_proxies,
        meter=meter,
        retry_after=settings.retry_after_seconds,
        files=files,
    )
    if files is not None:
        files.ready = False
    return BuiltReceiver(server, taking, context, _reloadables(settings, secrets, routes, context), files)


def _secrets(name: str, file: Path) -> tuple[bytes, ...]:
    try:
        return secrets_in(file)
    except ConfigurationError as bad:
        raise bad.under(f"receiver.routes.{name}.secret_file") from None


def _reloadables(
    settings: ReceiverSettings, files: Mapping[str, Path], routes: Routes, context: ssl.SSLContext | None
) -> Sequence[Reloadable]:
    found = [
        Reloadable(
            f"receiver.routes.{name}.secret_file",
            (file,),
            in_thread(partial(_new_secrets, routes, name, file)),
            name,
        )
        for name, file in files.items()
    ]
    if settings.tls is not None and context is not None:
        pair = tuple(
            file
            for file in (settings.tls.cert_file, settings.tls.key_file, settings.tls.client_ca_file)
            if file
        )
        reload = in_thread(partial(_new_certificate, settings, context))
        found.append(Reloadable("receiver.tls", pair, reload, "receiver"))
    return found


def _new_secrets(routes: Routes, name: str, file: Path) -> Apply:
    return partial(routes.replace, name, secrets_in(file))


def _new_certificate(settings: ReceiverSettings, context: ssl.SSLContext) -> Apply:
    assert settings.tls is not None  # noqa: S101 - the caller looked
    tls.check(settings.tls)
    return partial(_load, settings, context)


def _load(settings: ReceiverSettings, context: ssl.SSLContext) -> None:
    if settings.tls is not None:
        tls.load(context, settings.tls)
