"""What a reply and a dead letter say of a submission besides how it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.immutable import immutable

if TYPE_CHECKING:
    from datetime import datetime

    from contracts.submission_ref import SubmissionRef
    from worker.pipeline.job import Job
    from worker.pipeline.ports import Claimed
    from worker.transport.port import Answer


@immutable
class ReplyContext:
    """Which submission, how many attempts, the system's answer."""

    submission: SubmissionRef
    operation: str | None
    revision: int = 1
    attempts: int = 0
    first_attempt: datetime | None = None
    last_attempt: datetime | None = None
    answer: Answer | None = None
    evidence_id: str = ""

    @classmethod
    def of_job(cls, job: Job, ref: SubmissionRef) -> ReplyContext:
        """Return what is known of a submission that was delivered."""
        return cls(
            submission=ref,
            operation=job.submission.operation,
            revision=job.revision,
            attempts=job.tried,
            first_attempt=job.first_attempt,
            last_attempt=job.last_attempt,
            answer=job.answer,
            evidence_id=job.prepared.message_id if job.prepared else "",
        )

    @classmethod
    def of_claim(cls, claimed: Claimed, ref: SubmissionRef, operation: str | None) -> ReplyContext:
        """Return what the journal knows of a submission that is not delivered by this worker."""
        return cls(
            submission=ref,
            operation=operation,
            revision=claimed.revision,
            attempts=claimed.attempts,
            first_attempt=claimed.first_attempt,
            last_attempt=claimed.last_attempt,
        )
