"""Everything of a worker that is loaded again when its files change: signers, trusted certificates, passwords."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.immutable import immutable
from worker.reloading.contents import Contents
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
    from worker.reloading.reloadable import Reloadable
    from worker.settings.model import Settings
    from worker.signing.registry import Signers
    from worker.systems.port import System


@immutable
class FilesBefore:
    """All files that the settings name by their stamps, and what those of signers held."""

    stamps: Mapping[Path, Stamp]
    contents: Contents


def files_before(settings: Settings) -> FilesBefore:
    """Look at all files that the settings name: to be called before any of them is loaded."""
    sections = map(settings.systems.of, settings.systems.configured())
    named = (
        settings.signers,
        settings.signing,
        settings.receiver,
        settings.esb,
        settings.files,
        *sections,
    )
    stamps = stamps_of({path for section in named for path in paths_in(section)})
    return FilesBefore(stamps, Contents(paths_in(settings.signers)))


class ChangingFiles:
    """``before``: the files before they were loaded; ``ended`` is called with each reload's outcome.

    ``also``: what else is loaded again, besides the signers and what the systems name.
    """

    def __init__(
        self,
        settings: Settings,
        signers: Signers,
        systems: Sequence[System],
        clock: Clock,
        *,
        before: FilesBefore,
        ended: Callable[[ReloadOutcome], None],
        also: Sequence[Reloadable] = (),
    ) -> None:
        renewing = [one for one in systems if isinstance(one, Renews)]
        self._renewals = SignerRenewals(
            signers,
            settings.signers,
            contents=before.contents,
            prepare=[one.renewal for one in renewing],
            sleep=clock.sleep,
        )
        self.reloader = Reloader(
            [
                *self._renewals.anchors(settings.signing),
                *(one for system in renewing for one in system.reloadables()),
                *also,
            ],
            then=self._renewals.reloadables(),
            before=before.stamps,
            every=settings.signing.reload_seconds,
            sleep=clock.sleep,
            monotonic=clock.monotonic,
            ended=ended,
        )

    def start(self, tasks: EndlessTasks, stack: AsyncExitStack) -> None:
        """Look at the files from now on, and release what is left at the end."""
        stack.push_async_callback(self._renewals.close)
        tasks.start("changed files", self.reloader.run())
