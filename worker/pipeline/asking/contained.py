"""A system that answers later, whose defects are contained: what else its methods raise becomes a Defect."""

from __future__ import annotations

from contextlib import nullcontext
from functools import partial
from typing import TYPE_CHECKING

from worker.outcome import NotArrived, Outcome
from worker.pipeline.aside import Aside
from worker.pipeline.contained import contained, must_be
from worker.systems.port import NotPrepared, Prepared

if TYPE_CHECKING:
    from worker.outcome import Taken
    from worker.pipeline.hanging import RunningCalls
    from worker.submission import Submission
    from worker.systems.later import AnswersLater
    from worker.systems.port import Attempt
    from worker.transport.port import Answer


class ContainedLater:
    """Calls what asking needs of a system. Raises what the port declares, or Defect."""

    def __init__(self, system: AnswersLater, calls: RunningCalls | None = None) -> None:
        """Contain this system; ``calls`` follows its calls that may take long."""
        self._system = system
        self._aside = Aside()
        self._long = calls.one if calls else nullcontext

    async def prepare_ask(self, submission: Submission, attempt: Attempt, taken: Taken) -> Prepared:
        """Make the message that asks. Raises NotPrepared, Defect."""
        with self._long(), contained("prepare_ask", NotPrepared):
            return must_be(Prepared, await self._system.prepare_ask(submission, attempt, taken))

    async def interpret_ask(
        self, submission: Submission, taken: Taken, asked: Prepared, answer: Answer
    ) -> Outcome | NotArrived:
        """Read the answer. Raises Defect."""
        with contained("interpret_ask"):
            read = partial(self._system.interpret_ask, submission, taken, asked, answer)
            return must_be(Outcome | NotArrived, await self._aside.run(len(answer.body), read))

    async def prepare_acknowledgement(
        self, submission: Submission, attempt: Attempt, taken: Taken
    ) -> Prepared | None:
        """Make the message that acknowledges, where the system wants one. Raises NotPrepared, Defect."""
        with self._long(), contained("prepare_acknowledgement", NotPrepared):
            made = await self._system.prepare_acknowledgement(submission, attempt, taken)
            return must_be(Prepared | None, made)

    async def is_acknowledged(self, taken: Taken, sent: Prepared, answer: Answer) -> bool:
        """Read the answer to it. Raises Defect."""
        with contained("is_acknowledged"):
            read = partial(self._system.is_acknowledged, taken, sent, answer)
            return must_be(bool, await self._aside.run(len(answer.body), read))
