"""`herald check`: would a worker start with this configuration? Nothing is contacted."""

from __future__ import annotations

import time

from herald.cli.configuration import Config, settings_of
from herald.cli.output import WRONG_USE, AsJson, fail, print_json, print_table
from herald.worker.clock import SystemClock
from herald.worker.line import routing_of
from herald.worker.settings.model import Settings
from herald.worker.signing.registry import Signers, load_signers
from herald.worker.systems.port import CodeList
from herald.worker.systems.registry import BadSystem, build_system


def check(config: Config = None, *, as_json: AsJson = False) -> None:
    """Check settings, signing keys and schemas, and show the topics that must exist. Contacts nothing."""
    settings = settings_of(config)
    signers = load_signers(settings.signers, clock=SystemClock().now)
    problems = [*_signer_problems(signers), *_system_problems(settings, signers)]
    if problems:
        fail(
            "A worker would not work with this configuration:\n" + "\n".join(f"  {p}" for p in problems),
            WRONG_USE,
        )
    topics = [topic for name in settings.systems.configured() for topic in routing_of(settings, name).topics]
    keys = [{"name": key.name, "expires": key.expires} for key in signers.keys.values()]
    if as_json:
        print_json({"systems": settings.systems.configured(), "topics": topics, "signers": keys})
        return
    print_table(("signer", "certificate valid until"), ((key["name"], key["expires"]) for key in keys))
    print_table(("topic",), ((topic,) for topic in topics))


class _NoLists:
    def get(self, list_id: str) -> CodeList | None:  # noqa: ARG002  # the port's signature
        return None


def _signer_problems(signers: Signers) -> list[str]:
    return [f"signers.{name}: {problem}" for name, found in signers.problems.items() for problem in found]


def _system_problems(settings: Settings, signers: Signers) -> list[str]:
    problems = []
    for name in settings.systems.configured():
        try:
            build_system(
                name,
                settings.systems,
                keys=signers.keys,
                code_lists=_NoLists(),
                now=SystemClock().now,
                monotonic=time.monotonic,
            )
        except BadSystem as bad:
            problems.append(str(bad))
    return problems
