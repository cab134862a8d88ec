"""What a check finds: verdicts, and findings with the next step. Pure."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from enum import StrEnum
from typing import TypeAlias

from contracts.immutable import immutable


class Verdict(StrEnum):
    """How a check ended, the worst last."""

    OK = "ok"
    SKIPPED = "skipped"
    WARN = "warn"
    FAIL = "fail"


@immutable
class Finding:
    """One thing that a check found, with what was measured. ``subject``: which topic, signer or host it is about."""

    verdict: Verdict
    detail: str
    next_step: str | None = None
    subject: str | None = None


@immutable
class Result:
    """A finding with the stable id of its check."""

    id: str
    subject: str | None
    verdict: Verdict
    detail: str
    next_step: str | None


Find: TypeAlias = Callable[[], Awaitable[Iterable[Finding]]]


@immutable
class Check:
    """A check with its stable id. It knows nothing of the other checks."""

    id: str
    find: Find
    awaited: bool = False
    """Whether `--wait` waits for it: what it asks for may still be starting."""
    vital: bool = True
    """Whether no worker can work where it fails. If not, one signer or one system cannot."""


IF_TEST = "If this installation is a test one, add --test-installation."
"""The end of the next step where lost records would be no harm."""


class NotAsked(Exception):
    """A check could not be made; the text says why, as part of a sentence."""


def ok(detail: str, subject: str | None = None) -> Finding:
    """Say that all is well, with what was measured."""
    return Finding(Verdict.OK, detail, None, subject)


def warn(detail: str, next_step: str, subject: str | None = None) -> Finding:
    """Say what works and should be changed."""
    return Finding(Verdict.WARN, detail, next_step, subject)


def fail(detail: str, next_step: str, subject: str | None = None) -> Finding:
    """Say what does not work, or breaks a guarantee."""
    return Finding(Verdict.FAIL, detail, next_step, subject)


def skipped(detail: str, next_step: str | None = None, subject: str | None = None) -> Finding:
    """Say what could not be checked, and why."""
    return Finding(Verdict.SKIPPED, detail, next_step, subject)


def worst(results: Iterable[Result]) -> Verdict:
    """Return the worst verdict; that something was skipped makes nothing worse."""
    order = list(Verdict)
    told = (one.verdict for one in results if one.verdict is not Verdict.SKIPPED)
    return max(told, key=order.index, default=Verdict.OK)
