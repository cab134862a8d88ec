"""Looks at files at intervals, and loads again what has changed. A broken new file leaves the earlier one in use."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from worker.configuration_error import ConfigurationError
from worker.observability.health import HealthWarning, Kind
from worker.observability.metrics.labels import ReloadOutcome
from worker.reloading.files import Stamp, stamps_of
from worker.reloading.reloadable import NotReloaded

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from worker.reloading.reloadable import Reloadable

log = logging.getLogger(__name__)

RETRY_SECONDS = 60.0
"""After how long files are loaded again that have not changed since they were of no use."""


@dataclass(slots=True)
class _State:
    """``tried``: the stamps of the files that were loaded last. ``problem``: why they are of no use."""

    tried: tuple[Stamp, ...]
    problem: str | None = None
    retry: bool = True
    again: float = 0.0


class Reloader:
    """``before`` has the stamps of the files as they were before they were loaded for the first time.

    ``then`` is loaded after all others have been, because it is checked by them: a Secret may bring a certificate and
    the authority that issued it. ``every`` is in seconds; ``ended`` is called with the outcome of each reload.
    """

    def __init__(
        self,
        reloadables: Sequence[Reloadable],
        *,
        then: Sequence[Reloadable] = (),
        before: Mapping[Path, Stamp],
        every: float,
        sleep: Callable[[float], Awaitable[None]],
        monotonic: Callable[[], float],
        stamps: Callable[[Iterable[Path]], Mapping[Path, Stamp]] = stamps_of,
        ended: Callable[[ReloadOutcome], None] = lambda _: None,
    ) -> None:
        self._stages = (reloadables, then)
        self._reloadables = (*reloadables, *then)
        self._every = every
        self._sleep = sleep
        self._monotonic = monotonic
        self._stamps = stamps
        self._ended = ended
        self._states = {one.subject: _State(_of(one, before)) for one in self._reloadables}

    async def run(self) -> None:
        """Look at the files at intervals, until cancelled."""
        while True:
            await self._sleep(self._every)
            await self.look()

    async def look(self) -> None:
        """Load what has changed since it was loaded last."""
        paths = dict.fromkeys(chain.from_iterable(one.files for one in self._reloadables))
        now = await asyncio.to_thread(self._stamps, paths)
        for stage in self._stages:
            await asyncio.gather(*(self._look_at(one, _of(one, now)) for one in stage))

    def problems(self) -> Mapping[str, str | None]:
        """Return, by path in the settings, why the files' present content is not in use; None where it is."""
        return {subject: state.problem for subject, state in self._states.items()}

    def warnings(self) -> list[HealthWarning]:
        """Return one for each whose present content is of no use."""
        return [
            HealthWarning(
                Kind.NOT_RELOADED,
                one.system,
                f"{one.subject}: {problem}; what was loaded before stays in use",
                signer=one.signer,
            )
            for one in self._reloadables
            if (problem := self._states[one.subject].problem) is not None
        ]

    async def _look_at(self, one: Reloadable, stamps: tuple[Stamp, ...]) -> None:
        state = self._states[one.subject]
        due = state.problem is not None and state.retry and self._monotonic() >= state.again
        if stamps == state.tried and not due:
            return
        state.tried = stamps
        try:
            await one.reload()
        except ConfigurationError as bad:
            self._refuse(one, str(bad), retry=True)
        except NotReloaded as refused:
            self._refuse(one, str(refused), retry=refused.retry)
        except Exception as defect:  # noqa: BLE001 - the others' files must be looked at all the same
            self._refuse(one, f"it cannot be loaded ({type(defect).__name__})", retry=True)
        else:
            state.problem = None
            self._ended(ReloadOutcome.REPLACED)
            log.info("changed files are in use", extra={"setting": one.subject, "signer": one.signer})

    def _refuse(self, one: Reloadable, problem: str, *, retry: bool) -> None:
        state = self._states[one.subject]
        if problem != state.problem:
            told = {"setting": one.subject, "signer": one.signer, "detail": problem}
            log.error("changed files are of no use; what was loaded before stays in use", extra=told)
            self._ended(ReloadOutcome.REFUSED)
        state.problem, state.retry, state.again = problem, retry, self._monotonic() + RETRY_SECONDS


def _of(one: Reloadable, stamps: Mapping[Path, Stamp]) -> tuple[Stamp, ...]:
    return tuple(stamps.get(path) for path in one.files)
