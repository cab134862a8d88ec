"""`herald check`: would a worker start with this configuration, and with which signers? Nothing is contacted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.cli.access import Config, settings_of
from worker.cli.output import WRONG_USE, AsJson, fail, print_json, print_table
from worker.clock import SystemClock
from worker.composition import build_systems, unusable_signers
from worker.configuration_error import ConfigurationError
from worker.observability.tracing.building import check_tracing
from worker.signing.registry import load_signers
from worker.systems.port import TrustsCertificates

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from worker.composition import BuiltSystem
    from worker.signing.registry import Signers

READ_ELSEWHERE = "not known here: read by NCANode"
UNUSABLE = "cannot be used"


def check(config: Config = None, *, as_json: AsJson = False) -> None:
    """Check settings, signing keys and schemas, and list the required topics. Contacts nothing."""
    settings = settings_of(config)
    clock = SystemClock()
    # Loaded once, for both uses below: loading logs warnings of what is risky, and each must come once.
    loaded = load_signers(settings.signers, clock=clock.now)
    try:
        check_tracing(settings.tracing)
        systems = build_systems(settings, clock, loaded)
    except ConfigurationError as bad:
        fail("A worker would not start:\n" + "\n".join(f"  {problem}" for problem in bad.problems), WRONG_USE)
    topics = [topic for name in settings.systems.configured() for topic in settings.routing_of(name).topics]
    trusted = _trusted(systems)
    if as_json:
        certificates = [{"system": system, "label": label, "expires": end} for system, label, end in trusted]
        print_json(
            {
                "systems": settings.systems.configured(),
                "topics": topics,
                "signers": _as_json(loaded),
                "certificates": certificates,
            }
        )
    else:
        print_table(("signer", "certificate valid until (UTC)"), _ends(loaded).items())
        if trusted:
            print_table(("system", "believes answers by", "valid until (UTC)"), trusted)
        print_table(("topic",), ((topic,) for topic in topics))
    if problems := _problems(loaded, systems):
        fail("\n".join(problems), WRONG_USE)


def _trusted(systems: list[BuiltSystem]) -> list[tuple[str, str, datetime]]:
    return [
        (built.system.name, one.label, one.not_after)
        for built in systems
        if isinstance(built.system, TrustsCertificates)
        for one in built.system.certificates()
    ]


def _ends(loaded: Signers) -> Mapping[str, object]:
    ends: dict[str, object] = {key.name: key.expires for key in loaded.keys.values()}
    return ends | dict.fromkeys(loaded.documents, READ_ELSEWHERE) | dict.fromkeys(loaded.problems, UNUSABLE)


def _as_json(loaded: Signers) -> list[dict[str, object]]:
    known: list[tuple[str, datetime | None, str | None]]
    known = [(key.name, key.expires, key.invalid_now()) for key in loaded.keys.values()]
    known += [(name, None, None) for name in loaded.documents]
    known += [(name, None, "; ".join(found)) for name, found in loaded.problems.items()]
    return [{"name": name, "expires": end, "problem": problem} for name, end, problem in known]


def _problems(loaded: Signers, systems: list[BuiltSystem]) -> list[str]:
    invalid = [(key.name, problem) for key in loaded.keys.values() if (problem := key.invalid_now())]
    here = unusable_signers(systems, loaded)
    return [
        *loaded.sentences(),
        *(f"signers.{name}: {problem}" for name, problem in invalid),
        *(f"signers.{name}: {system} cannot use it: {problem}" for (system, name), problem in here.items()),
    ]
