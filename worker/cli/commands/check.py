"""`herald check`: whether a worker would start with this configuration, and with which signers.

Without `--connect` nothing is contacted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from worker.admin.loaded_signers import loaded_signers
from worker.admin.preflight.preflight import Options
from worker.admin.signers import views
from worker.cli.access import Config, Systems, settings_for
from worker.cli.check_connect import check_connections
from worker.cli.commands.signers.tables import HEAD, rows
from worker.cli.output import WRONG_USE, AsJson, fail, print_json, print_table, say
from worker.clock import SystemClock
from worker.composition.receiver import callers, served, unusable_files
from worker.composition.systems import build_systems, unusable_signers
from worker.configuration_error import ConfigurationError
from worker.observability.tracing.building import check_tracing
from worker.settings.authorisation_checks import doubtful_authorisations
from worker.systems.port import PresentsCertificates, RefusesOperations, TrustsCertificates

if TYPE_CHECKING:
    from datetime import datetime

    from worker.admin.signers import SignerView
    from worker.composition.systems import BuiltSystem
    from worker.inbound.settings import ReceiverSettings
    from worker.settings.model import Settings
    from worker.signing.registry import Signers
    from worker.systems.port import PresentedCertificate

TIMEOUT = 20.0
"""Seconds for all checks together: they run at the same time."""


def check(
    config: Config = None,
    *,
    systems: Systems = None,
    connect: Annotated[
        bool,
        typer.Option(
            "--connect",
            help="Also check Kafka, PostgreSQL, the signers and the systems' hosts. Logs in to the systems as each "
            "signer and drops the token; sends no submission, and changes nothing.",
        ),
    ] = False,
    logins: Annotated[
        bool, typer.Option("--logins/--no-logins", help="With --connect: log in to the systems.")
    ] = True,
    init_container: Annotated[
        bool,
        typer.Option(
            "--init-container",
            help="With --connect, before a worker starts: do not log in, and fail only for what stops every worker. "
            "Faults of one signer or one system are warnings.",
        ),
    ] = False,
    test_installation: Annotated[
        bool,
        typer.Option(
            "--test-installation",
            help="With --connect: settings with which records may be lost are warnings.",
        ),
    ] = False,
    timeout: Annotated[
        float, typer.Option(min=1, max=600, help="With --connect: the longest time in seconds.")
    ] = TIMEOUT,
    wait: Annotated[
        float,
        typer.Option(
            min=0,
            max=3600,
            help="With --connect: for how many seconds Kafka and the journal may still start.",
        ),
    ] = 0,
    as_json: AsJson = False,
) -> None:
    """Check settings, signing keys and schemas, and list the required topics. Contacts nothing without --connect.

    Exit 0: all is well, or there are warnings only. 1: with --connect, a check failed. 2: the configuration cannot be
    used.
    """
    settings = settings_for(config, systems)
    if connect:
        options = Options(
            seconds=timeout,
            wait=wait,
            test=test_installation,
            logins=logins and not init_container,
            vital=init_container,
        )
        check_connections(settings, options, as_json=as_json)
    elif init_container or test_installation or wait or not logins:
        fail("--no-logins, --init-container, --test-installation and --wait need --connect.", WRONG_USE)
    else:
        _check_offline(settings, as_json=as_json)


def _check_offline(settings: Settings, *, as_json: bool) -> None:
    clock = SystemClock()
    # Loaded once, for both uses below: loading logs warnings of what is risky, and each must come once.
    try:
        loaded = loaded_signers(settings, clock)
        check_tracing(settings.tracing)
        built = build_systems(settings, clock, loaded)
        receiver = served(settings)
        if receiver is not None:
            callers(receiver, [one.system for one in built], lambda _: None, 0)
    except ConfigurationError as bad:
        fail("A worker would not start:\n" + "\n".join(f"  {problem}" for problem in bad.problems), WRONG_USE)
    topics = [topic for name in settings.systems.configured() for topic in settings.routing_of(name).topics]
    trusted = _trusted(built)
    presented = _presented(built)
    warnings = [*doubtful_authorisations(settings), *_of_receiver(receiver), *_refused(built)]
    signers = views(loaded, settings.signers, clock.now())
    if as_json:
        certificates = [{"system": system, "label": label, "expires": end} for system, label, end in trusted]
        print_json(
            {
                "systems": settings.systems.configured(),
                "topics": topics,
                "signers": [_as_json(one) for one in signers],
                "certificates": certificates,
                "presented": [_presented_json(system, one) for system, one in presented],
                "receiver": receiver and {"port": receiver.port, "systems": list(receiver.routes)},
                "warnings": warnings,
            }
        )
    else:
        print_table(HEAD[:3], (row[:3] for row in rows(signers)))
        if trusted:
            print_table(("system", "trusts answers signed by", "valid until (UTC)"), trusted, below=True)
        if presented:
            print_table(_PRESENTED, (_presented_row(system, one) for system, one in presented), below=True)
        print_table(("topic",), ((topic,) for topic in topics), below=True)
        if receiver is not None:
            print_table(
                ("receives calls of", "at port"),
                ((one, receiver.port) for one in receiver.routes),
                below=True,
            )
    for warning in warnings:
        say(f"Warning: {warning}.")
    if problems := _problems(loaded, built):
        fail("\n".join(problems), WRONG_USE)


def _of_receiver(receiver: ReceiverSettings | None) -> list[str]:
    """Return why a receiver would not start. Where it is another process, this one need not have its files."""
    return [
        f"herald receiver would not start: {one}" for one in (unusable_files(receiver) if receiver else ())
    ]


def _refused(systems: list[BuiltSystem]) -> list[str]:
    return [
        f"{built.system.name}.{operation} is refused: {why.rstrip('.')}"
        for built in systems
        if isinstance(built.system, RefusesOperations)
        for operation, why in built.system.refused_operations().items()
    ]


def _trusted(systems: list[BuiltSystem]) -> list[tuple[str, str, datetime]]:
    return [
        (built.system.name, one.label, one.not_after)
        for built in systems
        if isinstance(built.system, TrustsCertificates)
        for one in built.system.certificates()
    ]


_PRESENTED = ("system", "knows the signer", "by the thumbprint", "of", "valid until (UTC)")


def _presented(systems: list[BuiltSystem]) -> list[tuple[str, PresentedCertificate]]:
    return [
        (built.system.name, one)
        for built in systems
        if isinstance(built.system, PresentsCertificates)
        for one in built.system.presented_certificates()
    ]


def _presented_row(system: str, one: PresentedCertificate) -> tuple[object, ...]:
    return system, one.signer, one.thumbprint, one.subject, one.not_after


def _presented_json(system: str, one: PresentedCertificate) -> dict[str, object]:
    return {
        "system": system,
        "signer": one.signer,
        "thumbprint": one.thumbprint,
        "subject": one.subject,
        "expires": one.not_after,
    }


def _as_json(one: SignerView) -> dict[str, object]:
    known = one.certificate
    return {
        "name": one.name,
        "kind": one.kind,
        "serial": known and known.serial,
        "expires": known and known.expires,
        "days_left": known and known.days_left,
        "problem": one.problem,
    }


def _problems(loaded: Signers, systems: list[BuiltSystem]) -> list[str]:
    invalid = [(name, problem) for name, key in loaded.keys.items() if (problem := key.problem())]
    here = unusable_signers(systems, loaded)
    return [
        *loaded.sentences(),
        *(f"signers.{name}: {problem}" for name, problem in invalid),
        *(f"signers.{name}: {system} cannot use it: {problem}" for (system, name), problem in here.items()),
    ]
