"""docs/sizing.md: it has the figures that the benchmark prints, and its examples follow from them."""

from __future__ import annotations

import re

import pytest

from tests.bench.sizing import DOCUMENTS, FIGURES
from tests.support.readme import ROOT
from worker.journal.inspection import CONNECTIONS_OF_A_WORKER
from worker.journal.settings import RetentionSettings
from worker.kafka.topic_plan import REPLICATION

TEXT = (ROOT / "docs" / "sizing.md").read_text(encoding="utf-8")
ROWS = {
    name: [float(cell.partition(" ")[0].replace(",", "")) for cell in cells.split(" | ")]
    for name, cells in re.findall(r"^\| [^|`]+ \| `([a-z_0-9]+)` \| (.+) \|$", TEXT, re.MULTILINE)
}
EXAMPLES = {
    name: [float(cell.replace(",", "")) for cell in cells]
    for name, *cells in re.findall(r"^\| ([^|]+) \| [^|]+ \| ([\d,.]+) \| ([\d,.]+) \|$", TEXT, re.MULTILINE)
}
DAYS = 5_000, 200_000
BUSIEST_HOUR, EXCHANGE_SECONDS = 0.2, 2
SUBMISSION_DAYS, REPLY_DAYS = 14, 30


def test_the_table_has_each_figure_of_the_benchmark_for_each_kind():
    assert tuple(ROWS) == FIGURES
    assert {len(medians) for medians in ROWS.values()} == {1 + len(DOCUMENTS)}


@pytest.mark.parametrize("at", [0, 1])
def test_the_examples_follow_from_the_figures_of_a_registration(at):
    cost = {name: medians[0] for name, medians in ROWS.items()}
    a_day, retention = DAYS[at], RetentionSettings()
    rate = a_day * BUSIEST_HOUR / 3600
    kept = a_day * (retention.identity_days - retention.evidence_days)
    wanted = {
        "submissions per second": rate,
        "CPU of all workers": rate * cost["worker_cpu_ms"] / 10,
        "CPU of PostgreSQL": rate * cost["postgresql_cpu_ms"] / 10,
        "exchanges in flight": rate * EXCHANGE_SECONDS,
        "journal with evidence": a_day * retention.evidence_days * cost["journal_bytes"] / 1e9,
        "journal after retention": kept * cost["journal_bytes_after_retention"] / 1e9,
        "write-ahead log": a_day * cost["write_ahead_log_bytes"] / 1e9,
        "Kafka": a_day
        * (cost["kafka_event_bytes"] * SUBMISSION_DAYS + cost["kafka_reply_bytes"] * REPLY_DAYS)
        * REPLICATION
        / 1e9,
    }
    assert EXAMPLES.keys() == wanted.keys()
    assert {name: EXAMPLES[name][at] for name in wanted} == pytest.approx(wanted, rel=0.05)


def test_the_numbers_of_settings_are_those_of_the_code():
    assert f"at most {CONNECTIONS_OF_A_WORKER} connections" in TEXT
