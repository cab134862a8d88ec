"""Rows as a table of Markdown, as docs/performance.md has them."""

from __future__ import annotations

from collections.abc import Sequence

from tests.bench.scaling.case import Row

HEADINGS = {
    "workers": "workers",
    "keys": "Kafka keys",
    "signers": "signers",
    "event_bytes": "bytes of the event",
    "latency_ms": "NHIS answers after, ms",
    "asked_per_s": "submissions per second",
    "p50_ms": "latency: p50, ms",
    "p99_ms": "p99, ms",
    "answer_bytes": "bytes of a search's answer",
    "finished": "finished submissions",
    "submissions": "submissions so far",
    "system": "system",
    "submission": "submission",
    "herald_ms": "CPU of the workers, ms",
    "plain_ms": "CPU of the plain worker, ms",
    "over_floor": "× floor",
    "per_s": "submissions per second",
    "postgres_ms": "CPU of PostgreSQL, ms",
    "rss_mb": "memory, MiB",
    "search_ms": "CPU of one search, ms",
    "registrations_p50_ms": "registrations meanwhile: p50, ms",
    "registrations_p99_ms": "p99, ms",
    "registrations_most_ms": "longest, ms",
    "fill_s": "seconds to fill",
    "disk_gb": "disk, GB",
    "cpu_s": "CPU until it is ready, s",
    "seconds": "seconds until it is ready",
}


def markdown(rows: Sequence[Row]) -> str:
    """Return the table; all rows have the figures of the first one."""
    names = list(rows[0])
    lines = [[HEADINGS[name] for name in names], ["---"] * len(names)]
    lines += [[_cell(row[name]) for name in names] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)
