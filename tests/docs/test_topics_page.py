"""docs/topics.md: its topics are those that `herald topics create` makes."""

from __future__ import annotations

import re
from dataclasses import replace

from tests.support.readme import ROOT
from worker.kafka.settings import KafkaSettings
from worker.kafka.topic_plan import PARTITIONS, REPLICATION, ROOM, wanted_topics
from worker.pipeline.routing import Routing

TEXT = (ROOT / "docs" / "topics.md").read_text(encoding="utf-8")
COLUMNS = ("submissions", "results", "errors", "notifications", "dead-letters")
NHIS = replace(Routing.of("h.", "nhis"), notifications="h.nhis.notifications")


def stated() -> dict[str, dict[str, str]]:
    """Return by setting, and by kind of topic, what the page's table says."""
    rows = re.findall(r"^\| `([a-z.]+)` \| (.*?) \| (.*?) \| (.*?) \| .+ \|$", TEXT, re.MULTILINE)
    return {
        name: {
            "submissions": taken,
            **dict.fromkeys(("results", "errors", "notifications"), replied),
            "dead-letters": dead,
        }
        for name, taken, replied, dead in rows
    }


def test_the_table_of_topics_is_what_the_command_makes():
    kafka = KafkaSettings.model_validate({"bootstrap_servers": "kafka:9092"})
    made = {spec.name.split(".")[-1]: spec.config for spec in wanted_topics(kafka, [NHIS])}
    sizes = {
        f"`kafka.max_event_bytes` + {ROOM // 1024} KiB": int(kafka.max_event_bytes) + ROOM,
        f"`kafka.max_event_bytes` + {2 * ROOM // 1024} KiB": int(kafka.max_event_bytes) + 2 * ROOM,
        f"`kafka.max_reply_bytes` + {ROOM // 1024} KiB": int(kafka.max_reply_bytes) + ROOM,
    }
    table = stated()
    assert set(table) == set().union(*made.values())
    for setting, by_kind in table.items():
        for kind in COLUMNS:
            told = by_kind[kind]
            value = sizes.get(told) or next(iter(re.findall(r"`([^`]+)`", told)), None)
            assert (setting, kind, made[kind].get(setting)) == (setting, kind, value and str(value))
    assert f"{PARTITIONS} partitions and {REPLICATION} replicas" in TEXT
