"""What a System has besides, where it may take a submission and have its answer later: how the answer is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from worker.outcome import NotArrived, Outcome, Taken
    from worker.submission import Submission
    from worker.systems.port import Attempt, Prepared
    from worker.transport.port import Answer


@runtime_checkable
class AnswersLater(Protocol):
    """Asking only reads: it may be repeated, by any worker, at any time. The engine keeps the times and the journal."""

    async def prepare_ask(self, submission: Submission, attempt: Attempt, taken: Taken) -> Prepared:
        """Make the message that asks for the answer. Raises NotPrepared with Retry or Blocked."""

    def interpret_ask(
        self, submission: Submission, taken: Taken, asked: Prepared, answer: Answer
    ) -> Outcome | NotArrived:
        """Read the answer: pure, total.

        Taken: it is not ready yet (what the new one carries replaces the old). Accepted and Rejected are final. Retry,
        Unknown and Blocked say nothing of the submission: it is asked for again, until its time is over. NotArrived:
        the system does not know the submission (any more), and never will have an answer.
        """

    async def prepare_acknowledgement(
        self, submission: Submission, attempt: Attempt, taken: Taken
    ) -> Prepared | None:
        """Make the message that tells the system that its answer is safe here; None where it wants none.

        It is sent only after Kafka acknowledged the reply, and repeated until `is_acknowledged`. Raises NotPrepared.
        """

    def is_acknowledged(self, taken: Taken, sent: Prepared, answer: Answer) -> bool:
        """Whether nothing is left to tell, by what the system answered to the acknowledgement: pure, total."""
