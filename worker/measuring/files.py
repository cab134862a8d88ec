"""What this process does with files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.observability.metrics import declared
from worker.observability.metrics.labels import FileAct, FileOutcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from worker.files.collecting import FilesCollector
    from worker.files.counts import FileCounts
    from worker.observability.metrics.readings import Reading

_OUTCOMES = {True: FileOutcome.COMPLETE, False: FileOutcome.BROKEN}


class FileReadings:
    """Reads the counts and the collector."""

    def __init__(self, counts: FileCounts, collector: FilesCollector) -> None:
        self._counts = counts
        self._collector = collector

    def __call__(self) -> Iterator[Reading]:
        """Give the readings."""
        for act in FileAct:
            for complete, outcome in _OUTCOMES.items():
                yield declared.FILES, (act.value, outcome.value), self._counts.ended[act.value, complete]
            if act is not FileAct.DELETE:
                yield declared.FILE_BYTES, (act.value,), self._counts.bytes[act.value]
        if self._collector.backlog is not None:
            yield declared.FILES_TO_DELETE, (), self._collector.backlog.count
