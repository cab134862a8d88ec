"""`herald check`: would a worker start with this configuration? Nothing is contacted."""

from __future__ import annotations

from worker.cli.access import Config, settings_of
from worker.cli.output import WRONG_USE, AsJson, fail, print_json, print_table
from worker.clock import SystemClock
from worker.composition import build_systems
from worker.configuration_error import ConfigurationError
from worker.signing.registry import load_signers
from worker.systems.port import TrustsCertificates

READ_ELSEWHERE = "not known here: read by NCANode"


def check(config: Config = None, *, as_json: AsJson = False) -> None:
    """Check settings, signing keys and schemas, and show the topics that must exist. Contacts nothing."""
    settings = settings_of(config)
    clock = SystemClock()
    # Loaded once, for both uses below: loading logs warnings of what is risky, and each must come once.
    loaded = load_signers(settings.signers, clock=clock.now)
    try:
        systems = build_systems(settings, clock, loaded)
    except ConfigurationError as bad:
        fail("A worker would not start:\n" + "\n".join(f"  {problem}" for problem in bad.problems), WRONG_USE)
    keys = loaded.keys.values()
    topics = [topic for name in settings.systems.configured() for topic in settings.routing_of(name).topics]
    trusted = [
        (built.system.name, one.label, one.not_after)
        for built in systems
        if isinstance(built.system, TrustsCertificates)
        for one in built.system.certificates()
    ]
    invalid = {key.name: problem for key in keys if (problem := key.invalid_now())}
    if as_json:
        signers = [
            {"name": key.name, "expires": key.expires, "problem": invalid.get(key.name)} for key in keys
        ]
        signers += [{"name": name, "expires": None, "problem": None} for name in loaded.documents]
        certificates = [{"system": system, "label": label, "expires": end} for system, label, end in trusted]
        print_json(
            {
                "systems": settings.systems.configured(),
                "topics": topics,
                "signers": signers,
                "certificates": certificates,
            }
        )
    else:
        ends = {key.name: key.expires for key in keys} | dict.fromkeys(loaded.documents, READ_ELSEWHERE)
        print_table(("signer", "certificate valid until (UTC)"), ends.items())
        if trusted:
            print_table(("system", "believes answers by", "valid until (UTC)"), trusted)
        print_table(("topic",), ((topic,) for topic in topics))
    if invalid:
        fail("\n".join(f"signers.{name}: {problem}" for name, problem in invalid.items()), WRONG_USE)
