"""What a System has besides, where one submission needs several requests: upload, scan, send.

Each step is durable before the next begins, and has a recovery rule of its own. A restart goes on at the step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from contracts.immutable import immutable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from worker.submission import Submission
    from worker.systems.port import Recovery


@immutable
class Step:
    """The request that comes next. ``name`` (kebab-case, no health data) is shown to operators and kept with attempts.

    ``recovery`` is the rule while the outcome of this step's request is unknown; ``looks_up`` says whether
    `System.prepare_look_up` has a query that may show it. ``settles_after``: for how many seconds the system may still
    work on a request whose answer was lost. Until then, a look-up that does not show the request proves nothing: it is
    made again, and nothing is sent.
    """

    name: str
    recovery: Recovery
    looks_up: bool = False
    settles_after: float = 0.0


@runtime_checkable
class HasSteps(Protocol):
    """The engine keeps the progress (see `Advanced`): each `Attempt` carries it to `prepare` and `prepare_look_up`."""

    def step(self, submission: Submission, progress: Mapping[str, str]) -> Step:
        """Return the step that follows from the progress; empty progress: the first. Pure and total.

        Only the last step may change what the national system holds in a way that counts (send): what earlier ones did
        is left behind where the submission then fails.
        """
