"""The fault programme: which request gets which fault, by rules matched in order and a seeded random generator.

Pure: `wire.py` carries the faults out on the connection.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

BODIES = ("own", "html", "empty")


class Kind(StrEnum):
    """The kinds of faults of a request."""

    DROP_BEFORE = "drop-before"
    """The connection is reset; nothing was processed."""
    DROP_AFTER = "drop-after"
    """Processed and registered; then the connection is reset without an answer."""
    HANG_BEFORE = "hang-before"
    """No answer for `seconds`, then a reset; nothing was processed."""
    HANG_AFTER = "hang-after"
    """Processed; no answer for `seconds`, then a reset."""
    DELAY = "delay"
    """Processed and answered after `seconds`, even if the client has gone by then."""
    STATUS = "status"
    """Not processed; answered with `status`, `headers` and a `body` in the system's own form, of html, or nothing."""
    STATUS_AFTER = "status-after"
    """Processed; then answered as by `status`, as a gateway does that has lost the answer."""
    GARBAGE = "garbage"
    """Processed; answered 200 with bytes that are neither XML nor JSON."""
    TRUNCATE = "truncate"
    """Processed; half the answer with the Content-Length of the complete one, then the connection ends."""
    WRONG_ANSWER = "wrong-answer"
    """Processed; answered as some other request would be."""
    OUTAGE = "outage"
    """For `seconds` no connection is accepted, the open ones are reset; this request is not processed."""
    EXPIRE_TOKENS = "expire-tokens"
    """Every token given so far ends; this request is then processed as usual (and gets 401)."""


_NEEDS_SECONDS = {Kind.DELAY, Kind.OUTAGE}
_ONCE = {Kind.OUTAGE, Kind.EXPIRE_TOKENS}
_FIELDS = {"kind", "match", "skip", "times", "probability", "seconds", "status", "headers", "body"}


class InvalidFault(ValueError):
    """A rule cannot be understood; the message says which, and what is wrong with it."""


@dataclass(slots=True)
class Rule:
    """One rule, and how often it was met. ``times`` None: no limit; ``seconds`` None: the kind's own."""

    kind: Kind
    match: Mapping[str, str] = field(default_factory=dict, repr=False)
    skip: int = 0
    times: int | None = None
    probability: float = 1.0
    seconds: float | None = None
    status: int = 500
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = "html"
    met: int = 0
    fired: int = 0

    def __post_init__(self) -> None:
        if self.times is None and self.kind in _ONCE:
            self.times = 1

    def fires(self, traits: Mapping[str, str | None], chance: random.Random) -> bool:
        """Whether the rule acts on a request with these traits; counts it."""
        if any(traits.get(name) != value for name, value in self.match.items()):
            return False
        self.met += 1
        if self.met <= self.skip or (self.times is not None and self.fired >= self.times):
            return False
        if self.probability < 1.0 and chance.random() >= self.probability:
            return False
        self.fired += 1
        return True


class FaultProgramme:
    """The rules in force; the first one that fires decides, the others do not count the request."""

    def __init__(self, traits: Sequence[str], seed: int = 0) -> None:
        self._traits = frozenset(traits)
        self._seed = seed
        self.clear()

    def clear(self) -> None:
        """Drop all rules; chance starts again from the seed."""
        self.rules: list[Rule] = []
        self._chance = random.Random(self._seed)  # noqa: S311 - repeatable by design

    def add(self, kind: Kind | str, **options: object) -> Rule:
        """Append one rule. Raises InvalidFault."""
        rule = rule_from({"kind": str(kind), **options}, self._traits)
        self.rules.append(rule)
        return rule

    def load(self, rules: Iterable[Mapping[str, Any]], *, append: bool = False) -> None:
        """Replace the rules, or append to them; all or nothing. Raises InvalidFault."""
        read = [rule_from(item, self._traits) for item in rules]
        if not append:
            self.clear()
        self.rules.extend(read)

    def next(self, traits: Mapping[str, str | None]) -> Rule | None:
        """Return the first rule that fires for a request with these traits, or None."""
        return next((rule for rule in self.rules if rule.fires(traits, self._chance)), None)

    def shown(self) -> list[dict[str, Any]]:
        """Return kinds and counts, ready for JSON; what a rule matches may name a patient and is left out."""
        return [{"kind": str(rule.kind), "met": rule.met, "fired": rule.fired} for rule in self.rules]


def rule_from(item: Mapping[str, Any], traits: AbstractSet[str]) -> Rule:
    """Read one rule from JSON that may match these traits. Raises InvalidFault with every problem in it."""
    problems = list(_problems(item, traits))
    if problems:
        raise InvalidFault("; ".join(problems))
    given = {name: value for name, value in item.items() if value is not None}
    return Rule(**{**given, "kind": Kind(item["kind"])})


def _problems(item: Mapping[str, Any], traits: AbstractSet[str]) -> Sequence[str]:
    kind = item.get("kind")
    problems = [f"unknown field {name!r}" for name in sorted(set(item) - _FIELDS)]
    if kind not in set(Kind):
        problems.append(f"kind must be one of {', '.join(Kind)}")
    match = item.get("match") or {}
    if not isinstance(match, Mapping) or not set(match) <= traits:
        problems.append(f"match takes {', '.join(sorted(traits))}")
    if not _texts(item.get("headers")):
        problems.append("headers must be an object of texts")
    if kind in _NEEDS_SECONDS and item.get("seconds") is None:
        problems.append(f"{kind} needs seconds")
    if item.get("body") not in (None, *BODIES):
        problems.append(f"body must be one of {', '.join(BODIES)}")
    return problems + [f"{name} must be {text}" for name, text, ok in _NUMBERS if not ok(item.get(name))]


def _texts(value: object) -> bool:
    return value is None or (isinstance(value, Mapping) and all(isinstance(v, str) for v in value.values()))


def _whole(value: object) -> bool:
    return value is None or (isinstance(value, int) and value >= 0)


def _seconds(value: object) -> bool:
    return value is None or (isinstance(value, int | float) and value >= 0)


def _share(value: object) -> bool:
    return value is None or (isinstance(value, int | float) and 0 <= value <= 1)


def _status(value: object) -> bool:
    return value is None or (isinstance(value, int) and 200 <= value <= 599)  # noqa: PLR2004 - HTTP's range


_NUMBERS = (
    ("skip", "a whole number", _whole),
    ("times", "a whole number", _whole),
    ("probability", "from 0 to 1", _share),
    ("seconds", "0 or more", _seconds),
    ("status", "from 200 to 599", _status),
)
