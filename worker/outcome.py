"""What one attempt at a national system came to: the closed set of types that `interpret` may return."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Any, TypeAlias

from contracts import replies
from contracts.immutable import immutable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contracts.reasons import Reason
    from worker.notice import Notice

StatedError: TypeAlias = replies.StatedError
"""One error as the national system stated it: the same from the reading of an answer to the reply."""


@immutable
class Accepted:
    """The system stated success; `data` is Herald's reading of its answer, for the reply.

    ``reference`` is what the system calls the submission where it may call Herald about it later (a status callback):
    the journal keeps it, so that what comes in is known to belong to this submission. ``notices`` are published besides
    the reply, each once: what the answer shows that is of interest to others than the sender.
    """

    data: Mapping[str, Any] = field(repr=False)
    reference: str | None = field(default=None, repr=False)
    notices: tuple[Notice, ...] = field(default=(), repr=False)


@immutable
class Rejected:
    """The system stated a refusal of its own: an answer, and final."""

    errors: tuple[StatedError, ...] = field(repr=False)


@immutable
class AlreadyExists:
    """The system says that it has this already, or that it may have a part of it.

    Must be confirmed by a look-up before it counts as success.
    """

    errors: tuple[StatedError, ...] = field(repr=False)
    reference: str | None = None


@immutable
class Retry:
    """The system certainly did not process the message; trying again is safe.

    ``delay`` is the least wait in seconds that the system asked for. ``reauthorize`` asks for a new token first.
    """

    reason: Reason
    detail: str
    delay: float | None = None
    reauthorize: bool = False


@immutable
class Unknown:
    """The message may or may not have been processed; the operation's recovery rule decides.

    ``delay`` is the least wait in seconds that the system asked for.
    """

    reason: Reason
    detail: str
    delay: float | None = None


@immutable
class Blocked:
    """The message was not processed and will not be before an operator acts.

    ``errors``: the system's own, where it stated why.
    """

    reason: Reason
    detail: str
    errors: tuple[StatedError, ...] = field(default=(), repr=False)


@immutable
class Taken:
    """The system took the submission and will have the answer later; only `AnswersLater` systems state this.

    ``call`` is all that asking needs (RegiX: call id and verification code): texts, which the journal keeps encrypted
    where it has keys. ``reference`` is what the system calls the submission, for operators and the interim event; it
    is no secret. ``ready`` is what a call of the system's own must carry to hasten asking (RegiX: the call id with its
    verification code, in one text); None where the system makes no such call. ``delay`` is the least time in seconds
    until asking, where the system states one.
    """

    call: Mapping[str, str] = field(repr=False)
    reference: str | None = None
    ready: str | None = field(default=None, repr=False)
    delay: float | None = None


@immutable
class Advanced:
    """The system did what one step of the submission asked for, and the next step follows (see `HasSteps`).

    ``progress`` is all that later steps need, in place of the earlier progress: texts, which the journal keeps
    encrypted where it has keys. ``delay`` is the least time in seconds before the next request: where the step is not
    done yet (a scan), the progress stays as it was, and the retry policy counts the wait.
    """

    progress: Mapping[str, str] = field(repr=False)
    delay: float | None = None


@immutable
class NotArrived:
    """What only a look-up can show: the system does not have it, so that sending it is safe.

    ``reason`` is that of the outcome which made the look-up necessary.
    """

    reason: Reason
    detail: str


Outcome: TypeAlias = Accepted | Advanced | Rejected | AlreadyExists | Taken | Retry | Unknown | Blocked
