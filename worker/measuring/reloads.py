"""Whether the files that the settings name are in use as they are now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.observability.metrics import declared

if TYPE_CHECKING:
    from collections.abc import Iterator

    from worker.observability.metrics.readings import Reading
    from worker.reloading.reloader import Reloader


class ReloadReadings:
    """Reads the reloader."""

    def __init__(self, reloader: Reloader) -> None:
        self._reloader = reloader

    def __call__(self) -> Iterator[Reading]:
        """Give one reading for each setting with files."""
        for subject, problem in self._reloader.problems().items():
            yield declared.RELOAD_FAILING, (subject,), problem is not None
