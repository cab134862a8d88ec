"""A system whose defects are contained: what its methods raise beyond what the port declares becomes a Defect."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import nullcontext
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from worker.event_loop import current_task
from worker.observability.traceback_places import places_of
from worker.outcome import Advanced, Blocked, NotArrived, Outcome, Retry, Taken
from worker.pipeline.aside import Aside
from worker.pipeline.rule import Rule
from worker.pipeline.shutdown import ends_task
from worker.systems.later import AnswersLater
from worker.systems.port import NotPrepared, Prepared, Refused
from worker.systems.steps import HasSteps, Step
from worker.transport.port import Answer, DeliveryError, SendRefused

if TYPE_CHECKING:
    from types import UnionType

    from worker.pipeline.hanging import RunningCalls
    from worker.submission import Submission
    from worker.systems.port import Attempt, System
    from worker.transport.port import SendGuard

log = logging.getLogger(__name__)
Kind = TypeVar("Kind")
_MOST_PLACES = 5
"""Places of a traceback that are logged, the innermost."""


class Defect(Exception):
    """A method of a system failed in a way that its port does not know; only the place and the type are reported."""

    def __init__(self, method: str, kind: str) -> None:
        super().__init__(f"a defect of Herald ({kind} in {method})")


class ContainedSystem:
    """Calls a system's methods as the life of a submission needs them. Raises what the port declares, or Defect."""

    def __init__(self, system: System, calls: RunningCalls | None = None) -> None:
        """Contain this system; ``calls`` follows its calls that may take long."""
        self._system = system
        self._steps = system if isinstance(system, HasSteps) else None
        self._aside = Aside()
        self._long = calls.one if calls else nullcontext

    def identity(self, submission: Submission) -> str:
        """Return the business identity. Raises Defect."""
        with contained("identity"):
            return must_be(str, self._system.identity(submission))

    def rule(self, submission: Submission, progress: Mapping[str, str]) -> Rule:
        """Return what holds for the submission's next request. Raises Defect."""
        if self._steps is None:
            with contained("recovery"):
                operation = self._system.operations[submission.type]
                return Rule(operation, self._system.recovery(submission), operation.looks_up)
        with contained("step"):
            step = must_be(Step, self._steps.step(submission, progress))
            return Rule(
                self._system.operations[submission.type],
                step.recovery,
                step.looks_up,
                step.name,
                step.settles_after,
            )

    async def check(self, submission: Submission) -> None:
        """Check what can be known before sending. Raises Refused, Defect."""
        with contained("check", Refused):
            await self._system.check(submission)

    async def prepare(self, submission: Submission, attempt: Attempt) -> Prepared:
        """Make the message. Raises Refused, NotPrepared, Defect."""
        with self._long(), contained("prepare", Refused, NotPrepared):
            return must_be(Prepared, await self._system.prepare(submission, attempt))

    async def exchange(self, prepared: Prepared, guard: SendGuard) -> Answer:
        """Send once. Raises DeliveryError, SendRefused, Defect: `guard` tells whether a byte may have left."""
        with self._long(), contained("exchange", DeliveryError, SendRefused):
            return must_be(Answer, await self._system.exchange(prepared, guard))

    async def interpret(self, submission: Submission, prepared: Prepared, answer: Answer) -> Outcome:
        """Read the answer. Raises Defect."""
        with contained("interpret"):
            read = partial(self._system.interpret, submission, prepared, answer)
            return self._answerable(must_be(Outcome, await self._aside.run(len(answer.body), read)))

    async def reauthorize(self, prepared: Prepared) -> None:
        """Drop the authorisation that this message used. Raises Defect."""
        with self._long(), contained("reauthorize"):
            await self._system.reauthorize(prepared)

    async def prepare_look_up(
        self, submission: Submission, attempt: Attempt, found: Outcome
    ) -> Prepared | None:
        """Make the look-up's query, where there is one. Raises Refused, NotPrepared, Defect."""
        with self._long(), contained("prepare_look_up", Refused, NotPrepared):
            return must_be(Prepared | None, await self._system.prepare_look_up(submission, attempt, found))

    async def settle(
        self, submission: Submission, found: Outcome, look_up: Prepared, answer: Answer
    ) -> Outcome | NotArrived:
        """Decide by the look-up's answer. Raises Defect."""
        with contained("settle"):
            read = partial(self._system.settle, submission, found, look_up, answer)
            outcome = must_be(Outcome | NotArrived, await self._aside.run(len(answer.body), read))
            return self._answerable(outcome)

    def _answerable(self, outcome: Kind) -> Kind:
        """Refuse what nothing can follow from: only a system that answers later takes, only one with steps advances."""
        if isinstance(outcome, Taken) and not isinstance(self._system, AnswersLater):
            raise TypeError
        if isinstance(outcome, Advanced) and (self._steps is None or not _texts(outcome.progress)):
            raise TypeError
        return outcome


class contained:  # noqa: N801 - used as a function
    """A context manager that makes a Defect of everything that the port does not declare.

    A class, as a generator would cost more than most of what runs in it.
    """

    __slots__ = ("_declared", "_method", "_task")

    def __init__(self, method: str, *declared: type[Exception]) -> None:
        self._method = method
        self._declared = declared

    def __enter__(self) -> None:
        self._task = current_task()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        if error is None:
            return
        if isinstance(error, self._declared):
            if isinstance(error, NotPrepared) and not isinstance(error.outcome, Retry | Blocked):
                raise defect_of(self._method, error) from None
        elif not ends_task(error, self._task):
            raise defect_of(self._method, error) from None


def defect_of(method: str, error: BaseException) -> Defect:
    """Return the defect that an exception shows, and log it by its type and places: its text may quote health data."""
    defect = Defect(method, type(error).__name__)
    places = [place.line for place in places_of(error.__traceback__)[-_MOST_PLACES:]]
    log.error("%s", defect, extra={"error": type(error).__name__, "detail": " > ".join(places)})
    return defect


def must_be(kind: type | UnionType, value: Kind) -> Kind:
    """Refuse what the port does not promise: nothing could follow from it."""
    if not isinstance(value, kind):
        raise TypeError
    return value


def _texts(progress: object) -> bool:
    """Whether this is what the journal can keep as a submission's progress."""
    return isinstance(progress, Mapping) and all(
        isinstance(name, str) and isinstance(text, str) for name, text in progress.items()
    )
