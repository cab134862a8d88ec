"""What a process does with files, as a scrape shows it."""

from __future__ import annotations

from types import SimpleNamespace

from worker.files.collecting import Backlog
from worker.files.counts import FileCounts
from worker.measuring.files import FileReadings
from worker.observability.metrics import declared
from worker.observability.metrics.instruments import checked


def test_counts_and_what_is_left_to_delete():
    counts, collector = FileCounts(), SimpleNamespace(backlog=None)
    counts.transferred("save", 7, complete=True)
    counts.transferred("fetch", 5, complete=True)
    counts.transferred("fetch", 2, complete=False)
    counts.transferred("delete", 0, complete=False)
    told = {
        (metric.name, checked(metric, labels)): value
        for metric, labels, value in FileReadings(counts, collector)()
    }
    assert told["herald_files_total", ("save", "complete")] == 1
    assert told["herald_files_total", ("fetch", "broken")] == 1
    assert told["herald_files_total", ("delete", "broken")] == 1
    assert told["herald_file_bytes_total", ("fetch",)] == 7
    assert told["herald_files_total", ("upload", "complete")] == 0
    assert declared.FILES_TO_DELETE.name not in {name for name, _ in told}
    collector.backlog = Backlog(3, 60.0)
    assert (declared.FILES_TO_DELETE, (), 3) in list(FileReadings(counts, collector)())
