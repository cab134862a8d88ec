"""What is wrong, or looks wrong, with who may publish where and sign for whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.registry import EVENT_TYPES
from worker.plain_pattern import PlainPattern
from worker.settings.problems import SettingProblem, path_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from worker.pipeline.authorisation_settings import AuthorisationSettings
    from worker.settings.document import Location
    from worker.settings.model import Settings

NONE_GIVEN = "authorisations: none are given, so every producer of a submissions topic can use every signer"
_NAMES = ("senders", "users", "clients")
"""Where a system's section names its signers."""


def wrong_authorisations(settings: Settings) -> list[SettingProblem]:
    """Check the names of systems and operations, which are the same in every installation, and the topics."""
    return [*_wrong_systems(settings), *_wrong_operations(settings), *_wrong_topics(settings)]


def _wrong_systems(settings: Settings) -> Iterator[SettingProblem]:
    known = type(settings.systems).known()
    message = f"this system does not exist; the systems are {', '.join(known)}"
    named: list[tuple[Location, str]] = [
        (("authorisations", at, "systems", place), system)
        for at, entry in enumerate(settings.authorisations)
        for place, system in enumerate(entry.systems or ())
    ]
    named += [
        (("submission_topics", at, "system"), one.system) for at, one in enumerate(settings.submission_topics)
    ]
    for location, system in named:
        if system not in known:
            yield SettingProblem(path_of(location), message)


def _wrong_operations(settings: Settings) -> Iterator[SettingProblem]:
    for at, entry in enumerate(settings.authorisations):
        names = {
            one.operation
            for one in EVENT_TYPES.values()
            if entry.systems is None or one.system in entry.systems
        }
        message = f"no operation has such a name; the operations are {', '.join(sorted(names))}"
        for place in _fitting_none(entry.operations, names):
            yield SettingProblem(path_of(("authorisations", at, "operations", place)), message)


def _wrong_topics(settings: Settings) -> Iterator[SettingProblem]:
    routings = {name: settings.routing_of(name) for name in settings.systems.configured()}
    read = {name: routing.submissions for name, routing in routings.items()}
    written = {topic for routing in routings.values() for topic in routing.written}
    seen: set[str] = set()
    for at, one in enumerate(settings.submission_topics):
        path = path_of(("submission_topics", at, "topic"))
        if one.topic in seen:
            yield SettingProblem(
                path, "this topic is named twice: each has one system and one list of sources"
            )
        if any(one.topic in topics for system, topics in read.items() if system != one.system):
            yield SettingProblem(path, "this is a submission topic of another system")
        if one.topic in written:
            yield SettingProblem(path, "this is a topic of replies or dead letters: Herald writes to it")
        seen.add(one.topic)


def doubtful_authorisations(settings: Settings) -> list[str]:
    """Return sentences about what a worker starts with, and an operator should look at."""
    if not settings.authorisations:
        return [NONE_GIVEN]
    told = []
    for at, entry in enumerate(settings.authorisations):
        served = [one for one in settings.systems.configured() if one in (entry.systems or (one,))]
        signers = {name for system in served for name in signers_of(settings, system)}
        topics = {topic for system in served for topic in settings.routing_of(system).submissions}
        told += _unused(at, entry, "signers", signers)
        told += _unused(at, entry, "topics", topics)
    return told + _never_allowed(settings)


def signers_of(settings: Settings, system: str) -> Collection[str]:
    """Return the names that events to this system may give as their signer."""
    section = settings.systems.of(system)
    named = (getattr(section, one, None) or () for one in _NAMES)
    return list(dict.fromkeys(name for names in named for name in names))


def _unused(at: int, entry: AuthorisationSettings, setting: str, names: Collection[str]) -> list[str]:
    patterns = getattr(entry, setting) or ()
    return [
        f"{path_of(('authorisations', at, setting, place))}: none of the {setting} of its systems has such a name"
        for place in _fitting_none(patterns, names)
    ]


def _never_allowed(settings: Settings) -> list[str]:
    """Tell of signers that no entry allows: their submissions are all refused."""
    return [
        f"systems.{system}: no entry of authorisations allows the signer {name}"
        for system in settings.systems.configured()
        for name in signers_of(settings, system)
        if not any(
            PlainPattern(text).fits(name)
            for entry in settings.authorisations
            if system in (entry.systems or (system,))
            for text in entry.signers
        )
    ]


def _fitting_none(patterns: Collection[str], names: Collection[str]) -> list[int]:
    return [place for place, text in enumerate(patterns) if not any(map(PlainPattern(text).fits, names))]
