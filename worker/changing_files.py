"""Everything of a worker that is loaded again when its files change: signers, trusted certificates, passwords."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.reloading.files import paths_in, stamps_of
from worker.reloading.reloader import Reloader
from worker.signing.renewal import SignerRenewals
from worker.systems.reloads import Renews

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AsyncExitStack
    from pathlib import Path

    from worker.observability.metrics.labels import ReloadOutcome
    from worker.observability.tasks import EndlessTasks
    from worker.pipeline.ports import Clock
    from worker.reloading.files import Stamp
    from worker.settings.model import Settings
    from worker.signing.registry import Signers
    from worker.systems.port import System


def stamps_before(settings: Settings) -> Mapping[Path, Stamp]:
    """Return the stamps of all files that the settings name: to be called before any of them is loaded."""
    named = (settings.signers, settings.signing, *map(settings.systems.of, settings.systems.configured()))
    return stamps_of({path for section in named for path in paths_in(section)})


class ChangingFiles:
    """``before``: the stamps of the files before they were loaded; ``ended`` is called with each reload's outcome."""

    def __init__(
        self,
        settings: Settings,
        signers: Signers,
        systems: Sequence[System],
        clock: Clock,
        *,
        before: Mapping[Path, Stamp],
        ended: Callable[[ReloadOutcome], None],
    ) -> None:
        renewing = [one for one in systems if isinstance(one, Renews)]
        self._renewals = SignerRenewals(
            signers, settings.signers, prepare=[one.renewal for one in renewing], sleep=clock.sleep
        )
        self.reloader = Reloader(
            [
                *self._renewals.anchors(settings.signing),
                *(one for system in renewing for one in system.reloadables()),
            ],
            then=self._renewals.reloadables(),
            before=before,
            every=settings.signing.reload_seconds,
            sleep=clock.sleep,
            monotonic=clock.monotonic,
            ended=ended,
        )

    def start(self, tasks: EndlessTasks, stack: AsyncExitStack) -> None:
        """Look at the files from now on, and release what is left at the end."""
        stack.push_async_callback(self._renewals.close)
        tasks.start("changed files", self.reloader.run())
